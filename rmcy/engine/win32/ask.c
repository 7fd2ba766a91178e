/* SPDX-License-Identifier: MIT
 *
 * How a program is asked to end (Microsoft's guidelines for applications):
 * WM_QUERYENDSESSION to its top-level windows; when none refuses,
 * WM_ENDSESSION, and WM_CLOSE for what is still there.  A program without
 * windows gets CTRL_C_EVENT.
 *
 * Ours: the system raises a console event by a thread in the process that runs
 * CtrlRoutine, and so do we: GenerateConsoleCtrlEvent would reach whoever
 * shares the console, the caller among them.  A process without a console,
 * handler or window ends by it too; one that ignores Ctrl-C goes on.
 */
#include "pinned.h"

#include "error.h"
#include "procref.h"

#include <errno.h>

/* Ours: so long may a window take to answer; Windows' own HungAppTimeout. */
#define ANSWER_MS 5000

struct windows {
    uint32_t pid, count;
    HWND at[64]; /* ours: so many are asked */
};

static BOOL CALLBACK gather(HWND window, LPARAM context)
{
    struct windows *w = (struct windows *)context;
    DWORD pid = 0;
    GetWindowThreadProcessId(window, &pid);
    if (pid == w->pid && w->count < sizeof(w->at) / sizeof(*w->at))
        w->at[w->count++] = window;
    return TRUE;
}

/* What does not answer in time has not refused, and not agreed either. */
static bool send_to(HWND window, UINT message, WPARAM first, DWORD_PTR *ret)
{
    return SendMessageTimeoutW(window, message, first, ENDSESSION_CLOSEAPP, SMTO_ABORTIFHUNG, ANSWER_MS, ret);
}

static void ask_windows(const struct windows *w)
{
    DWORD_PTR answer;
    bool agreed = true;
    uint32_t asked = 0;
    for (; asked < w->count && agreed; asked++)
        agreed = send_to(w->at[asked], WM_QUERYENDSESSION, 0, &answer) ? answer : !IsWindow(w->at[asked]);
    for (uint32_t i = 0; i < asked; i++)
        send_to(w->at[i], WM_ENDSESSION, agreed, &answer);
    for (uint32_t i = 0; agreed && i < w->count; i++)
        PostMessageW(w->at[i], WM_CLOSE, 0, 0);
}

static int ask_console(uint32_t pid)
{
    HANDLE process, thread;
    LPTHREAD_START_ROUTINE routine =
        (LPTHREAD_START_ROUTINE)(void *)GetProcAddress(GetModuleHandleW(L"kernelbase"), "CtrlRoutine");
    int r = routine ? 0 : -ENOSYS;
    if (r == 0)
        r = rm_process_open(pid,
                            PROCESS_CREATE_THREAD | PROCESS_VM_OPERATION | PROCESS_VM_READ | PROCESS_VM_WRITE |
                                PROCESS_QUERY_INFORMATION,
                            &process);
    if (r < 0)
        return r == -EACCES ? -EPERM : r;
    thread = CreateRemoteThread(process, NULL, 0, routine, (void *)(uintptr_t)CTRL_C_EVENT, 0, NULL);
    if (!thread)
        r = rm_process_ended(process) ? -ESRCH : rm_last_error();
    else
        CloseHandle(thread);
    CloseHandle(process);
    return r == -EACCES ? -EPERM : r;
}

int rm_ask_to_end(uint32_t pid)
{
    struct windows w = {.pid = pid};
    EnumWindows(gather, (LPARAM)&w);
    if (!w.count)
        return ask_console(pid);
    ask_windows(&w);
    return 0;
}
