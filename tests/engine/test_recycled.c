/* SPDX-License-Identifier: MIT
 *
 * A number is given to another process between the list and the signal, a
 * hundred thousand times, in a world with few processes where numbers can be
 * chosen.  Whoever got the number later has blocked every signal that can be,
 * and tells at its end which ones are waiting for it; one that cannot be
 * blocked would have ended it.  Not a single one arrives.
 */
#include "for_ever.h"
#include "host.h"
#include "list.h"
#include "pinned.h"
#include "session.h"
#include "small_world.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>

#define SYS_CLONE3 435 /* one number for all; newer than glibc 2.28 */
#define SEND_SIGNAL 424

enum { AT_ONCE = 100, ROUNDS = 1000, FIRST = 1000 };

struct clone_arguments { /* clone_args, as of Linux 5.5 */
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size;
};

/* Reads until the pipe is closed, which is everybody's: their tables of descriptors are one. */
static void live(int gate)
{
    sigset_t waiting;
    char byte;
    CHECK(read(gate, &byte, 1) == 0);
    CHECK(sigpending(&waiting) == 0);
    _exit(sigisemptyset(&waiting) ? 0 : 1);
}

static void clone_as(pid_t number, int gate)
{
    struct clone_arguments arguments = {
        .flags = CLONE_FILES, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1};
    pid_t pid = (pid_t)syscall(SYS_CLONE3, &arguments, sizeof(arguments));
    CHECK(pid >= 0);
    if (pid == 0)
        live(gate);
    CHECK_EQUAL(pid, number);
}

static void clone_all(const int gate[2])
{
    for (pid_t n = FIRST; n < FIRST + AT_ONCE; n++)
        clone_as(n, gate[0]);
}

static void kill_all(void)
{
    for (pid_t n = FIRST; n < FIRST + AT_ONCE; n++)
        CHECK(kill(n, SIGKILL) == 0);
    for (pid_t n = FIRST; n < FIRST + AT_ONCE; n++)
        expect_killed(n);
}

static struct rm_session *register_all(void)
{
    struct rm_resources_need need = {.processes = AT_ONCE};
    struct rm_session *session;
    RM_UNIQUE_PROCESS process;
    CHECK_EQUAL(rm_session_new(RM_PRIMARY, &session), 0);
    CHECK_EQUAL(rm_resources_reserve(session->resources, &need), 0);
    for (pid_t n = FIRST; n < FIRST + AT_ONCE; n++) {
        CHECK_EQUAL(rm_host_process((uint32_t)n, &process), 0);
        rm_resources_add_process(session->resources, &process);
    }
    return session;
}

static void expect_nobody(const struct rm_pin *pin)
{
    CHECK(rm_host_pin_ended(pin));
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), -ESRCH);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_KILL), -ESRCH);
    CHECK_EQUAL(rm_pin_open_directory(pin), -ESRCH);
    /* Had it ended only after it was asked whether it had: */
    CHECK(syscall(SEND_SIGNAL, rm_pin_fd(pin), SIGTERM, NULL, 0) < 0 && errno == ESRCH);
}

/* It ended after it was looked at, before it was pinned: then the pidfd is another's, and the second look says so. */
static void expect_second_look(struct rm_pidref refs[])
{
    for (int i = 0; i < AT_ONCE; i++) {
        struct rm_pin *pin;
        CHECK_EQUAL(rm_pin_open(&refs[i], &pin), 0);
        CHECK(!rm_host_pin_ended(pin));
        CHECK_EQUAL(rm_pidref_refresh(&refs[i]), -ESRCH);
        rm_pidref_done(&refs[i]);
        rm_host_pin_free(pin);
    }
}

static void open_all(struct rm_pidref refs[])
{
    struct rm_procfs proc;
    CHECK_EQUAL(rm_procfs_open("/proc", &proc), 0);
    for (int i = 0; i < AT_ONCE; i++)
        CHECK_EQUAL(rm_pidref_open(proc.fd, (uint32_t)(FIRST + i), &refs[i]), 0);
    rm_procfs_done(&proc);
}

static void once(void)
{
    struct rm_pidref refs[AT_ONCE];
    struct rm_pin **pins;
    RMX_LIST *list;
    int gate[2];
    CHECK(pipe2(gate, O_CLOEXEC) == 0);
    clone_all(gate);
    struct rm_session *session = register_all();
    CHECK_EQUAL(rm_list_get(session, 0, &for_ever, &list, &pins), 0);
    CHECK_EQUAL(list->app_count, AT_ONCE);
    open_all(refs);
    kill_all();
    clone_all(gate);
    for (uint32_t i = 0; i < list->app_count; i++)
        expect_nobody(pins[i]);
    expect_second_look(refs);
    rm_host_pins_free(pins, list->app_count);
    RmxFreeList(list);
    rm_session_unref(session);
    close(gate[1]);
    for (pid_t n = FIRST; n < FIRST + AT_ONCE; n++)
        expect_success(n);
    close(gate[0]);
}

static void test_nobody_gets_anothers_signal(void)
{
    for (int round = 0; round < ROUNDS; round++)
        once();
    printf("%d numbers given to another process between the list and the signal: no wrong signal\n",
           ROUNDS * AT_ONCE);
}

/* That the innocent do tell. */
static void test_a_wrong_signal_would_be_noticed(void)
{
    int gate[2], status;
    CHECK(pipe2(gate, O_CLOEXEC) == 0);
    for (pid_t n = FIRST; n < FIRST + 2; n++)
        clone_as(n, gate[0]);
    CHECK(kill(FIRST, SIGTERM) == 0 && kill(FIRST + 1, SIGCONT) == 0);
    close(gate[1]);
    for (pid_t n = FIRST; n < FIRST + 2; n++)
        CHECK(waitpid(n, &status, 0) == n && WIFEXITED(status) && WEXITSTATUS(status) == 1);
    close(gate[0]);
}

int main(void)
{
    sigset_t all;
    small_world_enter("size=1m");
    CHECK(sigfillset(&all) == 0 && sigprocmask(SIG_SETMASK, &all, NULL) == 0);
    RUN(test_a_wrong_signal_would_be_noticed);
    RUN(test_nobody_gets_anothers_signal);
    return 0;
}
