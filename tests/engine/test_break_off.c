/* SPDX-License-Identifier: MIT
 *
 * RmCancelCurrentTask while programs are stopped or brought back, from another
 * thread and from the callback: the call ends with 1223, and what it says of
 * each program is true.
 */
#include "acting.h"

#include <pthread.h>

/* A program that says when it is asked to end, and goes on. */
static int asked[2];

static void say_asked(int number)
{
    (void)number;
    CHECK(write(asked[1], "", 1) == 1);
}

static void answer_and_hold(const char *path)
{
    CHECK(signal(SIGTERM, say_asked) != SIG_ERR);
    hold(path);
    holder_ready();
    for (;;)
        pause();
}

static struct holder start_answering(void)
{
    CHECK(pipe2(asked, O_CLOEXEC) == 0);
    return holder_start(answer_and_hold, FILE_NAME);
}

static void end_answering(struct holder *h)
{
    CHECK(is_alive(h) && kill(h->pid, SIGKILL) == 0);
    CHECK_EQUAL(ended_by(h), SIGKILL);
    close(asked[0]), close(asked[1]);
}

static void *cancel_when_asked(void *argument)
{
    char c;

    (void)argument;
    CHECK(read(asked[0], &c, 1) == 1);
    CHECK_EQUAL(RmCancelCurrentTask(session), ERROR_SUCCESS);
    return NULL;
}

static void test_from_another_thread(void)
{
    RMX_SHUTDOWN how = how_to(0);
    RMX_ACCOUNT *account;
    struct told told = {0};
    struct holder h;
    pthread_t thread;

    begin();
    h = start_answering();
    how.app_timeout_ms = RMX_TIMEOUT_NONE;
    how.progress = take_progress;
    how.context = &told;
    CHECK_EQUAL(pthread_create(&thread, NULL, cancel_when_asked, NULL), 0);
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_NONE, &account), ERROR_CANCELLED);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(the_item(account, &h)->action, RMX_ACTION_SIGNAL);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusRunning);
    CHECK_EQUAL(the_item(account, &h)->failure, RMX_FAIL_TIMEOUT);
    CHECK(strstr(the_item(account, &h)->detail, "cancelled"));
    CHECK(told.last < 100); /* ours */
    RmxFreeAccount(account);
    end_answering(&h);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    end();
}

/* At a percentage, from the callback. */
static uint32_t cancel_at;

static void cancel_from_within(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item)
{
    take_progress(context, phase, percent, item);
    if (percent == cancel_at)
        CHECK_EQUAL(RmCancelCurrentTask(session), ERROR_SUCCESS);
}

static void test_before_anything_is_done(void)
{
    RMX_SHUTDOWN how = how_to(RmForceShutdown);
    RMX_ACCOUNT *account;
    struct told told = {0};
    struct holder h;

    begin();
    h = holder_start(hold, FILE_NAME);
    cancel_at = 0;
    how.progress = cancel_from_within;
    how.context = &told;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_NONE, &account), ERROR_CANCELLED);
    CHECK_EQUAL(account->item_count, 0);
    CHECK_EQUAL(told.count, 1);
    RmxFreeAccount(account);
    CHECK(is_alive(&h));
    CHECK_EQUAL(listed_status(h.pid), RmStatusRunning);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    holder_stop(&h);
    end();
}

static void test_half_way(void)
{
    RMX_SHUTDOWN how = how_to(0);
    RMX_ACCOUNT *account;
    struct told told = {0};
    struct holder quick, slow;

    begin();
    slow = start_answering();
    quick = holder_start(hold, FILE_NAME);
    cancel_at = 50;
    how.app_timeout_ms = RMX_TIMEOUT_NONE;
    how.progress = cancel_from_within;
    how.context = &told;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_NONE, &account), ERROR_CANCELLED);
    CHECK_EQUAL(the_item(account, &quick)->status, RmStatusStopped);
    CHECK_EQUAL(the_item(account, &slow)->status, RmStatusRunning);
    RmxFreeAccount(account);
    CHECK_EQUAL(ended_by(&quick), SIGTERM);
    CHECK_EQUAL(listed_status(quick.pid), RmStatusStopped);
    CHECK_EQUAL(listed_status(slow.pid), RmStatusRunning);
    end_answering(&slow);
    end();
}

/* It is too late when all is done. */
static void test_at_the_end(void)
{
    RMX_SHUTDOWN how = how_to(0);
    struct told told = {0};
    struct holder h;

    begin();
    h = holder_start(hold, FILE_NAME);
    cancel_at = 100;
    how.progress = cancel_from_within;
    how.context = &told;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_NONE, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    end();
}

static void register_and_hold(const char *path)
{
    const char *arguments[] = {"back"};
    RMX_RELAUNCH how = {.size = sizeof how, .arguments = arguments, .argument_count = 1};

    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_SUCCESS);
    hold(path);
}

/* What has not been started stays to be started. */
static void test_a_restart(void)
{
    RMX_ACCOUNT *account;
    struct told told = {0};
    struct holder h;

    begin();
    h = holder_start(register_and_hold, FILE_NAME);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    cancel_at = 0;
    CHECK_EQUAL(RmxRestart(session, cancel_from_within, &told, RMX_TIMEOUT_NONE, &account), ERROR_CANCELLED);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusStopped);
    CHECK_EQUAL(the_item(account, &h)->now.dwProcessId, 0);
    RmxFreeAccount(account);
    CHECK_EQUAL(told.count, 1);

    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_NONE, &account), ERROR_SUCCESS);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusRunning | RmStatusStopped | RmStatusRestarted);
    CHECK(the_item(account, &h)->now.dwProcessId);
    CHECK(kill((pid_t)the_item(account, &h)->now.dwProcessId, SIGKILL) == 0);
    RmxFreeAccount(account);
    end();
}

int main(int count, char **arguments)
{
    if (count > 1 && !strcmp(arguments[1], "back"))
        for (;;)
            pause();
    sandbox_enter("size=1m");
    RUN(test_from_another_thread);
    RUN(test_before_anything_is_done);
    RUN(test_half_way);
    RUN(test_at_the_end);
    RUN(test_a_restart);
    return 0;
}
