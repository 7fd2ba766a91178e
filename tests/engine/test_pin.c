/* SPDX-License-Identifier: MIT
 *
 * A pin is one process for ever: what it is asked, how its end is waited for,
 * and that it goes with its row through a list.
 */
#include "event.h"
#include "hold.h"
#include "pinned.h"
#include "process.h"
#include "whole_list.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static const struct rm_wait not_at_all = {.deadline = 0, .cancel_fd = -1};

static struct rm_pin *pin_of(pid_t pid)
{
    RM_UNIQUE_PROCESS process, pinned;
    struct rm_pin *pin;
    CHECK_EQUAL(rm_host_process((uint32_t)pid, &process), 0);
    CHECK_EQUAL(rm_host_pin(&process, &pin), 0);
    pinned = rm_host_pin_process(pin);
    CHECK(!memcmp(&pinned, &process, sizeof(process)));
    return pin;
}

static void await_end(struct rm_pin *pin)
{
    bool ended = false;
    CHECK_EQUAL(rm_host_pins_wait(&pin, &ended, 1, &for_ever), 0);
    CHECK(ended && rm_host_pin_ended(pin));
}

/* Reaps a child and gives the signal that it died of, or 0. */
static int reap(const struct holder *h)
{
    int status;
    for (int i = 0; i < holder_count; i++)
        if (holder_ends[i] == h->end)
            holder_ends[i--] = holder_ends[--holder_count];
    close(h->end);
    CHECK(waitpid(h->pid, &status, 0) == h->pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void hold_nothing(const char *what)
{
    (void)what;
}

/* ---- asking ---- */

static void test_who_is_asked_ends(void)
{
    struct holder h = holder_start(hold_nothing, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    CHECK(!rm_host_pin_ended(pin));
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), -ESRCH); /* a zombie */
    CHECK_EQUAL(reap(&h), SIGTERM);
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
    CHECK_EQUAL(reap(&h), SIGKILL);
    rm_host_pin_free(pin);
}

static void end_well(int number)
{
    (void)number;
    _exit(0);
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
    CHECK_EQUAL(reap(&h), 0);
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
    CHECK_EQUAL(reap(&h), 0);
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
    CHECK_EQUAL(reap(&h), SIGTERM);
    rm_host_pin_free(pin);
}

/* ---- which process ---- */

static void test_who_is_not_there_cannot_be_pinned(void)
{
    struct holder h = holder_start(hold_nothing, NULL);
    RM_UNIQUE_PROCESS process, other;
    struct rm_pin *pin = NULL;
    CHECK_EQUAL(rm_host_process((uint32_t)h.pid, &process), 0);
    other = process;
    other.ProcessStartTime.dwLowDateTime ^= 1;
    CHECK_EQUAL(rm_host_pin(&other, &pin), -ESRCH);
    CHECK(kill(h.pid, SIGKILL) == 0);
    siginfo_t info;
    CHECK_EQUAL(waitid(P_PID, (id_t)h.pid, &info, WEXITED | WNOWAIT), 0);
    CHECK_EQUAL(rm_host_pin(&process, &pin), -ESRCH);
    CHECK_EQUAL(reap(&h), SIGKILL);
    CHECK_EQUAL(rm_host_pin(&process, &pin), -ESRCH);
    CHECK_EQUAL(rm_host_pin(&(RM_UNIQUE_PROCESS){0}, &pin), -ESRCH);
    CHECK(!pin);
}

static void *pin_own_thread(void *nothing)
{
    struct rm_procfs proc;
    struct rm_pidref ref;
    struct rm_pin *pin;
    CHECK_EQUAL(rm_procfs_open("/proc", &proc), 0);
    CHECK_EQUAL(rm_pidref_open(proc.fd, (uint32_t)syscall(SYS_gettid), &ref), 0);
    RM_UNIQUE_PROCESS thread = rm_pidref_process(&ref);
    CHECK_EQUAL(rm_host_pin(&thread, &pin), -ESRCH);
    rm_pidref_done(&ref);
    rm_procfs_done(&proc);
    return nothing;
}

static void test_a_thread_is_no_process(void)
{
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, pin_own_thread, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

static int go[2], gone[2];

/* Executes when it is told to, and `gone` is closed by that. */
static void execute_later(const char *path)
{
    char c;
    close(gone[0]);
    holder_ready();
    CHECK(read(go[0], &c, 1) == 1);
    hold_executable(path);
}

static void test_execution_keeps_the_process(void)
{
    char c;
    copy_program("/bin/cat", "program");
    CHECK(pipe2(go, O_CLOEXEC) == 0 && pipe2(gone, O_CLOEXEC) == 0);
    struct holder h = holder_start(execute_later, "program");
    struct rm_pin *pin = pin_of(h.pid), *after;
    close(gone[1]);
    CHECK(write(go[1], "", 1) == 1 && read(gone[0], &c, 1) == 0);
    CHECK(!rm_host_pin_ended(pin));
    RM_UNIQUE_PROCESS process = rm_host_pin_process(pin);
    CHECK_EQUAL(rm_host_pin(&process, &after), 0);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(after);
    CHECK_EQUAL(reap(&h), SIGTERM);
    rm_host_pin_free(pin);
    rm_host_pin_free(after);
    close(go[0]), close(go[1]), close(gone[0]);
    unlink("program");
}

static void become_other(const char *what)
{
    (void)what;
    CHECK(setresuid(12345, 12345, 12345) == 0);
}

static void test_another_users(void)
{
    struct holder h = holder_start(hold_nothing, NULL);
    IN_A_PROCESS({
        become_other(NULL);
        struct rm_pin *pin = pin_of(h.pid);
        CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), -EPERM);
        CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_KILL), -EPERM);
        CHECK(!rm_host_pin_ended(pin));
        rm_host_pin_free(pin);
    });
    holder_stop(&h);
    h = holder_start(become_other, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    CHECK_EQUAL(reap(&h), SIGTERM);
    rm_host_pin_free(pin);
}

static void live_elsewhere(const char *what)
{
    int status;
    (void)what;
    CHECK(geteuid() == 0 ? unshare(CLONE_NEWPID) == 0 : unshare(CLONE_NEWPID | CLONE_NEWUSER) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(signal(SIGTERM, end_well) != SIG_ERR);
        holder_ready();
        holder_wait();
    }
    CHECK(waitpid(child, &status, 0) == child);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

/* The one child of a process, by its number here. */
static pid_t child_of(pid_t pid)
{
    char path[64], text[64];
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    CHECK(rm_procfs_read(AT_FDCWD, path, text, sizeof(text)) > 0);
    return (pid_t)strtol(text, NULL, 10);
}

static void test_in_another_pid_namespace(void)
{
    int status;
    struct holder h = holder_start(live_elsewhere, NULL);
    pid_t first = child_of(h.pid);
    struct rm_pin *pin = pin_of(first);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    rm_host_pin_free(pin);
    CHECK(waitpid(h.pid, &status, 0) == h.pid && status == 0);
    holder_count--;
    close(h.end);
}

/* A /proc that numbers processes otherwise than system calls do would have another process pinned. */
static void test_a_foreign_proc_is_not_believed(void)
{
    IN_A_PROCESS({
        CHECK(geteuid() == 0 ? unshare(CLONE_NEWPID) == 0 : unshare(CLONE_NEWPID | CLONE_NEWUSER) == 0);
        IN_A_PROCESS({
            struct rm_pin *pin = NULL;
            CHECK_EQUAL(rm_host_pin(&(RM_UNIQUE_PROCESS){.dwProcessId = 1}, &pin), -ENOSYS);
        });
    });
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

/* ---- in a list ---- */

static void test_each_row_has_its_pin(void)
{
    struct holder holders[5];
    struct rm_pin **pins;
    RMX_LIST *list;
    make("file");
    struct rm_session *session = session_about("file");
    int mine = open("file", O_RDONLY | O_CLOEXEC); /* critical, so its row comes last */
    for (int i = 0; i < 5; i++)
        holders[i] = holder_start(hold_open, "file");
    unsigned before = count_descriptors();
    CHECK_EQUAL(rm_list_get(session, 0, &for_ever, &list, &pins), 0);
    CHECK_EQUAL(list->app_count, 6);
    CHECK_EQUAL(count_descriptors(), before + 6);
    for (uint32_t i = 0; i < list->app_count; i++) {
        RM_UNIQUE_PROCESS process = rm_host_pin_process(pins[i]);
        CHECK(!memcmp(&process, &list->rows[i].Process, sizeof(process)));
        if (process.dwProcessId != (DWORD)getpid())
            CHECK_EQUAL(rm_host_pin_ask(pins[i], RM_REQUEST_END), 0);
    }
    CHECK_EQUAL(rm_host_pin_process(pins[5]).dwProcessId, getpid());
    for (int i = 0; i < 5; i++)
        CHECK_EQUAL(reap(&holders[i]), SIGTERM);
    rm_host_pins_free(pins, list->app_count);
    free(list);
    CHECK_EQUAL(count_descriptors(), before - 5);
    CHECK_EQUAL(rm_list_get(session, RMX_GET_SKIP_SELF, &for_ever, &list, &pins), 0);
    CHECK_EQUAL(list->app_count, 0);
    rm_host_pins_free(pins, 0);
    free(list);
    CHECK_EQUAL(rm_list_get(session, 0, &for_ever, &list, NULL), 0);
    CHECK_EQUAL(count_descriptors(), before - 5);
    free(list);
    close(mine);
    rm_session_unref(session);
    unlink("file");
}

/* Nobody is left out who could not be pinned: there is no list then. */
static void test_too_few_descriptors(void)
{
    struct holder holders[8];
    struct rlimit old, few;
    struct rm_pin **pins = NULL;
    RMX_LIST *list = NULL;
    make("file");
    struct rm_session *session = session_about("file");
    for (int i = 0; i < 8; i++)
        holders[i] = holder_start(hold_open, "file");
    unsigned before = count_descriptors();
    CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
    bool failed = false, worked = false;
    for (rlim_t limit = before; !worked; limit++) {
        few = (struct rlimit){.rlim_cur = limit, .rlim_max = old.rlim_max};
        CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
        int r = rm_list_get(session, 0, &for_ever, &list, &pins);
        CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
        if (r == 0) {
            CHECK_EQUAL(list->app_count, 8);
            worked = true;
        } else {
            CHECK_EQUAL(r, -EMFILE);
            CHECK(!list && !pins);
            CHECK_EQUAL(count_descriptors(), before);
            failed = true;
        }
    }
    CHECK(failed);
    rm_host_pins_free(pins, list->app_count);
    free(list);
    for (int i = 0; i < 8; i++)
        holder_stop(&holders[i]);
    rm_session_unref(session);
    unlink("file");
}

int main(void)
{
    char directory[] = "pin-XXXXXX";
    CHECK(mkdtemp(directory) && chdir(directory) == 0);
    RUN(test_who_is_asked_ends);
    RUN(test_who_ignores_it_is_killed);
    RUN(test_who_is_stopped_goes_on_to_end);
    RUN(test_who_runs_is_not_continued);
    RUN(test_a_process_lives_as_long_as_a_thread);
    RUN(test_who_is_not_there_cannot_be_pinned);
    RUN(test_a_thread_is_no_process);
    RUN(test_execution_keeps_the_process);
    if (geteuid() == 0) /* it takes two users */
        RUN(test_another_users);
    RUN(test_in_another_pid_namespace);
    RUN(test_a_foreign_proc_is_not_believed);
    RUN(test_many);
    RUN(test_what_ends_a_wait);
    RUN(test_each_row_has_its_pin);
    RUN(test_too_few_descriptors);
    CHECK(chdir("..") == 0 && rmdir(directory) == 0);
    return 0;
}
