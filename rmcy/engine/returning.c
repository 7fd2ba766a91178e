/* SPDX-License-Identifier: MIT */
#include "returning.h"

#include <errno.h>
#include <stdlib.h>

bool rm_returning_is_over(int e)
{
    return e == -ECANCELED || e == -EINTR || e == -ENOMEM;
}

uint32_t rm_returning_failure(int e)
{
    switch (e) {
    case 0:
        return RMX_FAIL_NONE;
    case -ETIMEDOUT:
        return RMX_FAIL_TIMEOUT;
    case -EACCES:
    case -EPERM:
        return RMX_FAIL_PERMISSION;
    case -ECHILD:
        return RMX_FAIL_ENDED;
    case -EHOSTUNREACH:
        return RMX_FAIL_UNREACHABLE;
    case -EBADMSG: /* a wish that cannot be read is none */
        return RMX_FAIL_NO_WAY;
    default:
        return RMX_FAIL_SYSTEM;
    }
}

/* If this cannot be written, a recovery finds the item up, and leaves it alone. */
static void write_back(const struct rm_returning *r, uint32_t index)
{
    struct rm_entry entry = r->stopped->entries[index];
    void *data;
    size_t size;

    entry.kind = RM_ENTRY_BACK;
    entry.name = entry.exe = NULL;
    entry.wish = NULL;
    if (!r->journal || rm_entry_encode(&entry, &data, &size) < 0)
        return;
    (void)rm_host_journal_write(r->journal, data, size);
    free(data);
}

int rm_returning_report(const struct rm_returning *r, uint32_t index, const struct rm_returned *returned)
{
    if (returned->failure == RMX_FAIL_NONE || returned->failure == RMX_FAIL_NO_WAY)
        write_back(r, index);
    return r->done(r->context, index, returned);
}
