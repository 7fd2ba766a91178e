/* SPDX-License-Identifier: MIT
 *
 * Long calls: time-outs that cancel, cancellations that are not time-outs, whose
 * turn it is, and callbacks from threads of Windows' choice.
 */
#include "check.h"
#include "stand_in.h"
#include "trampolines.h"

#define SHORT 1 /* ms: what waits for a cancellation waits for ever otherwise */

static const RMX_SHUTDOWN polite = {.size = sizeof polite,
                                    .app_timeout_ms = RMX_TIMEOUT_DEFAULT,
                                    .service_timeout_ms = RMX_TIMEOUT_DEFAULT};

static void begin(void)
{
    DWORD handle;

    stand_in_renew();
    stand_in.under_way = CreateEventW(NULL, FALSE, FALSE, NULL);
    stand_in.cancelled = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK(stand_in.under_way && stand_in.cancelled);
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
}

static void end(void)
{
    CHECK_EQUAL(RmxEndSession(0, 0, RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
    CHECK(CloseHandle(stand_in.under_way) && CloseHandle(stand_in.cancelled));
}

static void test_a_deadline_cancels(void)
{
    RMX_ACCOUNT *account = NULL;
    RMX_LIST *list = NULL;

    begin();
    stand_in.list_waits = true;
    CHECK_EQUAL(RmxGetList(0, 0, SHORT, &list), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(RmxPlan(0, 0, SHORT, &account), ERROR_SEM_TIMEOUT);
    CHECK(!list && !account);
    CHECK_EQUAL(RmxGetList(0, 0, 0, &list), ERROR_SEM_TIMEOUT); /* without asking */
    CHECK_EQUAL(stand_in.asked, 2);
    stand_in.list_waits = false;
    stand_in.shutdown_waits = true;
    CHECK_EQUAL(RmxShutdown(0, &polite, SHORT, &account), ERROR_SEM_TIMEOUT);
    CHECK(account && account->phase == RMX_PHASE_SHUTDOWN);
    RmxFreeAccount(account);
    end();
}

static DWORD WINAPI cancel_what_is_under_way(void *argument)
{
    (void)argument;
    CHECK_EQUAL(WaitForSingleObject(stand_in.under_way, INFINITE), WAIT_OBJECT_0);
    CHECK_EQUAL(RmCancelCurrentTask(0), ERROR_SUCCESS);
    return 0;
}

static void test_another_thread_cancels(void)
{
    RMX_LIST *list = NULL;
    HANDLE thread;

    begin();
    stand_in.list_waits = true;
    thread = CreateThread(NULL, 0, cancel_what_is_under_way, NULL, 0, NULL);
    CHECK(thread);
    CHECK_EQUAL(RmxGetList(0, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_CANCELLED);
    CHECK(!list && WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0 && CloseHandle(thread));
    /* A restart looks first what was stopped. */
    thread = CreateThread(NULL, 0, cancel_what_is_under_way, NULL, 0, NULL);
    CHECK(thread);
    CHECK_EQUAL(RmxRestart(0, NULL, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_CANCELLED);
    CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0 && CloseHandle(thread));
    CHECK_EQUAL(RmxRestart(0, NULL, NULL, SHORT, NULL), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(stand_in.restarts, 0);
    end();
}

static DWORD WINAPI list_until_cancelled(void *argument)
{
    RMX_LIST *list;

    (void)argument;
    return RmxGetList(0, 0, RMX_TIMEOUT_NONE, &list);
}

static void test_one_at_a_time(void)
{
    DWORD code, handle = 0;
    HANDLE thread;
    UINT left;

    begin();
    stand_in.list_waits = true;
    thread = CreateThread(NULL, 0, list_until_cancelled, NULL, 0, NULL);
    CHECK(thread && WaitForSingleObject(stand_in.under_way, INFINITE) == WAIT_OBJECT_0);
    CHECK_EQUAL(RmxEndSession(handle, 0, SHORT), ERROR_SEM_TIMEOUT); /* and the handle stays valid */
    CHECK_EQUAL(RmxGetLeftStopped(handle, &left), ERROR_SUCCESS);
    CHECK_EQUAL(RmCancelCurrentTask(handle), ERROR_SUCCESS);
    CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0 && GetExitCodeThread(thread, &code));
    CHECK_EQUAL(code, ERROR_CANCELLED);
    CHECK(CloseHandle(thread));
    end();
}

/* ---- what is told ---- */

struct heard {
    UINT last, count;
};

static void hear(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item)
{
    struct heard *heard = context;

    CHECK(phase == RMX_PHASE_SHUTDOWN && !item);
    CHECK(!heard->count || percent > heard->last);
    heard->last = percent;
    heard->count++;
}

static DWORD WINAPI tell_from_here(void *argument)
{
    static const UINT told[] = {0, 20, 10, 20, 50, 100, 150, 60};
    RM_WRITE_STATUS_CALLBACK status;

    memcpy(&status, argument, sizeof status);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        status(told[i]);
    return 0;
}

static void tell_from_another_thread(RM_WRITE_STATUS_CALLBACK status)
{
    HANDLE thread = CreateThread(NULL, 0, tell_from_here, &status, 0, NULL);

    CHECK(thread && WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0 && CloseHandle(thread));
}

static void test_percentages_grow(void)
{
    struct heard heard = {0};
    RMX_SHUTDOWN how = polite;

    begin();
    how.progress = hear;
    how.context = &heard;
    stand_in.shutdown = tell_from_another_thread;
    CHECK_EQUAL(RmxShutdown(0, &how, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(heard.count, 5); /* 0, 20, 50, 99, 100 */
    CHECK_EQUAL(heard.last, 100);
    heard = (struct heard){0};
    stand_in.shutdown_code = ERROR_CANCELLED;
    CHECK_EQUAL(RmxShutdown(0, &how, RMX_TIMEOUT_DEFAULT, NULL), ERROR_CANCELLED);
    CHECK_EQUAL(heard.last, 99); /* what was broken off never says 100 */
    end();
}

static struct {
    HANDLE entered, left, told;
    bool early;
} slow;

/* 50 takes its time, which is as much as the end needs to come too early. */
static void hear_slowly(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item)
{
    (void)context, (void)phase, (void)item;
    if (percent == 100)
        CHECK(SetEvent(slow.told));
    if (percent != 50)
        return;
    CHECK(SetEvent(slow.entered));
    slow.early = WaitForSingleObject(slow.told, 200) == WAIT_OBJECT_0;
    CHECK(SetEvent(slow.left));
}

static DWORD WINAPI tell_half(void *argument)
{
    RM_WRITE_STATUS_CALLBACK status;

    memcpy(&status, argument, sizeof status);
    status(50);
    return 0;
}

/* It ends while another thread tells something still. */
static void tell_and_end(RM_WRITE_STATUS_CALLBACK status)
{
    static RM_WRITE_STATUS_CALLBACK kept;
    HANDLE thread;

    kept = status;
    thread = CreateThread(NULL, 0, tell_half, &kept, 0, NULL);
    CHECK(thread && CloseHandle(thread));
    CHECK_EQUAL(WaitForSingleObject(slow.entered, INFINITE), WAIT_OBJECT_0);
}

static void test_the_end_comes_last(void)
{
    RMX_SHUTDOWN how = polite;

    begin();
    slow.entered = CreateEventW(NULL, FALSE, FALSE, NULL);
    slow.left = CreateEventW(NULL, TRUE, FALSE, NULL);
    slow.told = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK(slow.entered && slow.left && slow.told);
    how.progress = hear_slowly;
    stand_in.shutdown = tell_and_end;
    CHECK_EQUAL(RmxShutdown(0, &how, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(WaitForSingleObject(slow.left, 0), WAIT_OBJECT_0); /* what it works with was on that call's stack */
    CHECK(!slow.early);
    CHECK(CloseHandle(slow.entered) && CloseHandle(slow.left) && CloseHandle(slow.told));
    end();
}

static void test_as_many_as_there_are_trampolines(void)
{
    struct heard heard[RM_TRAMPOLINES + 1] = {0};
    struct rm_telling tellings[RM_TRAMPOLINES + 1];

    for (int i = 0; i <= RM_TRAMPOLINES; i++)
        rm_telling_begin(&tellings[i], hear, &heard[i], RMX_PHASE_SHUTDOWN);
    for (int i = 0; i < RM_TRAMPOLINES; i++) {
        CHECK(tellings[i].callback);
        tellings[i].callback((UINT)i + 1);
    }
    CHECK(!tellings[RM_TRAMPOLINES].callback); /* it tells its beginning and its end */
    for (int i = 0; i <= RM_TRAMPOLINES; i++) {
        CHECK_EQUAL(heard[i].last, i < RM_TRAMPOLINES ? i + 1 : 0);
        rm_telling_end(&tellings[i], ERROR_FAIL_SHUTDOWN);
        CHECK_EQUAL(heard[i].last, 100);
    }
    rm_telling_begin(&tellings[0], hear, &(struct heard){0}, RMX_PHASE_SHUTDOWN); /* they are free again */
    CHECK(tellings[0].callback);
    rm_telling_end(&tellings[0], ERROR_SUCCESS);
}

int main(void)
{
    RUN(test_a_deadline_cancels);
    RUN(test_another_thread_cancels);
    RUN(test_one_at_a_time);
    RUN(test_percentages_grow);
    RUN(test_the_end_comes_last);
    RUN(test_as_many_as_there_are_trampolines);
    return 0;
}
