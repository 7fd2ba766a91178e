/* SPDX-License-Identifier: MIT
 *
 * Starting, joining and ending.  Windows knows neither labels nor private
 * sessions: a label is ignored, and a private session is an ordinary one.
 */
#include "session.h"

#include <string.h>

#define LABEL_LIMIT 255

DWORD RmxStartSession(DWORD *ret_handle, DWORD flags, const char *label, ULONG timeout_ms, WCHAR ret_key[])
{
    /* Windows has been seen not to terminate what it writes. */
    WCHAR key[CCH_RM_SESSION_KEY + 1] = {0};
    DWORD handle, code;

    (void)timeout_ms;
    if (!ret_handle || (!ret_key && !(flags & RMX_START_PRIVATE)) || !RM_KNOWN_FLAGS(flags, RMX_START_PRIVATE) ||
        (label && strlen(label) > LABEL_LIMIT))
        return ERROR_BAD_ARGUMENTS;
    code = RmStartSession(&handle, 0, key);
    if (code == ERROR_SUCCESS) {
        key[CCH_RM_SESSION_KEY] = 0;
        rm_session_forget(handle);
        *ret_handle = handle;
        if (ret_key)
            memcpy(ret_key, key, sizeof key);
    }
    SecureZeroMemory(key, sizeof key);
    return code;
}

DWORD RmxJoinSession(DWORD *ret_handle, const WCHAR key[], DWORD flags, ULONG timeout_ms)
{
    DWORD handle, code;

    (void)timeout_ms;
    if (!ret_handle || !key || !RM_KNOWN_FLAGS(flags, 0))
        return ERROR_BAD_ARGUMENTS;
    code = RmJoinSession(&handle, key);
    if (code == ERROR_SUCCESS) {
        rm_session_forget(handle);
        *ret_handle = handle;
    }
    return code;
}

DWORD RmxEndSession(DWORD handle, DWORD flags, ULONG timeout_ms)
{
    struct rm_deadline deadline = rm_deadline_in(timeout_ms, RM_STORE_TIMEOUT_MS);
    struct rm_session *session;
    DWORD code;

    if (!RM_KNOWN_FLAGS(flags, 0))
        return ERROR_BAD_ARGUMENTS;
    code = rm_session_enter(handle, &deadline, &session);
    if (code != ERROR_SUCCESS)
        return code;
    code = RmEndSession(handle);
    if (code != ERROR_SEM_TIMEOUT)
        rm_session_withdraw(session);
    rm_session_leave(session);
    return code;
}

DWORD RmxGetLeftStopped(DWORD handle, UINT *ret_count)
{
    DWORD code;

    if (!ret_count)
        return ERROR_BAD_ARGUMENTS;
    code = rm_session_check_primary(handle);
    if (code == ERROR_SUCCESS)
        *ret_count = 0; /* Windows does not tell */
    return code;
}
