/* SPDX-License-Identifier: MIT
 *
 * A session in a sandbox, programs that hold its file, and what the tests
 * of acting ask about them.
 */
#pragma once

#include "holder.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <limits.h>
#include <stdbool.h>

#define FILE_NAME "/run/held"
#define WIDE_FILE_NAME u"/run/held"

static DWORD session;
static WCHAR session_key[33];

static inline void hold(const char *path)
{
    CHECK(open(path, O_RDONLY) >= 0);
}

static inline void ignore_and_hold(const char *path)
{
    CHECK(signal(SIGTERM, SIG_IGN) != SIG_ERR);
    hold(path);
}

static inline void begin(void)
{
    LPCWSTR names[] = {WIDE_FILE_NAME};

    write_file(FILE_NAME, "x");
    CHECK_EQUAL(RmStartSession(&session, 0, session_key), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(session, 1, names, 0, NULL, 0, NULL), ERROR_SUCCESS);
}

static inline void end(void)
{
    CHECK_EQUAL(RmEndSession(session), ERROR_SUCCESS);
}

static inline bool is_alive(const struct holder *h)
{
    siginfo_t info = {0};

    CHECK(waitid(P_PID, (id_t)h->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0);
    return !info.si_pid;
}

static inline const RMX_ITEM *item_of(const RMX_ACCOUNT *account, pid_t pid)
{
    for (uint32_t i = 0; i < account->item_count; i++)
        if (account->items[i].process.dwProcessId == (DWORD)pid)
            return &account->items[i];
    return NULL;
}

/* Item that must be there. */
static inline const RMX_ITEM *the_item(const RMX_ACCOUNT *account, const struct holder *h)
{
    const RMX_ITEM *item = item_of(account, h->pid);

    CHECK(item);
    return item;
}

static inline RMX_SHUTDOWN how_to(DWORD flags)
{
    return (RMX_SHUTDOWN){.size = sizeof(RMX_SHUTDOWN),
                          .flags = flags,
                          .app_timeout_ms = RMX_TIMEOUT_DEFAULT,
                          .service_timeout_ms = RMX_TIMEOUT_DEFAULT};
}

static inline DWORD shut_down(DWORD flags, RMX_ACCOUNT **ret)
{
    RMX_SHUTDOWN how = how_to(flags);

    return RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, ret);
}

/* The status that a list gives for a process; 0: it is not listed. */
static inline ULONG listed_status(pid_t pid)
{
    ULONG status = 0;
    RMX_LIST *list;

    CHECK_EQUAL(RmxGetList(session, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    for (uint32_t i = 0; i < list->app_count; i++)
        if (list->rows[i].Process.dwProcessId == (DWORD)pid)
            status = list->rows[i].AppStatus;
    RmxFreeList(list);
    return status;
}

/* What a progress callback was told. */
struct told {
    uint32_t count, last, phase;
};

static inline void take_progress(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item)
{
    struct told *told = context;

    (void)item;
    CHECK(percent <= 100 && (told->count ? percent > told->last : percent == 0));
    told->count++;
    told->last = percent;
    told->phase = phase;
}
