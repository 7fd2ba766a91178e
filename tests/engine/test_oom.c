/* SPDX-License-Identifier: MIT
 *
 * Memory runs out at each allocation in turn: the call says 14, changes
 * nothing and leaks nothing, and works when it is made again.
 */
#include "allocations.h"
#include "left_behind.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

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

static DWORD call_list_shared(void)
{
    DWORD code = call_list();

    if (code == ERROR_SUCCESS) {
        CHECK_EQUAL(list->missing_count, 6);
        RmxFreeList(list);
    }
    return code;
}

static DWORD call_plan(void)
{
    RMX_ACCOUNT *plan = NULL;
    DWORD code = RmxPlan(primary, 0, RMX_TIMEOUT_DEFAULT, &plan);

    RmxFreeAccount(plan);
    return code;
}

static DWORD call_shutdown(void)
{
    return RmShutdown(primary, 0, NULL);
}

static DWORD call_critical(void)
{
    return RmxAddCritical(primary, u"/etc/passwd");
}

static DWORD call_restart(void)
{
    return RmRestart(primary, 0, NULL);
}

/* Something is left stopped each time; one that stays so needs no more than the journal and the account. */
static DWORD call_recover(void)
{
    struct rm_entry entry = an_item(NULL, 4194304);
    long failing = until_failure;

    until_failure = -1;
    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    if (sessions->sessions[sessions->count - 1].state != RMX_SESSION_ABANDONED) {
        entry.back = RMX_BACK_MASKED;
        IN_A_PROCESS(write_entry(new_journal(), &entry));
    }
    RmxFreeSessions(sessions);
    until_failure = failing;
    return RmxRecover(0, NULL, NULL, RMX_TIMEOUT_DEFAULT, NULL);
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
static void fail_each(const char *name, DWORD (*call)(void), int least, bool may_do_without)
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
        if (code != ERROR_SUCCESS || !may_do_without)
            CHECK_EQUAL(code, ERROR_OUTOFMEMORY);
    }
    printf("%s: %d allocations failed\n", name, n);
    CHECK(n >= least);
}

static void survive(const char *name, DWORD (*call)(void), int least)
{
    fail_each(name, call, least, false);
}

/* One that ends when it is asked to, registered. */
static pid_t program_start(void)
{
    RM_UNIQUE_PROCESS process;
    pid_t pid;

    SPAWN(pid, prctl(PR_SET_PDEATHSIG, SIGKILL); for (;;) pause());
    CHECK_EQUAL(RmxGetProcess((DWORD)pid, &process), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(primary, 0, NULL, 1, &process, 0, NULL), ERROR_SUCCESS);
    return pid;
}

/* Scans are done by one worker alone: what cannot be had for a second one is done without. */
static void stay_on_one_processor(cpu_set_t *before)
{
    cpu_set_t one;

    CHECK(sched_getaffinity(0, sizeof *before, before) == 0);
    CPU_ZERO(&one);
    for (int n = 0; !CPU_COUNT(&one); n++)
        if (CPU_ISSET(n, before))
            CPU_SET(n, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
}

int main(void)
{
    cpu_set_t processors;
    pid_t program;

    stay_on_one_processor(&processors);

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
    if (CPU_COUNT(&processors) > 1) {
        CHECK(sched_setaffinity(0, sizeof processors, &processors) == 0);
        fail_each("list, shared", call_list_shared, 2, true);
        stay_on_one_processor(&processors);
    }
    /* With a service manager that cannot be reached. */
    CHECK(mkdir("/run/systemd", 0755) == 0 && mkdir("/run/systemd/system", 0755) == 0);
    survive("list, services", call_list, 3);
    CHECK_EQUAL(list->missing_count, 4);
    CHECK_EQUAL(list->flags & RMX_LIST_COMPLETE, 0);
    RmxFreeList(list);
    program = program_start();
    survive("critical", call_critical, 3);
    survive("plan", call_plan, 3);
    survive("shutdown", call_shutdown, 3);
    CHECK(waitpid(program, NULL, 0) == program); /* it was asked, whatever failed on the way */
    /* A note that cannot be written does not keep a program from coming back. */
    fail_each("restart", call_restart, 1, true);
    fail_each("recover", call_recover, 8, true);
    survive("sessions", call_sessions, 1);
    CHECK_EQUAL(sessions->count, 1);
    CHECK_EQUAL(sessions->sessions[0].records, 1);
    RmxFreeSessions(sessions);
    survive("leave", call_leave, 0);
    survive("end", call_end, 0);
    return 0;
}
