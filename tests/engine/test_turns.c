/* SPDX-License-Identifier: MIT
 *
 * Services that are brought back are watched for a while, all together.  The
 * manager is a mock in two places, for with a real one nobody can have a
 * service end after it was asked about, and before it is asked about again.
 * The processes are real.
 */
#include "bringback.h"
#include "left_behind.h"
#include "sandbox.h"
#include "settle.h"

#include <signal.h>
#include <sys/eventfd.h>

#define MAX 300 /* more than are waited for at a time */

static struct service {
    RM_UNIQUE_PROCESS main; /* zeros: none */
    bool ends;              /* as soon as it has been seen */
    int then;               /* what is said after that: 1 up, 0 not, or -errno */
    unsigned asked;
    struct rm_returned returned;
    unsigned reported;
} services[MAX];

static struct rm_stopped stopped;
static int run_result, cancel_fd; /* a cancellation comes after all have been seen, or never */
static unsigned seen;

static const RM_UNIQUE_PROCESS successor = {.dwProcessId = 4711, .ProcessStartTime = {.dwLowDateTime = 1}};

int __wrap_rm_host_unitset_run(struct rm_unitset *set, enum rm_unit_job kind, const uint32_t members[], uint32_t count,
                               const struct rm_wait *wait, rm_unit_done done, void *context);
int __wrap_rm_host_unitset_is_up(struct rm_unitset *set, uint32_t index, const struct rm_wait *wait, bool *ret_up,
                                 RM_UNIQUE_PROCESS *ret_main);

int __wrap_rm_host_unitset_run(struct rm_unitset *set, enum rm_unit_job kind, const uint32_t members[], uint32_t count,
                               const struct rm_wait *wait, rm_unit_done done, void *context)
{
    (void)set, (void)wait;
    CHECK_EQUAL(kind, RM_UNIT_START);
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQUAL(done(context, members[i], RMX_FAIL_NONE), 0);
    return run_result;
}

static struct service *service_of(const struct rm_unitset *set, uint32_t index)
{
    unsigned n;
    CHECK(sscanf(rm_host_unitset_at(set, index)->name, "s%u.service", &n) == 1 && n < stopped.count);
    return &services[n];
}

int __wrap_rm_host_unitset_is_up(struct rm_unitset *set, uint32_t index, const struct rm_wait *wait, bool *ret_up,
                                 RM_UNIQUE_PROCESS *ret_main)
{
    struct service *s = service_of(set, index);
    (void)wait;
    if (s->asked++) {
        if (s->then < 0)
            return s->then;
        *ret_up = s->then;
        *ret_main = s->then ? successor : (RM_UNIQUE_PROCESS){0};
        return 0;
    }
    *ret_up = true;
    *ret_main = s->main;
    if (s->ends)
        CHECK(kill((pid_t)s->main.dwProcessId, SIGKILL) == 0);
    if (++seen == stopped.count && cancel_fd >= 0)
        CHECK(eventfd_write(cancel_fd, 1) == 0);
    return 0;
}

static int note_returned(void *context, uint32_t index, const struct rm_returned *returned)
{
    (void)context;
    services[index].returned = *returned;
    services[index].reported++;
    return 0;
}

static int bring_back(uint64_t settle_time, const struct rm_wait *wait)
{
    uint64_t usual = rm_settle_time;
    rm_settle_time = settle_time;
    seen = 0;
    int r = rm_bringback(&stopped, NULL, 0, wait, note_returned, NULL);
    rm_settle_time = usual;
    for (uint32_t i = 0; i < stopped.count; i++)
        CHECK_EQUAL(services[i].reported, 1);
    return r;
}

static void have(uint32_t count)
{
    memset(services, 0, sizeof(services));
    run_result = 0;
    cancel_fd = -1;
    for (uint32_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof(name), "s%u.service", (unsigned)i);
        struct rm_entry entry = an_item(name, 0);
        CHECK_EQUAL(rm_stopped_fold(&stopped, &entry), 0);
    }
}

static void have_running(uint32_t count)
{
    have(count);
    for (uint32_t i = 0; i < count; i++) {
        pid_t pid;
        SPAWN(pid, pause());
        CHECK_EQUAL(rm_host_process((uint32_t)pid, &services[i].main), 0);
    }
}

static void let_go(void)
{
    for (uint32_t i = 0; i < stopped.count; i++)
        if (services[i].main.dwProcessId) {
            CHECK(kill((pid_t)services[i].main.dwProcessId, SIGKILL) == 0);
            expect_killed((pid_t)services[i].main.dwProcessId);
        }
    rm_stopped_done(&stopped);
}

static bool is(const RM_UNIQUE_PROCESS *a, const RM_UNIQUE_PROCESS *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static void test_one_that_ends_after_it_was_seen_is_not_back(void)
{
    have_running(1);
    services[0].ends = true;
    CHECK_EQUAL(bring_back(RM_NO_DEADLINE, &for_ever), 0);
    CHECK_EQUAL(services[0].returned.failure, RMX_FAIL_ENDED);
    CHECK_EQUAL(services[0].returned.flags, 0);
    CHECK_EQUAL(services[0].returned.now.dwProcessId, 0);
    let_go();
}

static void test_one_that_its_manager_starts_once_more_is_back(void)
{
    have_running(1);
    services[0].ends = true;
    services[0].then = 1;
    CHECK_EQUAL(bring_back(RM_NO_DEADLINE, &for_ever), 0);
    CHECK_EQUAL(services[0].returned.failure, RMX_FAIL_NONE);
    CHECK_EQUAL(services[0].returned.flags, RMX_ITEM_VERIFIED);
    CHECK(is(&services[0].returned.now, &successor));
    CHECK_EQUAL(services[0].asked, 2); /* and the next one is not watched */
    let_go();
}

static void test_of_whom_nobody_knows_any_more_nothing_is_said(void)
{
    have_running(1);
    services[0].ends = true;
    services[0].then = -EHOSTUNREACH;
    CHECK_EQUAL(bring_back(RM_NO_DEADLINE, &for_ever), 0);
    CHECK_EQUAL(services[0].returned.failure, RMX_FAIL_NONE);
    CHECK_EQUAL(services[0].returned.flags, 0);
    CHECK_EQUAL(services[0].returned.now.dwProcessId, 0);
    let_go();
}

static void test_all_are_watched_together(void)
{
    have_running(MAX);
    for (uint32_t i = 0; i < MAX; i++) {
        services[i].ends = true;
        services[i].then = i % 2;
    }
    CHECK_EQUAL(bring_back(RM_NO_DEADLINE, &for_ever), 0);
    for (uint32_t i = 0; i < MAX; i++) {
        CHECK_EQUAL(services[i].returned.failure, i % 2 ? RMX_FAIL_NONE : RMX_FAIL_ENDED);
        CHECK_EQUAL(services[i].asked, 2);
    }
    let_go();
}

static void test_those_that_go_on_are_asked_about_once(void)
{
    have_running(3);
    services[1].ends = true;
    /* A moment in which it may not have ended yet: of interest are the others. */
    CHECK_EQUAL(bring_back(1, &for_ever), 0);
    for (uint32_t i = 0; i < 3; i += 2) {
        CHECK_EQUAL(services[i].returned.failure, RMX_FAIL_NONE);
        CHECK_EQUAL(services[i].returned.flags, RMX_ITEM_VERIFIED);
        CHECK(is(&services[i].returned.now, &services[i].main));
        CHECK_EQUAL(services[i].asked, 1);
    }
    let_go();
}

/* A oneshot that remains, a socket, a daemon whose main process its manager does not know. */
static void test_without_a_main_process_there_is_no_wait(void)
{
    have(2);
    CHECK_EQUAL(bring_back(RM_NO_DEADLINE, &for_ever), 0);
    for (uint32_t i = 0; i < 2; i++) {
        CHECK_EQUAL(services[i].returned.flags, RMX_ITEM_VERIFIED);
        CHECK_EQUAL(services[i].asked, 1);
    }
    let_go();
}

static void test_it_takes_no_longer_than_there_is_time(void)
{
    const struct rm_wait over = {.deadline = 1, .cancel_fd = -1};
    have_running(2);
    CHECK_EQUAL(bring_back(RM_NO_DEADLINE, &over), 0);
    for (uint32_t i = 0; i < 2; i++)
        CHECK_EQUAL(services[i].returned.flags, RMX_ITEM_VERIFIED);
    let_go();
}

static void test_a_cancellation_ends_it_and_all_are_told_of(void)
{
    struct rm_wait wait = for_ever;
    have_running(2);
    wait.cancel_fd = cancel_fd = eventfd(0, EFD_CLOEXEC);
    CHECK(cancel_fd >= 0);
    CHECK_EQUAL(bring_back(RM_NO_DEADLINE, &wait), -ECANCELED);
    for (uint32_t i = 0; i < 2; i++) {
        CHECK_EQUAL(services[i].returned.failure, RMX_FAIL_NONE);
        CHECK_EQUAL(services[i].returned.flags, RMX_ITEM_VERIFIED);
    }
    close(cancel_fd);
    let_go();
}

static void test_a_run_that_was_broken_off_is_not_waited_for(void)
{
    have_running(2);
    run_result = -EINTR;
    CHECK_EQUAL(bring_back(RM_NO_DEADLINE, &for_ever), -EINTR);
    for (uint32_t i = 0; i < 2; i++)
        CHECK_EQUAL(services[i].returned.flags, RMX_ITEM_VERIFIED);
    let_go();
}

int main(void)
{
    sandbox_enter("mode=755");
    RUN(test_one_that_ends_after_it_was_seen_is_not_back);
    RUN(test_one_that_its_manager_starts_once_more_is_back);
    RUN(test_of_whom_nobody_knows_any_more_nothing_is_said);
    RUN(test_all_are_watched_together);
    RUN(test_those_that_go_on_are_asked_about_once);
    RUN(test_without_a_main_process_there_is_no_wait);
    RUN(test_it_takes_no_longer_than_there_is_time);
    RUN(test_a_cancellation_ends_it_and_all_are_told_of);
    RUN(test_a_run_that_was_broken_off_is_not_waited_for);
    return 0;
}
