/* SPDX-License-Identifier: MIT
 *
 * The functions of restartmanager_ext.h.  They check arguments, take a turn on
 * the session and turn -errno into codes.  Ours, where no source says what
 * Windows does: a NULL argument (160) is reported before a bad handle (6), a
 * bad handle before a wrong role (1219).
 */
#include "restartmanager_ext.h"

#include "batch.h"
#include "call.h"
#include "host.h"
#include "key.h"
#include "list.h"
#include "record.h"
#include "session.h"
#include "status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_LIMIT 255
#define PIECE 8192 /* files */

DWORD RmxGetInfo(const RMX_INFO **ret_info)
{
    static _Thread_local RMX_INFO info = {
        .size = sizeof info, .session_limit = 64, .backend = "engine", .version = RMCY_VERSION};

    if (!ret_info)
        return ERROR_BAD_ARGUMENTS;
    info.scanners = rm_host_scanners();
    info.scanner = rm_host_scanner();
    info.store = rm_host_store();
    *ret_info = &info;
    return ERROR_SUCCESS;
}

/* Gives the session a handle; without one it leaves the store again. */
static int publish(struct rm_session *session, const struct rm_wait *wait, DWORD *ret_handle)
{
    int e = rm_session_publish_take(session, ret_handle);

    if (e < 0) {
        if (session->slot && rm_host_slot_leave_take(session->slot, wait) < 0) {
            /* It could not be taken back in time; it goes with this process. */
        }
        rm_session_unref(session);
    }
    return e;
}

DWORD RmxStartSession(DWORD *ret_handle, DWORD flags, const char *label, ULONG timeout_ms, WCHAR ret_key[])
{
    struct rm_wait wait = rm_call_wait(flags, timeout_ms, RM_STORE_TIMEOUT_MS);
    bool private = flags & RMX_START_PRIVATE;
    WCHAR key[CCH_RM_SESSION_KEY + 1];
    struct rm_session *session = NULL;
    uint8_t hash[32];
    int e;

    if (!ret_handle || (!ret_key && !private) || !RM_KNOWN_FLAGS(flags, RMX_START_PRIVATE) ||
        (label && strlen(label) > LABEL_LIMIT))
        return ERROR_BAD_ARGUMENTS;

    e = rm_session_new(RM_PRIMARY, &session);
    if (e < 0)
        goto out;
    if (!private) {
        e = rm_key_make(key, hash);
        if (e >= 0)
            e = rm_host_slot_start(hash, label ? label : "", &wait, &session->slot);
        if (e < 0) {
            rm_session_unref(session);
            goto out;
        }
    }
    e = publish(session, &wait, ret_handle);
    if (e >= 0 && !private)
        memcpy(ret_key, key, sizeof key);
out:
    return rm_status_from_errno(e);
}

DWORD RmxJoinSession(DWORD *ret_handle, const WCHAR key[], DWORD flags, ULONG timeout_ms)
{
    struct rm_wait wait = rm_call_wait(flags, timeout_ms, RM_STORE_TIMEOUT_MS);
    struct rm_session *session = NULL;
    uint8_t hash[32];
    int e;

    if (!ret_handle || !key || !RM_KNOWN_FLAGS(flags, 0))
        return ERROR_BAD_ARGUMENTS;

    e = rm_key_hash(key, hash);
    if (e < 0)
        goto out;
    e = rm_session_new(RM_SECONDARY, &session);
    if (e < 0)
        goto out;
    e = rm_host_slot_join(hash, &wait, &session->slot);
    if (e < 0) {
        rm_session_unref(session);
        goto out;
    }
    e = publish(session, &wait, ret_handle);
out:
    return rm_status_from_errno(e);
}

DWORD RmxEndSession(DWORD handle, DWORD flags, ULONG timeout_ms)
{
    struct rm_wait wait = rm_call_wait(flags, timeout_ms, RM_STORE_TIMEOUT_MS);
    struct rm_session *session;
    int e;

    if (!RM_KNOWN_FLAGS(flags, 0))
        return ERROR_BAD_ARGUMENTS;
    e = rm_session_enter(handle, &wait, &session);
    if (e < 0)
        return rm_status_from_errno(e);

    if (session->slot)
        e = rm_host_slot_leave_take(session->slot, &wait);
    if (e != -ETIMEDOUT && e != -ECANCELED && e != -EINTR) {
        session->slot = NULL;
        rm_session_withdraw(handle, session);
    }
    rm_session_leave(session);
    return rm_status_from_errno(e);
}

/* A batch of a primary that is too large for one record, staged piece by piece: nothing of it is registered before all
 * of it has passed, and it is never in memory twice. */
static int stage(const struct rm_batch *batch, const struct rm_wait *wait, struct rm_record *record,
                 struct rm_resources *staged, UINT *ret_bad)
{
    for (size_t at = 0; at < batch->files; at += PIECE) {
        struct rm_batch piece = *batch;
        UINT bad = UINT32_MAX;
        int e;

        piece.file_names += at;
        piece.files = batch->files - at < PIECE ? batch->files - (UINT)at : PIECE;
        if (piece.file_state)
            piece.file_state += at;
        if (at)
            piece.processes = piece.services = 0;
        e = rm_batch_record(&piece, wait, record, &bad);
        if (e >= 0)
            e = rm_record_apply(record->data, record->size, staged);
        if (e < 0) {
            *ret_bad = bad == UINT32_MAX ? bad : (UINT)at + bad;
            return e;
        }
    }
    return 0;
}

static int add_staged(struct rm_session *session, struct rm_resources **staged)
{
    struct rm_resources *old = session->resources;

    if (!rm_resources_is_empty(old))
        return rm_resources_merge(old, *staged);
    rm_resources_trim(*staged);
    session->resources = *staged;
    *staged = old;
    return 0;
}

DWORD RmxRegisterResources(DWORD handle, UINT nFiles, LPCWSTR rgsFileNames[], UINT nApplications,
                           RM_UNIQUE_PROCESS rgApplications[], UINT nServices, LPCWSTR rgsServiceNames[],
                           DWORD flags, ULONG timeout_ms, BYTE *file_state, UINT *ret_bad)
{
    const struct rm_batch batch = {.files = nFiles,
                                   .processes = nApplications,
                                   .services = nServices,
                                   .file_names = rgsFileNames,
                                   .process_list = rgApplications,
                                   .service_names = rgsServiceNames,
                                   .flags = flags,
                                   .file_state = file_state};
    struct rm_wait wait = rm_call_wait(flags, timeout_ms, RM_LIST_TIMEOUT_MS);
    struct rm_record record = {0};
    struct rm_resources *staged = NULL;
    struct rm_session *session;
    UINT bad = UINT32_MAX;
    bool primary;
    int e;

    if (ret_bad)
        *ret_bad = UINT32_MAX;
    if ((nFiles && !rgsFileNames) || (nApplications && !rgApplications) || (nServices && !rgsServiceNames) ||
        !RM_KNOWN_FLAGS(flags, RMX_REGISTER_REFUSE_DIRECTORIES | RMX_REGISTER_SKIP_DIRECTORIES))
        return ERROR_BAD_ARGUMENTS;

    /* The handle is asked about first, so that a bad one costs no look at any file; the files are looked at outside
     * the turn, because that may take long. */
    e = rm_session_enter(handle, &wait, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    primary = session->role == RM_PRIMARY;
    rm_session_leave(session);

    if (primary && nFiles > PIECE) {
        e = rm_resources_new(&staged);
        if (e >= 0)
            e = stage(&batch, &wait, &record, staged, &bad);
    } else {
        e = rm_batch_record(&batch, &wait, &record, &bad);
    }
    if (e < 0 || (staged ? rm_resources_is_empty(staged) : rm_record_is_empty(&record)))
        goto out;
    e = rm_session_enter(handle, &wait, &session);
    if (e < 0)
        goto out;
    if (staged)
        e = add_staged(session, &staged);
    else if (primary)
        e = rm_record_apply(record.data, record.size, session->resources);
    else
        e = rm_host_slot_append(session->slot, record.data, record.size);
    rm_session_leave(session);
out:
    rm_record_done(&record);
    rm_resources_free(staged);
    if (ret_bad && e < 0)
        *ret_bad = bad;
    return rm_status_from_errno(e);
}

static int list(struct rm_session *session, DWORD flags, struct rm_wait *wait, RMX_LIST **ret_list)
{
    int e = rm_session_task_begin(session, wait);

    if (e >= 0) {
        e = rm_list_get(session, flags, wait, ret_list, NULL);
        rm_session_task_end(session);
    }
    return e;
}

DWORD RmxGetList(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_LIST **ret_list)
{
    struct rm_wait wait = rm_call_wait(flags, timeout_ms, RM_LIST_TIMEOUT_MS);
    struct rm_session *session;
    int e;

    if (!ret_list || !RM_KNOWN_FLAGS(flags, RMX_GET_MINE | RMX_GET_SKIP_SELF))
        return ERROR_BAD_ARGUMENTS;
    e = rm_session_enter_primary(handle, &wait, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    e = list(session, (flags & ~RMX_INTERRUPTIBLE) | RM_LIST_HISTORY, &wait, ret_list);
    rm_session_leave(session);
    /* For a list, a directory has a code of its own. */
    return e == -EISDIR ? ERROR_ACCESS_DENIED : rm_status_from_errno(e);
}

DWORD RmxGetSessions(DWORD flags, ULONG timeout_ms, RMX_SESSIONS **ret_sessions)
{
    struct rm_wait wait = rm_call_wait(flags, timeout_ms, RM_STORE_TIMEOUT_MS);

    if (!ret_sessions || !RM_KNOWN_FLAGS(flags, 0))
        return ERROR_BAD_ARGUMENTS;
    return rm_status_from_errno(rm_host_sessions(&wait, ret_sessions));
}

/* Both answers are one block of memory. */
void RmxFreeSessions(RMX_SESSIONS *sessions)
{
    free(sessions);
}

DWORD RmxGetLeftStopped(DWORD handle, UINT *ret_count)
{
    struct rm_wait wait = rm_call_wait(0, RMX_TIMEOUT_DEFAULT, RM_STORE_TIMEOUT_MS);
    struct rm_session *session;
    int e;

    if (!ret_count)
        return ERROR_BAD_ARGUMENTS;
    e = rm_session_enter(handle, &wait, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    if (session->role != RM_PRIMARY)
        e = -EKEYREJECTED;
    else
        *ret_count = session->slot ? rm_host_slot_left_stopped(session->slot) : 0;
    rm_session_leave(session);
    return rm_status_from_errno(e);
}

void RmxFreeList(RMX_LIST *list)
{
    free(list);
}

DWORD RmxGetProcess(DWORD pid, RM_UNIQUE_PROCESS *ret_process)
{
    if (!ret_process)
        return ERROR_BAD_ARGUMENTS;
    return rm_status_from_errno(rm_host_process(pid, ret_process));
}
