/* SPDX-License-Identifier: MIT
 *
 * All sessions of this user, for people to look at.  Reading takes no lock: a
 * session that ends meanwhile is there or is not.
 */
#include "found.h"
#include "header.h"
#include "host.h"
#include "log.h"
#include "slot.h"

#include <errno.h>
#include <string.h>

struct look {
    const WCHAR *store;
    struct rm_found_list list;
};

struct count {
    const WCHAR *folder;
    RMX_SESSION *row;
};

static int count_record(void *context, const void *data, size_t size)
{
    (void)data, (void)size;
    ++*(uint64_t *)context;
    return 0;
}

static int count_log(void *context, const char *name)
{
    struct count *count = context;
    uint64_t offset = 0;
    HANDLE file;
    int e = rm_store_open_file(count->folder, name, GENERIC_READ, OPEN_EXISTING, &file);

    if (e < 0)
        return e == -ENOENT ? 0 : e; /* it has left */
    e = rm_log_read(file, &offset, count_record, &count->row->records);
    CloseHandle(file);
    count->row->secondaries++;
    return e;
}

static int add_session(void *context, const char *name)
{
    struct rm_found found = {.row = {.state = RMX_SESSION_UNREADABLE, .slot = RMX_NO_SLOT}};
    WCHAR folder[RM_STORE_PATH_SIZE];
    struct look *look = context;
    struct rm_header header;
    int e = rm_store_join(look->store, name, folder);

    if (e >= 0)
        e = rm_header_read(folder, &header);
    if (e == -ENOENT)
        return 0; /* it has ended */
    if (e >= 0) {
        struct count count = {.folder = folder, .row = &found.row};

        memcpy(found.label, header.label, sizeof found.label);
        found.row.slot = header.slot;
        found.row.owner_pid = header.owner_pid;
        found.row.owner_start = header.owner_start;
        found.row.started = header.started;
        found.row.state = rm_header_state(&header);
        e = rm_store_list(folder, RM_LOG_PREFIX, count_log, &count);
        if (e < 0)
            found.row.state = RMX_SESSION_UNREADABLE;
    }
    return e == -ENOMEM ? e : rm_found_add(&look->list, &found);
}

int rm_host_sessions(const struct rm_wait *wait, RMX_SESSIONS **ret)
{
    WCHAR store[RM_STORE_PATH_SIZE];
    struct look look = {.store = store};
    int e = rm_store_path(store);

    if (e >= 0)
        e = rm_store_list(store, RM_SLOT_PREFIX, add_session, &look);
    if (e >= 0)
        e = rm_wait_check(wait);
    if (e >= 0)
        e = rm_found_block(&look.list, ret);
    rm_found_done(&look.list);
    return e;
}
