/* SPDX-License-Identifier: MIT
 *
 * RmShutdown and programs: who is left alone, and why.
 */
#include "acting.h"

static void test_the_caller_itself(void)
{
    RMX_ACCOUNT *account;
    RMX_SHUTDOWN how = how_to(0);
    struct told told = {0};
    struct holder h;
    int own;

    begin();
    h = holder_start(hold, FILE_NAME);
    own = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
    CHECK(own >= 0);
    CHECK_EQUAL(RmShutdown(session, RmForceShutdown, NULL), ERROR_FAIL_NOACTION_REBOOT);
    CHECK(is_alive(&h));
    how.progress = take_progress;
    how.context = &told;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_FAIL_NOACTION_REBOOT);
    CHECK_EQUAL(item_of(account, getpid())->cause, RMX_CAUSE_SELF);
    CHECK_EQUAL(item_of(account, getpid())->type, RmCritical);
    CHECK_EQUAL(the_item(account, &h)->cause, RMX_CAUSE_NOTHING_DONE);
    CHECK_EQUAL(the_item(account, &h)->flags, RMX_ITEM_STILL_HOLDS);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusRunning);
    CHECK(account->reboot_reasons & RmRebootReasonDetectedSelf);
    CHECK_EQUAL(told.last, 100);
    RmxFreeAccount(account);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS); /* it is in its place after 350 as well */

    CHECK_EQUAL(shut_down(RMX_SHUTDOWN_SKIP_CRITICAL, &account), ERROR_SUCCESS);
    CHECK_EQUAL(item_of(account, getpid())->cause, RMX_CAUSE_SELF);
    CHECK_EQUAL(item_of(account, getpid())->flags, RMX_ITEM_STILL_HOLDS);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusStopped);
    CHECK(account->reboot_reasons & RmRebootReasonDetectedSelf);
    RmxFreeAccount(account);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    close(own);
    end();
}

static void test_a_critical_program(void)
{
    RMX_ACCOUNT *account;
    char path[PATH_MAX];
    WCHAR wide[PATH_MAX];
    struct holder h;
    ssize_t size = readlink("/proc/self/exe", path, sizeof path);

    CHECK(size > 0 && size < PATH_MAX);
    for (ssize_t i = 0; i <= size; i++)
        wide[i] = i < size ? (WCHAR)(unsigned char)path[i] : 0;
    begin();
    h = holder_start(hold, FILE_NAME);
    CHECK_EQUAL(RmxAddCritical(session, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxAddCritical(session, u""), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxAddCritical(session, wide), ERROR_SUCCESS);
    CHECK_EQUAL(shut_down(0, &account), ERROR_FAIL_NOACTION_REBOOT);
    CHECK_EQUAL(the_item(account, &h)->cause, RMX_CAUSE_CRITICAL);
    CHECK(account->reboot_reasons & RmRebootReasonCriticalProcess);
    RmxFreeAccount(account);
    CHECK(is_alive(&h));
    holder_stop(&h);
    end();
}

static uint32_t percents[2], percent_count;

static void count_percent(UINT percent)
{
    CHECK(percent_count < 2);
    percents[percent_count++] = percent;
}

/* As on Windows: with the caller alone, and a filter for it, the callback is called. */
static void test_a_masked_program(void)
{
    RM_UNIQUE_PROCESS self, process;
    RMX_ACCOUNT *account;
    struct holder h;
    int own;

    begin();
    own = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
    CHECK_EQUAL(RmxGetProcess((DWORD)getpid(), &self), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(session, NULL, &self, NULL, RmNoShutdown), ERROR_SUCCESS);
    CHECK_EQUAL(RmShutdown(session, 0, count_percent), ERROR_SUCCESS);
    CHECK(percent_count == 2 && percents[0] == 0 && percents[1] == 100);

    h = holder_start(hold, FILE_NAME);
    CHECK_EQUAL(RmxGetProcess((DWORD)h.pid, &process), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(session, NULL, &process, NULL, RmNoShutdown), ERROR_SUCCESS);
    CHECK_EQUAL(shut_down(0, &account), ERROR_SUCCESS);
    CHECK_EQUAL(the_item(account, &h)->cause, RMX_CAUSE_MASKED);
    CHECK_EQUAL(the_item(account, &h)->action, RMX_ACTION_NONE);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusRunning | RmStatusShutdownMasked);
    RmxFreeAccount(account);
    CHECK(is_alive(&h));
    CHECK_EQUAL(RmAddFilter(session, NULL, &process, NULL, RmNoRestart), ERROR_SUCCESS);
    CHECK_EQUAL(shut_down(0, &account), ERROR_SUCCESS);
    CHECK_EQUAL(the_item(account, &h)->back, RMX_BACK_MASKED);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusStopped | RmStatusRestartMasked);
    RmxFreeAccount(account);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    close(own);
    end();
}

static void test_only_registered(void)
{
    RM_UNIQUE_PROCESS process;
    RMX_ACCOUNT *account;
    struct holder h;

    begin();
    h = holder_start(hold, FILE_NAME);
    CHECK_EQUAL(shut_down(RmShutdownOnlyRegistered | RmForceShutdown, &account), ERROR_FAIL_SHUTDOWN); /* ours */
    CHECK_EQUAL(the_item(account, &h)->cause, RMX_CAUSE_NOT_REGISTERED);
    CHECK_EQUAL(the_item(account, &h)->action, RMX_ACTION_NONE);
    RmxFreeAccount(account);
    CHECK(is_alive(&h));

    /* That it stays closed has been decided. */
    CHECK_EQUAL(RmxGetProcess((DWORD)h.pid, &process), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(session, NULL, &process, NULL, RmNoRestart), ERROR_SUCCESS);
    CHECK_EQUAL(RmShutdown(session, RmShutdownOnlyRegistered, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    end();
}

static void test_a_plan_and_a_newcomer(void)
{
    RMX_ACCOUNT *plan, *account;
    RMX_SHUTDOWN how = how_to(0);
    struct holder planned, late;

    begin();
    planned = holder_start(hold, FILE_NAME);
    CHECK_EQUAL(RmxPlan(session, 0, RMX_TIMEOUT_DEFAULT, &plan), ERROR_SUCCESS);
    CHECK_EQUAL(plan->phase, RMX_PHASE_PLAN);
    CHECK_EQUAL(plan->item_count, 1);
    CHECK_EQUAL(the_item(plan, &planned)->action, RMX_ACTION_SIGNAL);
    CHECK_EQUAL(the_item(plan, &planned)->status, RmStatusRunning);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_REQUEST_OUT_OF_SEQUENCE); /* a plan does nothing */
    late = holder_start(hold, FILE_NAME);
    how.only = plan;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_FAIL_SHUTDOWN);
    CHECK_EQUAL(the_item(account, &planned)->status, RmStatusStopped);
    CHECK_EQUAL(the_item(account, &late)->cause, RMX_CAUSE_NOT_PLANNED);
    CHECK_EQUAL(the_item(account, &late)->flags, RMX_ITEM_STILL_HOLDS);
    RmxFreeAccount(account);
    CHECK_EQUAL(ended_by(&planned), SIGTERM);
    CHECK(is_alive(&late));

    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_FAIL_SHUTDOWN);
    CHECK(is_alive(&late));
    RmxFreeAccount(account);
    RmxFreeAccount(plan);
    holder_stop(&late);
    end();
}

static void test_another_users_program(void)
{
    RMX_ACCOUNT *account;
    struct holder h;

    if (geteuid())
        return; /* nobody else is there to be */
    begin();
    h = holder_start(hold, FILE_NAME);
    CHECK(chmod("/run", 0755) == 0);
    IN_A_PROCESS({
        LPCWSTR names[] = {WIDE_FILE_NAME};
        RM_UNIQUE_PROCESS process;
        DWORD own;

        CHECK_EQUAL(RmxGetProcess((DWORD)h.pid, &process), ERROR_SUCCESS);
        CHECK(setgid(65534) == 0 && setuid(65534) == 0);
        CHECK_EQUAL(RmxStartSession(&own, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
        CHECK_EQUAL(RmRegisterResources(own, 1, names, 1, &process, 0, NULL), ERROR_SUCCESS);
        session = own;
        CHECK_EQUAL(shut_down(RmForceShutdown, &account), ERROR_FAIL_NOACTION_REBOOT);
        CHECK_EQUAL(the_item(account, &h)->cause, RMX_CAUSE_PERMISSION);
        CHECK(account->reboot_reasons & RmRebootReasonPermissionDenied);
        RmxFreeAccount(account);
        CHECK_EQUAL(shut_down(RmForceShutdown | RMX_SHUTDOWN_SKIP_CRITICAL, &account), ERROR_SUCCESS);
        CHECK_EQUAL(the_item(account, &h)->cause, RMX_CAUSE_PERMISSION);
        RmxFreeAccount(account);
        CHECK_EQUAL(RmEndSession(own), ERROR_SUCCESS);
    });
    CHECK(is_alive(&h));
    holder_stop(&h);
    end();
}

int main(void)
{
    sandbox_enter("size=1m");
    RUN(test_the_caller_itself);
    RUN(test_a_critical_program);
    RUN(test_a_masked_program);
    RUN(test_only_registered);
    RUN(test_a_plan_and_a_newcomer);
    RUN(test_another_users_program);
    return 0;
}
