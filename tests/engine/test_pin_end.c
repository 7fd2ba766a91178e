/* SPDX-License-Identifier: MIT
 *
 * How a pinned process is asked to end, and how its end is waited for.
 */
#include "event.h"
#include "pinning.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

static const struct rm_wait not_at_all = {.deadline = 0, .cancel_fd = -1};

/* ---- asking ---- */

static void test_who_is_asked_ends(void)
{
    struct holder h = holder_start(hold_nothing, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    CHECK(!rm_host_pin_ended(pin));
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), -ESRCH); /* a zombie */
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    CHECK(rm_host_pin_ended(pin));
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), -ESRCH);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_KILL), -ESRCH);
    CHECK_EQUAL(rm_pin_open_directory(pin), -ESRCH);
    rm_host_pin_free(pin);
}

static void ignore(const char *what)
{
    (void)what;
    signal(SIGTERM, SIG_IGN);
}

static void test_who_ignores_it_is_killed(void)
{
    struct holder h = holder_start(ignore, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    bool ended = false;
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    CHECK_EQUAL(rm_host_pins_wait(&pin, &ended, 1, &not_at_all), -ETIMEDOUT);
    CHECK(!ended && !rm_host_pin_ended(pin));
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_KILL), 0);
    await_end(pin);
    CHECK_EQUAL(ended_by(&h), SIGKILL);
    rm_host_pin_free(pin);
}

static void end_well_when_asked(const char *what)
{
    (void)what;
    CHECK(signal(SIGTERM, end_well) != SIG_ERR);
}

/* It can act on the request, as if it had not been stopped. */
static void test_who_is_stopped_goes_on_to_end(void)
{
    siginfo_t info;
    struct holder h = holder_start(end_well_when_asked, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    CHECK(kill(h.pid, SIGSTOP) == 0);
    CHECK_EQUAL(waitid(P_PID, (id_t)h.pid, &info, WSTOPPED | WNOWAIT), 0);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    CHECK_EQUAL(ended_by(&h), 0);
    rm_host_pin_free(pin);
}

static int continued[2];

static void say_continued(int number)
{
    (void)number;
    CHECK(write(continued[1], "", 1) == 1);
}

static void tell_of_both(const char *what)
{
    (void)what;
    CHECK(signal(SIGCONT, say_continued) != SIG_ERR && signal(SIGTERM, end_well) != SIG_ERR);
}

/* Programs may take it for more than it is. */
static void test_who_runs_is_not_continued(void)
{
    char byte;
    CHECK(pipe2(continued, O_CLOEXEC) == 0);
    struct holder h = holder_start(tell_of_both, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    CHECK_EQUAL(ended_by(&h), 0);
    close(continued[1]);
    CHECK_EQUAL(read(continued[0], &byte, 1), 0);
    close(continued[0]);
    rm_host_pin_free(pin);
}

static void *end_after_first(void *nothing)
{
    (void)nothing;
    holder_ready();
    holder_wait();
    return NULL;
}

static void leave_it_to_a_thread(const char *what)
{
    pthread_t thread;
    (void)what;
    CHECK_EQUAL(pthread_create(&thread, NULL, end_after_first, NULL), 0);
    pthread_exit(NULL);
}

static void test_a_process_lives_as_long_as_a_thread(void)
{
    struct holder h = holder_start(leave_it_to_a_thread, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    CHECK(!rm_host_pin_ended(pin));
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    rm_host_pin_free(pin);
}

/* ---- waiting ---- */

enum { MANY = 600 };

static void test_many(void)
{
    static struct rm_pin *pins[MANY];
    static bool ended[MANY];
    static pid_t pids[MANY];
    int gate[2];
    char byte;
    CHECK(pipe2(gate, O_CLOEXEC) == 0);
    for (int i = 0; i < MANY; i++) {
        /* It ends by a signal, or when the test does. */
        SPAWN(pids[i], (close(gate[1]), read(gate[0], &byte, 1)));
        pins[i] = i % 3 ? pin_of(pids[i]) : NULL;
    }
    /* One that is far behind the others is seen when nobody before it ends. */
    CHECK(kill(pids[MANY - 1], SIGKILL) == 0);
    siginfo_t info;
    CHECK_EQUAL(waitid(P_PID, (id_t)pids[MANY - 1], &info, WEXITED | WNOWAIT), 0);
    CHECK_EQUAL(rm_host_pins_wait(pins, ended, MANY, &not_at_all), 0);
    CHECK(ended[MANY - 1] && !ended[1]);
    CHECK_EQUAL(rm_host_pins_wait(pins, ended, MANY, &not_at_all), -ETIMEDOUT);
    for (int i = MANY - 2; i > 0; i--)
        if (pins[i])
            CHECK_EQUAL(rm_host_pin_ask(pins[i], RM_REQUEST_END), 0);
    for (int left = 1; left;) {
        CHECK_EQUAL(rm_host_pins_wait(pins, ended, MANY, &for_ever), 0);
        left = 0;
        for (int i = 0; i < MANY; i++)
            left += pins[i] && !ended[i];
    }
    for (int i = 0; i < MANY; i++) {
        CHECK_EQUAL(ended[i], pins[i] != NULL);
        rm_host_pin_free(pins[i]);
        kill(pids[i], SIGKILL);
        CHECK(waitpid(pids[i], NULL, 0) == pids[i]);
    }
    close(gate[0]), close(gate[1]);
}

static void nothing(int number)
{
    (void)number;
}

static pthread_t waiter;

static void *interrupt(void *asleep)
{
    char path[64], text[RM_STAT_SIZE];
    struct rm_stat stat = {0};
    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", *(int *)asleep);
    while (stat.state != 'S') {
        long n = rm_procfs_read(AT_FDCWD, path, text, sizeof(text));
        CHECK(n > 0 && rm_stat_parse(text, (size_t)n, &stat) == 0);
        sched_yield();
    }
    CHECK_EQUAL(pthread_kill(waiter, SIGUSR1), 0);
    return NULL;
}

static void test_what_ends_a_wait(void)
{
    struct holder h = holder_start(hold_nothing, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    struct rm_event *event;
    bool ended = false;
    CHECK_EQUAL(rm_event_new(&event), 0);
    rm_event_set(event);
    struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = rm_event_fd(event)};
    CHECK_EQUAL(rm_host_pins_wait(&pin, &ended, 1, &wait), -ECANCELED);
    CHECK_EQUAL(rm_host_pins_wait(NULL, NULL, 0, &wait), -ECANCELED);
    CHECK_EQUAL(rm_host_pins_wait(NULL, NULL, 0, &not_at_all), -ETIMEDOUT);

    struct sigaction action = {.sa_handler = nothing};
    pthread_t other;
    int tid = (int)syscall(SYS_gettid);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    waiter = pthread_self();
    wait = (struct rm_wait){.deadline = RM_NO_DEADLINE, .cancel_fd = -1, .interruptible = true};
    CHECK_EQUAL(pthread_create(&other, NULL, interrupt, &tid), 0);
    CHECK_EQUAL(rm_host_pins_wait(&pin, &ended, 1, &wait), -EINTR);
    CHECK_EQUAL(pthread_join(other, NULL), 0);
    CHECK(!ended);
    holder_stop(&h);
    /* Who has ended is told, although the wait is cancelled. */
    wait = (struct rm_wait){.deadline = RM_NO_DEADLINE, .cancel_fd = rm_event_fd(event)};
    CHECK_EQUAL(rm_host_pins_wait(&pin, &ended, 1, &wait), 0);
    CHECK(ended);
    rm_event_free(event);
    rm_host_pin_free(pin);
}

int main(void)
{
    RUN(test_who_is_asked_ends);
    RUN(test_who_ignores_it_is_killed);
    RUN(test_who_is_stopped_goes_on_to_end);
    RUN(test_who_runs_is_not_continued);
    RUN(test_a_process_lives_as_long_as_a_thread);
    RUN(test_many);
    RUN(test_what_ends_a_wait);
    return 0;
}
