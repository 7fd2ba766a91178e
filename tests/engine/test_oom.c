/* SPDX-License-Identifier: MIT
 *
 * Memory runs out at each allocation in turn: the call says 14, changes
 * nothing and leaks nothing, and works when it is made again.
 */
#include "allocations.h"
#include "check.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

static WCHAR key[33];
static DWORD primary, secondary;
static RMX_LIST *list;
static RMX_SESSIONS *sessions;
static LPCWSTR files[] = {u"/none/a", u"/etc/passwd", u"/none/b"};
static RM_UNIQUE_PROCESS processes[] = {{.dwProcessId = 1}};
static LPCWSTR services[] = {u"none.service"};

static DWORD call_start(void)
{
    return RmStartSession(&primary, 0, key);
}

static DWORD call_join(void)
{
    return RmJoinSession(&secondary, key);
}

static DWORD call_register(void)
{
    return RmRegisterResources(primary, 3, files, 1, processes, 1, services);
}

static DWORD call_register_joined(void)
{
    return RmRegisterResources(secondary, 3, files, 1, processes, 1, services);
}

static DWORD call_list(void)
{
    return RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list);
}

static DWORD call_sessions(void)
{
    return RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions);
}

static DWORD call_leave(void)
{
    return RmEndSession(secondary);
}

static DWORD call_end(void)
{
    return RmEndSession(primary);
}

/* Fails the first allocation of the call, then the second, ... until there is none left to fail. */
static void survive(const char *name, DWORD (*call)(void), int least)
{
    int n = 0;

    printf("%s\n", name);
    fflush(stdout);
    for (;; n++) {
        DWORD code;

        until_failure = n;
        code = call();
        if (until_failure >= 0) { /* it was not reached */
            until_failure = -1;
            CHECK_EQUAL(code, ERROR_SUCCESS);
            break;
        }
        CHECK_EQUAL(code, ERROR_OUTOFMEMORY);
    }
    printf("%s: %d allocations failed\n", name, n);
    CHECK(n >= least);
}

int main(void)
{
    sandbox_enter("size=1m");
    survive("start", call_start, 3);
    survive("join", call_join, 2);
    survive("register", call_register, 2);
    survive("register, joined", call_register_joined, 1);
    survive("list", call_list, 2);
    /* Once each, however often it had to be tried: 2 files and 1 service of the primary's, and as many of the
     * secondary's. */
    CHECK_EQUAL(list->missing_count, 6);
    RmxFreeList(list);
    /* With a service manager that cannot be reached. */
    CHECK(mkdir("/run/systemd", 0755) == 0 && mkdir("/run/systemd/system", 0755) == 0);
    survive("list, services", call_list, 3);
    CHECK_EQUAL(list->missing_count, 4);
    CHECK_EQUAL(list->flags & RMX_LIST_COMPLETE, 0);
    RmxFreeList(list);
    survive("sessions", call_sessions, 1);
    CHECK_EQUAL(sessions->count, 1);
    CHECK_EQUAL(sessions->sessions[0].records, 1);
    RmxFreeSessions(sessions);
    survive("leave", call_leave, 0);
    survive("end", call_end, 0);
    return 0;
}
