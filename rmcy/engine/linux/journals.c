/* SPDX-License-Identifier: MIT */
#include "journals.h"

#include "entry.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int rm_journals_open(int store_fd, const char *name, int flags, struct rm_journal_found *ret)
{
    struct rm_stopped stopped = {0};
    struct rm_journal_reader reader = {.entry = rm_stopped_fold_bytes, .context = &stopped};
    struct rm_journal_found found = {0};
    int fd = rm_store_open_file(store_fd, name, flags, NULL), e;

    if (fd < 0)
        return fd;
    e = rm_journal_read(fd, &reader, &found.state);
    found.stopped = stopped.count;
    rm_stopped_done(&stopped);
    if (e < 0) {
        close(fd);
        return e;
    }
    found.fate = rm_journal_fate(&found.state);
    *ret = found;
    return fd;
}

bool rm_journals_is_none(int e)
{
    return e == -ENOENT || e == -EPERM || e == -EBADMSG || e == -EPROTO;
}

bool rm_journals_counts(const struct rm_journal_found *found)
{
    return found->fate != RM_JOURNAL_PAST && (found->stopped || found->fate != RM_JOURNAL_ABANDONED);
}

uint32_t rm_journals_sweep(int store_fd, const char *name)
{
    struct rm_journal_found found;
    int fd = rm_journals_open(store_fd, name, O_RDONLY, &found);

    if (fd < 0)
        return 0; /* what cannot be read is left */
    close(fd);
    if (!rm_journals_counts(&found))
        (void)unlinkat(store_fd, name, 0);
    return found.fate == RM_JOURNAL_ABANDONED ? found.stopped : 0;
}
