/* SPDX-License-Identifier: MIT */
#include "trampolines.h"

static struct rm_telling *volatile tellings[RM_TRAMPOLINES];

/* Strictly growing, whatever Windows says, and from whatever thread; the last one is kept for the end. */
static void tell(struct rm_telling *telling, LONG percent)
{
    LONG before = telling->percent;

    while (percent > before) {
        LONG found = InterlockedCompareExchange(&telling->percent, percent, before);

        if (found == before) {
            telling->report(telling->context, telling->phase, (uint32_t)percent, NULL);
            return;
        }
        before = found;
    }
}

static void told(int slot, UINT percent)
{
    struct rm_telling *telling = tellings[slot];

    if (telling)
        tell(telling, percent < 99 ? (LONG)percent : 99);
}

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define FUNCTION(n)                      \
    static void told_##n(UINT percent)   \
    {                                    \
        told(n, percent);                \
    }
EACH(FUNCTION)

#define ENTRY(n) told_##n,
static const RM_WRITE_STATUS_CALLBACK callbacks[RM_TRAMPOLINES] = {EACH(ENTRY)};

static void take_slot(struct rm_telling *telling)
{
    for (int slot = 0; slot < RM_TRAMPOLINES; slot++) {
        if (InterlockedCompareExchangePointer((void *volatile *)&tellings[slot], telling, NULL))
            continue;
        telling->slot = slot;
        telling->callback = callbacks[slot];
        return;
    }
}

void rm_telling_begin(struct rm_telling *telling, RMX_PROGRESS report, void *context, uint32_t phase)
{
    *telling = (struct rm_telling){.report = report, .context = context, .phase = phase};
    if (!report)
        return;
    take_slot(telling);
    report(context, phase, 0, NULL);
}

void rm_telling_end(struct rm_telling *telling, DWORD code)
{
    if (telling->callback)
        InterlockedExchangePointer((void *volatile *)&tellings[telling->slot], NULL);
    if (telling->report && (code == ERROR_SUCCESS || code == ERROR_FAIL_NOACTION_REBOOT ||
                            code == ERROR_FAIL_SHUTDOWN || code == ERROR_FAIL_RESTART))
        tell(telling, 100);
}
