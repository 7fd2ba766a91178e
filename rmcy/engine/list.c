/* SPDX-License-Identifier: MIT */
#include "list.h"

#include "answer.h"
#include "host.h"
#include "ledger.h"
#include "record.h"

#include <errno.h>

static int apply(void *context, const void *data, size_t size)
{
    return rm_record_apply(data, size, context);
}

static int look_again(const struct rm_resources *resources, struct rm_names *names, const struct rm_wait *wait)
{
    uint32_t at;
    int e = 0;

    for (uint32_t n = 0; e >= 0 && n < rm_resources_odd_count(resources); n++)
        e = rm_names_add(names, rm_resources_path(resources, rm_resources_odd(resources, n)));
    return e < 0 ? e : rm_host_identify_all(names, true, wait, &at);
}

/* From the end, because a file that is settled leaves the list and the last one takes its place. */
static int settle(struct rm_resources *resources, bool *ret_directory, const struct rm_wait *wait)
{
    struct rm_names names = {0};
    bool directory = false;
    int e = look_again(resources, &names, wait);

    for (uint32_t n = rm_resources_odd_count(resources); e >= 0 && n-- > 0;) {
        struct rm_identity then = rm_resources_identity(resources, rm_resources_odd(resources, n));
        bool was_missing = then.flags & RM_ID_MISSING;

        /* What could not be looked at and is gone by now may still be held: it stays unknown. */
        if (names.ids[n].flags & RM_ID_MISSING && then.flags & RM_ID_DENIED && !was_missing)
            continue;
        /* While it cannot be looked at it is unknown, but that there was nothing to hold is not forgotten. */
        if (names.ids[n].flags & RM_ID_DENIED && was_missing)
            names.ids[n].flags |= RM_ID_MISSING;
        directory |= names.ids[n].flags & RM_ID_DIRECTORY;
        e = rm_resources_settle(resources, n, &names.ids[n]);
    }
    rm_names_done(&names);
    if (e >= 0)
        *ret_directory = directory;
    return e;
}

static int report_denied(const struct rm_resources *resources, struct rm_answer *answer)
{
    for (uint32_t n = 0; n < rm_resources_odd_count(resources); n++) {
        if (rm_resources_identity(resources, rm_resources_odd(resources, n)).flags & RM_ID_DENIED) {
            int e = rm_answer_add_skip(answer, RMX_SKIP_FILE, 0);

            if (e < 0)
                return e;
        }
    }
    return 0;
}

int rm_list_get(struct rm_session *session, DWORD flags, const struct rm_wait *wait, RMX_LIST **ret_list,
                struct rm_pin ***ret_pins)
{
    struct rm_resources *resources = session->resources;
    struct rm_scan scan = {.resources = resources, .flags = flags & ~RM_LIST_HISTORY, .wait = wait, .pin = ret_pins,
                           .critical = &session->critical};
    struct rm_answer *answer = NULL;
    uint64_t begin = rm_host_now();
    bool directory = false;
    int e = 0;

    if (session->slot)
        e = rm_host_slot_read(session->slot, apply, resources);
    if (e >= 0)
        e = settle(resources, &directory, wait);
    if (e >= 0)
        e = rm_answer_new(&answer);
    if (e < 0)
        return e;

    /* As on Windows, one directory makes every list of the session fail. */
    if (!directory) {
        struct rm_ledger *history = flags & RM_LIST_HISTORY ? session->ledger : NULL;

        rm_answer_set_filters(answer, &session->filters);
        if (history)
            rm_ledger_list_begin(history, answer);
        e = report_denied(resources, answer);
        if (e >= 0)
            e = rm_host_scan(&scan, answer);
        if (e >= 0 && history)
            e = rm_ledger_list_end(history, answer);
        if (e < 0) {
            rm_answer_free(answer);
            return e;
        }
    }
    e = rm_answer_finish_pinned_take(answer, resources, rm_host_now() - begin, rm_host_scanner(), ret_list, ret_pins);
    if (e < 0)
        return e;
    return directory ? -EISDIR : 0;
}
