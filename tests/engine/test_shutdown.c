/* SPDX-License-Identifier: MIT
 *
 * RmShutdown and programs: who is stopped and how, and what the caller is told.
 */
#include "acting.h"

static void test_nobody_is_affected(void)
{
    struct told told = {0};
    RMX_SHUTDOWN how = how_to(0);
    RMX_ACCOUNT *account;

    begin();
    how.progress = take_progress;
    how.context = &told;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK_EQUAL(account->item_count, 0);
    CHECK_EQUAL(account->phase, RMX_PHASE_SHUTDOWN);
    CHECK(told.count == 2 && told.last == 100);
    RmxFreeAccount(account);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    end();
}

static void test_programs_are_asked_to_end(void)
{
    struct told told = {0};
    RMX_SHUTDOWN how = how_to(0);
    RMX_ACCOUNT *account;
    struct holder a, b, other = holder_start(hold, "/proc/version");

    begin();
    a = holder_start(hold, FILE_NAME);
    b = holder_start(hold, FILE_NAME);
    how.progress = take_progress;
    how.context = &told;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK_EQUAL(account->item_count, 2);
    CHECK_EQUAL(the_item(account, &a)->action, RMX_ACTION_SIGNAL);
    CHECK_EQUAL(the_item(account, &a)->status, RmStatusStopped);
    CHECK_EQUAL(the_item(account, &b)->status, RmStatusStopped);
    CHECK_EQUAL(the_item(account, &b)->back, RMX_BACK_NO);
    CHECK_EQUAL(account->process_count, 2);
    CHECK(told.count == 4 && told.last == 100 && told.phase == RMX_PHASE_SHUTDOWN);
    RmxFreeAccount(account);

    CHECK_EQUAL(listed_status(a.pid), RmStatusStopped);
    CHECK_EQUAL(ended_by(&a), SIGTERM);
    CHECK_EQUAL(ended_by(&b), SIGTERM);
    CHECK_EQUAL(listed_status(b.pid), RmStatusStopped);
    CHECK(is_alive(&other)); /* it holds nothing of ours */
    holder_stop(&other);
    end();
}

static void test_who_is_stopped_is_continued_to_end(void)
{
    struct holder h;
    siginfo_t info;

    begin();
    h = holder_start(hold, FILE_NAME);
    CHECK(kill(h.pid, SIGSTOP) == 0);
    CHECK(waitid(P_PID, (id_t)h.pid, &info, WSTOPPED | WNOWAIT) == 0);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    end();
}

/* A zombie holds nothing; as a registered process it has ended. */
static void test_a_zombie_is_no_hindrance(void)
{
    RM_UNIQUE_PROCESS process;
    RMX_ACCOUNT *account;
    struct holder h;
    siginfo_t info;

    begin();
    h = holder_start(hold, FILE_NAME);
    CHECK_EQUAL(RmxGetProcess((DWORD)h.pid, &process), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(session, 0, NULL, 1, &process, 0, NULL), ERROR_SUCCESS);
    CHECK(kill(h.pid, SIGKILL) == 0 && waitid(P_PID, (id_t)h.pid, &info, WEXITED | WNOWAIT) == 0);
    CHECK_EQUAL(shut_down(0, &account), ERROR_SUCCESS);
    CHECK_EQUAL(account->item_count, 0);
    RmxFreeAccount(account);
    CHECK_EQUAL(ended_by(&h), SIGKILL);
    end();
}

static void test_who_ignores_it_lives_without_force(void)
{
    RMX_SHUTDOWN how = how_to(0);
    RMX_ACCOUNT *account;
    struct holder deaf, good;

    begin();
    deaf = holder_start(ignore_and_hold, FILE_NAME);
    good = holder_start(hold, FILE_NAME);
    how.app_timeout_ms = 1;
    do { /* until the other one has been quick enough */
        CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_FAIL_SHUTDOWN);
        CHECK_EQUAL(the_item(account, &deaf)->status, RmStatusRunning | RmStatusErrorOnStop);
        CHECK_EQUAL(the_item(account, &deaf)->failure, RMX_FAIL_TIMEOUT);
        CHECK_EQUAL(the_item(account, &deaf)->flags, RMX_ITEM_STILL_HOLDS);
        bool again = is_alive(&good);
        RmxFreeAccount(account);
        if (!again)
            break;
    } while (true);
    CHECK_EQUAL(ended_by(&good), SIGTERM);
    CHECK(is_alive(&deaf));
    CHECK_EQUAL(listed_status(deaf.pid), RmStatusRunning | RmStatusErrorOnStop);

    how.flags = RmForceShutdown;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK_EQUAL(the_item(account, &deaf)->flags, RMX_ITEM_FORCED);
    CHECK_EQUAL(the_item(account, &deaf)->status, RmStatusStopped | RmStatusErrorOnStop); /* as it came to be */
    CHECK_EQUAL(the_item(account, &deaf)->failure, RMX_FAIL_NONE);
    RmxFreeAccount(account);
    CHECK_EQUAL(ended_by(&deaf), SIGKILL);
    end();
}

/* The call's own time is shorter than the program's. */
static void test_the_deadline_of_the_call(void)
{
    RMX_SHUTDOWN how = how_to(0);
    RMX_ACCOUNT *account;
    struct holder deaf;

    begin();
    deaf = holder_start(ignore_and_hold, FILE_NAME);
    CHECK_EQUAL(RmxShutdown(session, &how, 300, &account), ERROR_SEM_TIMEOUT);
    if (account->item_count) { /* else the list took all of it */
        CHECK(the_item(account, &deaf)->status & RmStatusRunning);
        CHECK(the_item(account, &deaf)->failure == RMX_FAIL_TIMEOUT ||
              the_item(account, &deaf)->cause == RMX_CAUSE_CANCELLED);
    }
    RmxFreeAccount(account);
    CHECK(is_alive(&deaf));
    CHECK(kill(deaf.pid, SIGKILL) == 0);
    ended_by(&deaf);
    end();
}

/* On being asked to end it leaves a child that holds the file, too. */
static int leaving;

static void leave_a_child(int number)
{
    pid_t child = fork();
    sigset_t none;

    (void)number;
    if (child == 0) {
        signal(SIGTERM, SIG_DFL);
        sigemptyset(&none);
        for (;;)
            sigsuspend(&none); /* the signal is blocked while it is dealt with */
    }
    _exit(write(leaving, &child, sizeof child) == sizeof child ? 0 : 1);
}

static void fork_at_the_end(const char *path)
{
    CHECK(signal(SIGTERM, leave_a_child) != SIG_ERR);
    hold(path);
    holder_ready();
    for (;;)
        pause();
}

static void test_who_forks_while_being_stopped(void)
{
    RMX_ACCOUNT *account;
    struct holder h;
    int channel[2];
    pid_t child;

    begin();
    CHECK(pipe2(channel, O_CLOEXEC) == 0);
    leaving = channel[1];
    h = holder_start(fork_at_the_end, FILE_NAME);
    CHECK_EQUAL(shut_down(0, &account), ERROR_FAIL_SHUTDOWN);
    CHECK(read(channel[0], &child, sizeof child) == sizeof child);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusStopped);
    CHECK(item_of(account, child)); /* nobody planned to stop it: it is told of and left alone */
    CHECK_EQUAL(item_of(account, child)->action, RMX_ACTION_NONE);
    CHECK_EQUAL(item_of(account, child)->cause, RMX_CAUSE_NOT_PLANNED);
    CHECK_EQUAL(item_of(account, child)->flags, RMX_ITEM_STILL_HOLDS);
    CHECK_EQUAL(item_of(account, child)->status, RmStatusRunning);
    RmxFreeAccount(account);
    CHECK_EQUAL(ended_by(&h), 0);
    CHECK(kill(child, 0) == 0);

    CHECK_EQUAL(shut_down(0, &account), ERROR_SUCCESS); /* the next call takes it */
    CHECK_EQUAL(item_of(account, child)->status, RmStatusStopped);
    CHECK_EQUAL(account->item_count, 2); /* and the other is still one that is stopped */
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusStopped);
    RmxFreeAccount(account);
    close(channel[0]), close(channel[1]);
    end();
}

/* Process 2 of a pid namespace; its process 1 waits for it and is nobody's business here. */
static void hold_elsewhere(const char *path)
{
    int status;
    pid_t first, second;

    CHECK(unshare(CLONE_NEWPID) == 0);
    first = fork();
    CHECK(first >= 0);
    if (first == 0) {
        second = fork();
        CHECK(second >= 0);
        if (second == 0) {
            hold(path);
            holder_ready();
            holder_wait();
        }
        close(holder_says); /* or the test would wait for it if the other did not get ready */
        CHECK(waitpid(second, &status, 0) == second);
        _exit(WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
    close(holder_says);
    CHECK(waitpid(first, &status, 0) == first);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 255);
}

static void test_who_is_in_another_pid_namespace(void)
{
    RMX_ACCOUNT *account;
    struct holder h;

    if (geteuid())
        return; /* a namespace within the sandbox's is not given to everybody */
    begin();
    h = holder_start(hold_elsewhere, FILE_NAME);
    CHECK_EQUAL(shut_down(0, &account), ERROR_SUCCESS);
    CHECK_EQUAL(account->item_count, 1);
    CHECK_EQUAL(account->items[0].status, RmStatusStopped);
    RmxFreeAccount(account);
    CHECK_EQUAL(WEXITSTATUS(holder_reap(&h)), SIGTERM);
    end();
}

static void test_bad_arguments_and_roles(void)
{
    RMX_SHUTDOWN how = how_to(0x1000);
    RMX_ACCOUNT *account = (RMX_ACCOUNT *)&how;
    DWORD joined;

    begin();
    CHECK_EQUAL(RmJoinSession(&joined, session_key), ERROR_SUCCESS);
    CHECK_EQUAL(RmShutdown(session, 2, NULL), ERROR_BAD_ARGUMENTS); /* ours */
    CHECK_EQUAL(RmShutdown(session, RMX_SHUTDOWN_SKIP_CRITICAL, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmRestart(session, 1, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxShutdown(0xFFFFFFFF, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_BAD_ARGUMENTS);
    CHECK(!account);
    CHECK_EQUAL(RmxShutdown(session, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxPlan(session, 0, RMX_TIMEOUT_DEFAULT, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxPlan(session, 2, RMX_TIMEOUT_DEFAULT, &account), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmShutdown(0xFFFFFFFF, 0, NULL), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmRestart(0xFFFFFFFF, 0, NULL), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmxLeaveStopped(0xFFFFFFFF), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmxAddCritical(0xFFFFFFFF, u"a.service"), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmShutdown(joined, 0, NULL), ERROR_SESSION_CREDENTIAL_CONFLICT); /* ours, as are these */
    CHECK_EQUAL(RmRestart(joined, 0, NULL), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmxPlan(joined, 0, RMX_TIMEOUT_DEFAULT, &account), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmxLeaveStopped(joined), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmxAddCritical(joined, u"a.service"), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmEndSession(joined), ERROR_SUCCESS);
    end();
}

static void test_a_directory(void)
{
    LPCWSTR names[] = {u"/run"};
    RMX_ACCOUNT *account;

    begin();
    CHECK_EQUAL(RmRegisterResources(session, 1, names, 0, NULL, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(shut_down(0, &account), ERROR_ACCESS_DENIED); /* ours: what the list says */
    CHECK_EQUAL(account->item_count, 0);
    RmxFreeAccount(account);
    CHECK_EQUAL(RmxPlan(session, 0, RMX_TIMEOUT_DEFAULT, &account), ERROR_ACCESS_DENIED);
    end();
}

int main(void)
{
    sandbox_enter("size=1m");
    RUN(test_nobody_is_affected);
    RUN(test_programs_are_asked_to_end);
    RUN(test_who_is_stopped_is_continued_to_end);
    RUN(test_a_zombie_is_no_hindrance);
    RUN(test_who_ignores_it_lives_without_force);
    RUN(test_the_deadline_of_the_call);
    RUN(test_who_forks_while_being_stopped);
    RUN(test_who_is_in_another_pid_namespace);
    RUN(test_bad_arguments_and_roles);
    RUN(test_a_directory);
    return 0;
}
