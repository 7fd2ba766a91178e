/* SPDX-License-Identifier: MIT
 *
 * The system keeps a pointer to the notice until it has spoken, and that may be
 * after the handle was closed: an unheard one is freed by whoever hears it.
 */
#include "notice.h"

#include "error.h"
#include "waiting.h"

#include <errno.h>
#include <stdlib.h>

struct rm_notice {
    SERVICE_NOTIFYW notify;
    bool spoken, left;
};

static void CALLBACK hear(void *parameter)
{
    struct rm_notice *notice = ((SERVICE_NOTIFYW *)parameter)->pContext;
    notice->spoken = true;
    if (notice->left)
        free(notice);
}

int rm_notice_new(SC_HANDLE service, DWORD states, struct rm_notice **ret)
{
    struct rm_notice *notice = calloc(1, sizeof(*notice));
    if (!notice)
        return -ENOMEM;
    notice->notify = (SERVICE_NOTIFYW){
        .dwVersion = SERVICE_NOTIFY_STATUS_CHANGE,
        .pfnNotifyCallback = hear,
        .pContext = notice,
    };
    DWORD error = NotifyServiceStatusChangeW(service, states, &notice->notify);
    if (error) {
        free(notice);
        return rm_error(error);
    }
    *ret = notice;
    return 0;
}

bool rm_notice_is_spoken(const struct rm_notice *notice)
{
    return notice->spoken;
}

void rm_notice_free(struct rm_notice *notice)
{
    if (!notice)
        return;
    if (notice->spoken)
        free(notice);
    else
        notice->left = true;
}

int rm_notices_wait(const struct rm_wait *wait, HANDLE handles[], DWORD count)
{
    bool cancellable = wait->cancel_fd != -1;
    if (cancellable)
        handles[count] = rm_handle_from_fd(wait->cancel_fd);
    DWORD ms = (DWORD)rm_wait_milliseconds(wait), n;
    if (count || cancellable)
        n = WaitForMultipleObjectsEx(count + cancellable, handles, FALSE, ms, TRUE);
    else
        n = SleepEx(ms, TRUE) ? WAIT_IO_COMPLETION : WAIT_TIMEOUT;
    if (n == WAIT_FAILED)
        return rm_last_error();
    if (n == WAIT_TIMEOUT)
        return -ETIMEDOUT;
    return cancellable && n == WAIT_OBJECT_0 + count ? -ECANCELED : 0;
}
