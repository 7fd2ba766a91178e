/* SPDX-License-Identifier: MIT
 *
 * restartmanager_ext.dll over the rstrtmgr.dll of the tests, with processes that
 * hold a file: who is listed and as what, what a stop and a restart account for.
 */
#include "acting_roles.h"
#include "restartmanager_ext.h"

static LPCWSTR paths[] = {path};
static DWORD session;

static const RMX_SHUTDOWN polite = {.size = sizeof polite,
                                    .flags = RMX_SHUTDOWN_SKIP_CRITICAL,
                                    .app_timeout_ms = RMX_TIMEOUT_DEFAULT,
                                    .service_timeout_ms = RMX_TIMEOUT_DEFAULT};

/* ---- the session ---- */

static void begin(void)
{
    WCHAR key[33];

    CHECK_EQUAL(RmxStartSession(&session, 0, "test", RMX_TIMEOUT_DEFAULT, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmxRegisterResources(session, 1, paths, 0, NULL, 0, NULL, 0, RMX_TIMEOUT_DEFAULT, NULL, NULL),
                ERROR_SUCCESS);
}

static void end(void)
{
    CHECK_EQUAL(RmxEndSession(session, 0, RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
}

static RMX_LIST *list(DWORD flags)
{
    RMX_LIST *answer;

    CHECK_EQUAL(RmxGetList(session, flags, RMX_TIMEOUT_DEFAULT, &answer), ERROR_SUCCESS);
    return answer;
}

static const RMX_ITEM *item_of(const RMX_ACCOUNT *account, DWORD pid)
{
    for (uint32_t i = 0; i < account->item_count; i++)
        if (account->items[i].process.dwProcessId == pid)
            return &account->items[i];
    CHECK(!"there is an item about it");
    return NULL;
}

static RMX_ACCOUNT *shut_down(const RMX_SHUTDOWN *how, DWORD code)
{
    RMX_ACCOUNT *account;

    CHECK_EQUAL(RmxShutdown(session, how, RMX_TIMEOUT_NONE, &account), code);
    CHECK(account && account->phase == RMX_PHASE_SHUTDOWN);
    return account;
}

static RMX_ACCOUNT *restart(DWORD code)
{
    RMX_ACCOUNT *account;

    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_NONE, &account), code);
    CHECK(account && account->phase == RMX_PHASE_RESTART);
    return account;
}

/* ---- listing ---- */

static void test_who_holds_it(void)
{
    struct child child = start("hold");
    RM_UNIQUE_PROCESS process;
    RMX_LIST *answer;

    begin();
    answer = list(0);
    CHECK_EQUAL(answer->app_count, 1);
    CHECK_EQUAL(RmxGetProcess(pid_of(&child), &process), ERROR_SUCCESS);
    CHECK(!memcmp(&answer->rows[0].Process, &process, sizeof process));
    CHECK(strstr(answer->apps[0].exe, "test_acting.exe"));
    CHECK(answer->apps[0].uid == RMX_NO_UID && !answer->apps[0].unit && answer->apps[0].cause == RMX_CAUSE_NONE);
    CHECK_EQUAL(answer->flags, RMX_LIST_COMPLETE);
    CHECK(answer->use_count == 0 && !strcmp(answer->scanner, "rstrtmgr"));
    RmxFreeList(answer);
    answer = list(RMX_GET_MINE);
    CHECK_EQUAL(answer->app_count, 1);
    RmxFreeList(answer);
    child_end(&child);
    answer = list(0);
    CHECK_EQUAL(answer->app_count, 0);
    RmxFreeList(answer);
    CHECK_EQUAL(RmxGetProcess(process.dwProcessId, &process), ERROR_FILE_NOT_FOUND);
    end();
}

static void test_the_caller_itself(void)
{
    HANDLE file = open_file();
    RMX_ACCOUNT *account;
    RMX_LIST *answer;

    begin();
    answer = list(0);
    CHECK(answer->app_count == 1 && answer->apps[0].cause == RMX_CAUSE_SELF);
    CHECK_EQUAL(answer->reboot_reasons, RmRebootReasonDetectedSelf);
    RmxFreeList(answer);
    answer = list(RMX_GET_SKIP_SELF);
    CHECK(answer->app_count == 0 && answer->reboot_reasons == 0);
    RmxFreeList(answer);
    account = shut_down(&polite, ERROR_FAIL_NOACTION_REBOOT);
    CHECK_EQUAL(item_of(account, GetCurrentProcessId())->cause, RMX_CAUSE_SELF);
    CHECK_EQUAL(account->reboot_reasons, RmRebootReasonDetectedSelf);
    RmxFreeAccount(account);
    CHECK(CloseHandle(file));
    end();
}

static void test_one_that_must_not_be_stopped_saves_all(void)
{
    HANDLE file = open_file();
    struct child child = start("hold");
    RMX_ACCOUNT *account;

    begin();
    CHECK_EQUAL(RmxPlan(session, 0, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK_EQUAL(item_of(account, pid_of(&child))->cause, RMX_CAUSE_NOTHING_DONE);
    RmxFreeAccount(account);
    account = shut_down(&polite, ERROR_FAIL_NOACTION_REBOOT);
    CHECK_EQUAL(item_of(account, pid_of(&child))->cause, RMX_CAUSE_NOTHING_DONE);
    CHECK_EQUAL(item_of(account, pid_of(&child))->action, RMX_ACTION_NONE);
    RmxFreeAccount(account);
    CHECK(CloseHandle(file));
    child_end(&child);
    end();
}

/* ---- stopping and bringing back ---- */

static void test_what_comes_back_and_what_does_not(void)
{
    struct child kept = start("registered"), lost = start("hold");
    const RMX_ITEM *item;
    RMX_ACCOUNT *account;
    HANDLE again;

    begin();
    CHECK_EQUAL(RmxPlan(session, 0, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK_EQUAL(account->item_count, 2);
    CHECK_EQUAL(item_of(account, pid_of(&kept))->back, RMX_BACK_REGISTERED);
    CHECK_EQUAL(item_of(account, pid_of(&lost))->back, RMX_BACK_NO);
    CHECK_EQUAL(item_of(account, pid_of(&lost))->action, RMX_ACTION_SIGNAL);
    RmxFreeAccount(account);

    account = shut_down(&polite, ERROR_SUCCESS);
    CHECK(has_ended(&kept) && has_ended(&lost));
    CHECK(item_of(account, pid_of(&kept))->status & RmStatusStopped);
    CHECK(item_of(account, pid_of(&lost))->status & RmStatusStopped);
    CHECK(!(item_of(account, pid_of(&lost))->status & RmStatusRunning));
    RmxFreeAccount(account);

    account = restart(ERROR_SUCCESS);
    item = item_of(account, pid_of(&kept));
    CHECK(item->status & RmStatusRestarted && item->flags & RMX_ITEM_VERIFIED && item->now.dwProcessId);
    again = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, item->now.dwProcessId);
    CHECK(again && TerminateProcess(again, 0) && WaitForSingleObject(again, INFINITE) == WAIT_OBJECT_0);
    CHECK(CloseHandle(again));
    item = item_of(account, pid_of(&lost));
    CHECK(item->failure == RMX_FAIL_NO_WAY && !(item->status & RmStatusRestarted));
    RmxFreeAccount(account);
    account = restart(ERROR_SUCCESS); /* once more: there is nothing to tell */
    CHECK_EQUAL(account->item_count, 0);
    RmxFreeAccount(account);
    child_close(&kept);
    child_close(&lost);
    end();
}

static void test_only_what_is_planned(void)
{
    struct child planned = start("hold"), newcomer;
    RMX_SHUTDOWN how = polite;
    DWORD filters = 1;
    RMX_ACCOUNT *plan, *account;

    begin();
    CHECK_EQUAL(RmxPlan(session, 0, RMX_TIMEOUT_DEFAULT, &plan), ERROR_SUCCESS);
    newcomer = start("hold");
    how.only = plan;
    account = shut_down(&how, ERROR_FAIL_SHUTDOWN);
    CHECK(has_ended(&planned) && !has_ended(&newcomer));
    CHECK_EQUAL(item_of(account, pid_of(&newcomer))->cause, RMX_CAUSE_NOT_PLANNED);
    CHECK_EQUAL(item_of(account, pid_of(&newcomer))->action, RMX_ACTION_NONE);
    CHECK_EQUAL(RmGetFilterList(session, NULL, 0, &filters), ERROR_SUCCESS);
    CHECK_EQUAL(filters, 0); /* there is no filter left */
    RmxFreeAccount(account);
    RmxFreeAccount(plan);
    child_close(&planned);
    child_end(&newcomer);
    end();
}

static void test_a_filter_of_the_callers_own_stays(void)
{
    struct child child = start("hold");
    RMX_ACCOUNT nothing = {.size = sizeof nothing}, *account;
    RMX_SHUTDOWN how = polite;
    RM_UNIQUE_PROCESS process;
    BYTE buffer[256];
    DWORD needed;

    begin();
    CHECK_EQUAL(RmxGetProcess(pid_of(&child), &process), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(session, NULL, &process, NULL, RmNoRestart), ERROR_SUCCESS);
    how.only = &nothing;
    account = shut_down(&how, ERROR_FAIL_SHUTDOWN);
    CHECK(!has_ended(&child));
    RmxFreeAccount(account);
    CHECK_EQUAL(RmGetFilterList(session, buffer, sizeof buffer, &needed), ERROR_SUCCESS);
    CHECK_EQUAL(((RM_FILTER_INFO *)(void *)buffer)->FilterAction, RmNoRestart);
    child_end(&child);
    end();
}

static void test_only_registered(void)
{
    struct child kept = start("registered"), lost = start("hold");
    RMX_SHUTDOWN how = polite;
    RMX_ACCOUNT *account;

    begin();
    how.flags |= RmShutdownOnlyRegistered;
    account = shut_down(&how, ERROR_FAIL_SHUTDOWN);
    CHECK(!has_ended(&kept) && !has_ended(&lost));
    CHECK_EQUAL(item_of(account, pid_of(&lost))->cause, RMX_CAUSE_NOT_REGISTERED);
    CHECK_EQUAL(item_of(account, pid_of(&kept))->cause, RMX_CAUSE_NOTHING_DONE);
    CHECK(item_of(account, pid_of(&lost))->failure == RMX_FAIL_NONE);
    RmxFreeAccount(account);
    child_end(&kept);
    child_end(&lost);
    end();
}

static DWORD WINAPI cancel_when_asked(void *child)
{
    child_expect(child, "asked");
    CHECK_EQUAL(RmCancelCurrentTask(session), ERROR_SUCCESS);
    return 0;
}

static void test_one_that_goes_on(void)
{
    struct child child = start("stubborn");
    RMX_ACCOUNT *account;
    HANDLE thread;

    begin();
    thread = CreateThread(NULL, 0, cancel_when_asked, &child, 0, NULL);
    CHECK(thread);
    account = shut_down(&polite, ERROR_CANCELLED);
    CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0 && CloseHandle(thread));
    CHECK(!has_ended(&child));
    CHECK_EQUAL(item_of(account, pid_of(&child))->failure, RMX_FAIL_TIMEOUT);
    CHECK(!(item_of(account, pid_of(&child))->status & RmStatusStopped));
    RmxFreeAccount(account);
    child_end(&child); /* later, by itself: a restart knows */
    account = restart(ERROR_SUCCESS);
    CHECK(account->item_count == 1 && account->items[0].status & RmStatusStopped);
    RmxFreeAccount(account);
    end();
}

static void test_what_is_left_stopped(void)
{
    struct child left = start("registered"), other;
    RMX_ACCOUNT *account;
    RMX_LIST *answer;

    begin();
    RmxFreeAccount(shut_down(&polite, ERROR_SUCCESS));
    CHECK_EQUAL(RmxLeaveStopped(session), ERROR_SUCCESS);
    account = restart(ERROR_REQUEST_OUT_OF_SEQUENCE);
    CHECK_EQUAL(account->item_count, 0);
    RmxFreeAccount(account);

    other = start("hold");
    account = shut_down(&polite, ERROR_SUCCESS);
    CHECK_EQUAL(account->item_count, 1);
    RmxFreeAccount(account);
    account = restart(ERROR_SUCCESS);
    CHECK_EQUAL(account->item_count, 1);
    RmxFreeAccount(account);
    child_close(&left);
    child_close(&other);
    end();
    begin();
    answer = list(0);
    CHECK_EQUAL(answer->app_count, 0); /* nothing has come back */
    RmxFreeList(answer);
    end();
}

static void test_what_is_refused(void)
{
    RMX_SHUTDOWN how = polite;
    RMX_ACCOUNT *account = (RMX_ACCOUNT *)&how;

    begin();
    how.app_timeout_ms = 1000;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_NONE, &account), ERROR_CALL_NOT_IMPLEMENTED);
    CHECK(!account);
    how = polite;
    how.flags |= 0x2;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_NONE, &account), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxShutdown(session, NULL, RMX_TIMEOUT_NONE, &account), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_NONE, &account), ERROR_REQUEST_OUT_OF_SEQUENCE);
    RmxFreeAccount(account);
    CHECK_EQUAL(RmxRestart(session + 77, NULL, NULL, RMX_TIMEOUT_NONE, &account), ERROR_INVALID_HANDLE);
    CHECK(!account);
    end();
}

int main(int count, char **arguments)
{
    if (count > 1)
        return play(arguments[1]);
    CHECK(CloseHandle(open_file()));
    RUN(test_who_holds_it);
    RUN(test_the_caller_itself);
    RUN(test_one_that_must_not_be_stopped_saves_all);
    RUN(test_what_comes_back_and_what_does_not);
    RUN(test_only_what_is_planned);
    RUN(test_a_filter_of_the_callers_own_stays);
    RUN(test_only_registered);
    RUN(test_one_that_goes_on);
    RUN(test_what_is_left_stopped);
    RUN(test_what_is_refused);
    return 0;
}
