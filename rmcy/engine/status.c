/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <errno.h>

static const struct {
    int error;
    DWORD code;
} table[] = {
    {0, ERROR_SUCCESS},
    {ENOENT, ERROR_FILE_NOT_FOUND},
    {ESRCH, ERROR_FILE_NOT_FOUND},
    {EMFILE, ERROR_OUTOFMEMORY}, /* ours: the documented code for what there is not enough of */
    {ENFILE, ERROR_OUTOFMEMORY},
    {EBADF, ERROR_INVALID_HANDLE},
    {EOWNERDEAD, ERROR_INVALID_HANDLE}, /* ours: a secondary whose session has ended */
    {ENOMEM, ERROR_OUTOFMEMORY},
    {ENOSYS, ERROR_CALL_NOT_IMPLEMENTED},
    {ETIMEDOUT, ERROR_SEM_TIMEOUT},
    {EINVAL, ERROR_BAD_ARGUMENTS},
    {EILSEQ, ERROR_BAD_ARGUMENTS},
    {ENAMETOOLONG, ERROR_BAD_ARGUMENTS},
    {EISDIR, ERROR_DIRECTORY},
    {EUSERS, ERROR_MAX_SESSIONS_REACHED},
    {EKEYREJECTED, ERROR_SESSION_CREDENTIAL_CONFLICT},
    {ECANCELED, ERROR_CANCELLED},
    {EINTR, ERROR_RETRY},
};

DWORD rm_status_from_errno(int r)
{
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].error == -r)
            return table[i].code;
    /* What remains are failures of the store: ENOSPC, EIO, EROFS, EACCES, ... */
    return ERROR_WRITE_FAULT;
}

DWORD rm_status_from_outcome(enum rm_outcome outcome)
{
    static const DWORD codes[] = {
        [RM_ALL_DONE] = ERROR_SUCCESS,
        [RM_NOTHING_DONE] = ERROR_FAIL_NOACTION_REBOOT,
        [RM_NOT_ALL_STOPPED] = ERROR_FAIL_SHUTDOWN,
        [RM_NOT_ALL_BACK] = ERROR_FAIL_RESTART,
        [RM_OUT_OF_SEQUENCE] = ERROR_REQUEST_OUT_OF_SEQUENCE,
    };

    return codes[outcome];
}
