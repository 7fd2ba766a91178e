/* SPDX-License-Identifier: MIT
 *
 * Windows' list, and what it does not say: which registered names are missing
 * or directories (of those that this process registered itself), which program
 * a process runs, and why it is critical.
 *
 * Ours: Windows' list counts as complete, unless a name of ours may not be
 * looked at.  A process that cannot be asked whose it is is not mine.
 */
#include "list.h"

#include "answer.h"
#include "processes.h"

#include <stdlib.h>

/* ---- what the names stand for now ---- */

static DWORD look_again(const struct rm_session *session, const struct rm_deadline *deadline, struct rm_answer *answer)
{
    UINT count;

    answer->missing = rm_names_each(&session->odd, &count);
    answer->directories = malloc(((size_t)session->odd.count + 1) * sizeof *answer->directories);
    if (!answer->missing || !answer->directories)
        return ERROR_OUTOFMEMORY;
    for (UINT i = 0; i < count; i++) {
        const WCHAR *name = answer->missing[i];

        if (!rm_deadline_left(deadline))
            return ERROR_SEM_TIMEOUT; /* this is no task of Windows' that the timer could cancel */
        switch (rm_file_state(name)) {
        case RMX_FILE_MISSING:
            answer->missing[answer->missing_count++] = name;
            break;
        case RMX_FILE_DIRECTORY:
            answer->directories[answer->directory_count++] = name;
            break;
        case RMX_FILE_DENIED:
            answer->denied_count++;
            break;
        default:
            break;
        }
    }
    return ERROR_SUCCESS;
}

/* ---- which rows, and what is known of them ---- */

/* The reasons are about the whole list.  Ours: where there are several, whoever may not end it is told so. */
static uint32_t cause_of(const RM_PROCESS_INFO *row, DWORD reasons)
{
    if (row->ApplicationType != RmCritical)
        return RMX_CAUSE_NONE;
    if (rm_process_is_self(&row->Process))
        return RMX_CAUSE_SELF;
    if (!(reasons & (RmRebootReasonCriticalProcess | RmRebootReasonCriticalService)))
        return RMX_CAUSE_PERMISSION;
    if (!(reasons & (RmRebootReasonPermissionDenied | RmRebootReasonSessionMismatch)))
        return RMX_CAUSE_CRITICAL;
    return rm_process_may_be_ended(&row->Process) ? RMX_CAUSE_CRITICAL : RMX_CAUSE_PERMISSION;
}

/* Does the row belong to the answer?  If so, what is known of it is in *extra. */
static bool look_at(const RM_PROCESS_INFO *row, DWORD reasons, DWORD flags, struct rm_extra *extra)
{
    HANDLE process;
    bool wanted;

    if (flags & RMX_GET_SKIP_SELF && rm_process_is_self(&row->Process))
        return false;
    process = rm_process_open(&row->Process);
    wanted = !(flags & RMX_GET_MINE) || (process && rm_process_is_mine(process));
    if (wanted) {
        extra->exe = process ? rm_process_exe(process) : NULL;
        extra->cause = cause_of(row, reasons);
    }
    if (process)
        CloseHandle(process);
    return wanted;
}

/* Ours: a reason that none of the rows left can be behind goes with those that were left out. */
static DWORD reasons_left(const struct rm_answer *answer)
{
    DWORD reasons = answer->rows.reboot_reasons, kept = answer->rows.count ? RmRebootReasonSessionMismatch : 0;

    for (UINT i = 0; i < answer->rows.count; i++)
        if (answer->extras[i].cause == RMX_CAUSE_SELF)
            kept |= RmRebootReasonDetectedSelf;
        else if (answer->extras[i].cause)
            kept |= ~(DWORD)RmRebootReasonDetectedSelf;
    return reasons & kept;
}

static DWORD choose(struct rm_answer *answer, DWORD flags)
{
    struct rm_rows *rows = &answer->rows;
    UINT count = rows->count, kept = 0;

    answer->extras = calloc((size_t)count + 1, sizeof *answer->extras);
    if (!answer->extras)
        return ERROR_OUTOFMEMORY;
    for (UINT i = 0; i < count; i++)
        if (look_at(&rows->at[i], rows->reboot_reasons, flags, &answer->extras[kept]))
            rows->at[kept++] = rows->at[i];
    rows->count = kept;
    if (kept < count)
        rows->reboot_reasons = reasons_left(answer);
    return ERROR_SUCCESS;
}

/* ---- the whole ---- */

static uint64_t now(void)
{
    LARGE_INTEGER ticks, frequency;

    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&frequency);
    return (uint64_t)((double)ticks.QuadPart / (double)frequency.QuadPart * 1e9);
}

DWORD rm_list_get(struct rm_session *session, DWORD flags, const struct rm_deadline *deadline, RMX_LIST **ret)
{
    struct rm_answer answer = {0};
    uint64_t begin = now();
    DWORD code = look_again(session, deadline, &answer), made = ERROR_SUCCESS;

    if (code == ERROR_SUCCESS)
        code = rm_rows_get(session->handle, deadline, &answer.rows);
    if (code == ERROR_SUCCESS)
        made = choose(&answer, flags);
    else if (code == ERROR_ACCESS_DENIED)
        answer.missing_count = 0; /* it names the directories and nothing else */
    else
        made = code;
    if (made == ERROR_SUCCESS) {
        RMX_LIST *list = rm_answer_block(&answer, now() - begin);

        if (list)
            *ret = list;
        else
            made = ERROR_OUTOFMEMORY;
    }
    rm_answer_done(&answer);
    return made == ERROR_SUCCESS ? code : made;
}

DWORD RmxGetList(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_LIST **ret_list)
{
    struct rm_deadline deadline = rm_deadline_in(timeout_ms, RM_LIST_TIMEOUT_MS);
    struct rm_session *session;
    DWORD code;

    if (!ret_list || !RM_KNOWN_FLAGS(flags, RMX_GET_MINE | RMX_GET_SKIP_SELF))
        return ERROR_BAD_ARGUMENTS;
    code = rm_session_enter(handle, &deadline, &session);
    if (code != ERROR_SUCCESS)
        return code;
    code = rm_deadline_begin(&deadline, handle);
    if (code == ERROR_SUCCESS)
        code = rm_deadline_end(&deadline, rm_list_get(session, flags, &deadline, ret_list));
    rm_session_leave(session);
    return code;
}

/* One block of memory. */
void RmxFreeList(RMX_LIST *list)
{
    free(list);
}
