/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stddef.h>

static void tell(struct rm_progress *progress, uint32_t percent, const RMX_ITEM *item)
{
    progress->percent = percent;
    if (progress->report)
        progress->report(progress->context, progress->phase, percent, item);
}

struct rm_progress rm_progress_begin(RMX_PROGRESS report, void *context, uint32_t phase)
{
    struct rm_progress progress = {.report = report, .context = context, .phase = phase};

    tell(&progress, 0, NULL);
    return progress;
}

void rm_progress_step(struct rm_progress *progress, const RMX_ITEM *item)
{
    uint64_t percent = 99;

    progress->done++;
    if (progress->done < progress->total)
        percent = (uint64_t)progress->done * 100 / progress->total;
    if (percent > 99)
        percent = 99;
    if (percent > progress->percent)
        tell(progress, (uint32_t)percent, item);
}

void rm_progress_end(struct rm_progress *progress)
{
    tell(progress, 100, NULL);
}
