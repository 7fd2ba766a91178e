/* SPDX-License-Identifier: MIT
 *
 * Places in line.  What is asserted is order, never time: who drew before whom
 * is known because each reports its ticket before the next one draws.
 */
#include "check.h"
#include "process.h"
#include "ticket.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CROWD 300

static char path[] = "/tmp/ticket-XXXXXX";

static int open_line(void)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    CHECK(fd >= 0);
    return fd;
}

/* A description of its own each time, as another process would have. */
static int hold(void)
{
    struct rm_ticket ticket;
    int fd = open_line();

    CHECK_EQUAL(rm_ticket_draw(fd, &ticket), 0);
    CHECK_EQUAL(rm_ticket_try(fd, &ticket), 0);
    return fd;
}

static void let_go(int fd)
{
    rm_ticket_return(fd);
    close(fd);
}

static void test_one_alone_gets_the_first_ticket_each_time(void)
{
    for (int i = 0; i < 3; i++) {
        struct rm_ticket ticket;
        int fd = open_line();

        CHECK_EQUAL(rm_ticket_draw(fd, &ticket), 0);
        CHECK_EQUAL(ticket.number, 0);
        CHECK_EQUAL(rm_ticket_try(fd, &ticket), 0);
        let_go(fd);
    }
}

static void test_a_later_ticket_waits_for_the_earlier(void)
{
    struct rm_ticket ticket;
    int first = hold(), second = open_line();

    CHECK_EQUAL(rm_ticket_draw(second, &ticket), 0);
    CHECK_EQUAL(ticket.number, 1);
    CHECK_EQUAL(rm_ticket_try(second, &ticket), -EAGAIN);
    let_go(first);
    CHECK_EQUAL(rm_ticket_try(second, &ticket), 0);
    let_go(second);
}

/* While somebody waits, the first byte may be free; nobody who comes now may take it. */
static void test_a_newcomer_never_draws_before_those_in_line(void)
{
    struct rm_ticket ticket;
    int first = hold(), second = open_line(), third = open_line();

    CHECK_EQUAL(rm_ticket_draw(second, &ticket), 0);
    let_go(first);
    CHECK_EQUAL(rm_ticket_draw(third, &ticket), 0);
    CHECK_EQUAL(ticket.number, 2);
    CHECK_EQUAL(rm_ticket_try(third, &ticket), -EAGAIN);
    let_go(second);
    CHECK_EQUAL(rm_ticket_try(third, &ticket), 0);
    let_go(third);
}

struct served {
    atomic_int count;
    int order[CROWD];
};

/* Stands in line as number i: reports when it has its ticket, and writes down when it was served. */
static pid_t stand_in_line(struct served *served, int i, const int channel[2])
{
    pid_t pid;

    SPAWN(pid, {
        struct rm_ticket ticket;
        int fd = open_line();

        CHECK_EQUAL(rm_ticket_draw(fd, &ticket), 0);
        report(channel);
        CHECK_EQUAL(rm_ticket_wait(fd, &ticket), 0);
        served->order[atomic_fetch_add(&served->count, 1)] = i;
        let_go(fd);
    });
    await_report(channel);
    return pid;
}

static void test_300_are_served_in_the_order_in_which_they_came(void)
{
    struct served *served = shared_memory(sizeof *served);
    int holder = hold(), channel[2];
    pid_t pids[CROWD];

    CHECK(pipe(channel) == 0);
    for (int i = 0; i < CROWD; i++)
        pids[i] = stand_in_line(served, i, channel);
    let_go(holder);
    for (int i = 0; i < CROWD; i++)
        expect_success(pids[i]);
    CHECK_EQUAL(served->count, CROWD);
    for (int i = 0; i < CROWD; i++)
        CHECK_EQUAL(served->order[i], i);
}

/* What a blocking lock alone fails: whoever lets go is there again before the first in line has woken up. */
static void test_50_in_line_are_not_overtaken_by_one_who_comes_again_and_again(void)
{
    struct served *served = shared_memory(sizeof *served);
    int fd = hold(), channel[2];
    pid_t pids[50];

    CHECK(pipe(channel) == 0);
    for (int i = 0; i < 50; i++)
        pids[i] = stand_in_line(served, i, channel);
    let_go(fd);
    for (int i = 0; i < 1000; i++) {
        struct rm_ticket ticket = {0};

        fd = open_line();
        CHECK_EQUAL(rm_ticket_wait(fd, &ticket), 0);
        CHECK_EQUAL(served->count, 50); /* all who were in line before */
        let_go(fd);
    }
    for (int i = 0; i < 50; i++)
        expect_success(pids[i]);
}

/* Every second one dies in line, in any order of deaths and releases; the others are served, in order. */
static void test_the_killed_leave_gaps_and_nobody_waits_for_them(void)
{
    struct served *served = shared_memory(sizeof *served);
    int holder = hold(), channel[2];
    pid_t pids[64];

    CHECK(pipe(channel) == 0);
    for (int i = 0; i < 64; i++)
        pids[i] = stand_in_line(served, i, channel);
    for (int i = 0; i < 32; i += 2) {
        CHECK(kill(pids[i], SIGKILL) == 0);
        expect_killed(pids[i]);
    }
    CHECK_EQUAL(served->count, 0); /* a gap lets nobody past the holder */
    let_go(holder);
    for (int i = 0; i < 64; i++)
        if (i % 2 || i >= 32)
            expect_success(pids[i]);
    CHECK_EQUAL(served->count, 48);
    for (int i = 1; i < 48; i++)
        CHECK(served->order[i - 1] < served->order[i]);
}

static void test_a_killed_holder_lets_the_next_one_in(void)
{
    struct rm_ticket ticket = {0};
    int channel[2], fd;
    pid_t holder;

    CHECK(pipe(channel) == 0);
    SPAWN(holder, {
        (void)hold();
        report(channel);
        pause();
    });
    await_report(channel);
    fd = open_line();
    CHECK_EQUAL(rm_ticket_draw(fd, &ticket), 0);
    CHECK_EQUAL(rm_ticket_try(fd, &ticket), -EAGAIN);
    CHECK(kill(holder, SIGKILL) == 0);
    CHECK_EQUAL(rm_ticket_wait(fd, &ticket), 0);
    expect_killed(holder);
    let_go(fd);
}

static void test_there_is_never_more_than_one_inside(void)
{
    struct state {
        atomic_int inside, visits;
    } *state = shared_memory(sizeof *state);
    struct gate gate;
    pid_t pids[32];

    gate_init(&gate);
    for (int i = 0; i < 32; i++)
        SPAWN(pids[i], {
            gate_wait(&gate);
            for (int n = 0; n < 200; n++) {
                struct rm_ticket ticket = {0};
                int fd = open_line();

                CHECK_EQUAL(rm_ticket_wait(fd, &ticket), 0);
                CHECK_EQUAL(atomic_fetch_add(&state->inside, 1), 0);
                state->visits++;
                CHECK_EQUAL(atomic_fetch_sub(&state->inside, 1), 1);
                let_go(fd);
            }
        });
    gate_open(&gate);
    for (int i = 0; i < 32; i++)
        expect_success(pids[i]);
    CHECK_EQUAL(state->visits, 32 * 200);
}

/* Something that is not one of ours holds the whole file. */
static void test_a_lock_that_is_no_ticket_is_waited_for(void)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct rm_ticket ticket = {0};
    int channel[2], fd = open_line();
    pid_t holder;

    CHECK(pipe(channel) == 0);
    SPAWN(holder, {
        CHECK(fcntl(open_line(), F_OFD_SETLK, &whole) == 0);
        report(channel);
        pause();
    });
    await_report(channel);
    CHECK_EQUAL(rm_ticket_draw(fd, &ticket), -EAGAIN);
    CHECK(kill(holder, SIGKILL) == 0);
    CHECK_EQUAL(rm_ticket_wait(fd, &ticket), 0);
    expect_killed(holder);
    let_go(fd);
}

int main(void)
{
    int fd = mkstemp(path);

    CHECK(fd >= 0);
    close(fd);
    RUN(test_one_alone_gets_the_first_ticket_each_time);
    RUN(test_a_later_ticket_waits_for_the_earlier);
    RUN(test_a_newcomer_never_draws_before_those_in_line);
    RUN(test_300_are_served_in_the_order_in_which_they_came);
    RUN(test_50_in_line_are_not_overtaken_by_one_who_comes_again_and_again);
    RUN(test_the_killed_leave_gaps_and_nobody_waits_for_them);
    RUN(test_a_killed_holder_lets_the_next_one_in);
    RUN(test_there_is_never_more_than_one_inside);
    RUN(test_a_lock_that_is_no_ticket_is_waited_for);
    CHECK(unlink(path) == 0);
    return 0;
}
