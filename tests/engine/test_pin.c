/* SPDX-License-Identifier: MIT
 *
 * A pin is one process for ever, and it goes with its row through a list.
 */
#include "pinning.h"
#include "whole_list.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

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
    CHECK_EQUAL(ended_by(&h), SIGKILL);
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
    CHECK_EQUAL(ended_by(&h), SIGTERM);
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
    CHECK_EQUAL(ended_by(&h), SIGTERM);
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
    struct holder h = holder_start(live_elsewhere, NULL);
    pid_t first = child_of(h.pid);
    struct rm_pin *pin = pin_of(first);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    rm_host_pin_free(pin);
    holder_stop(&h);
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
        CHECK_EQUAL(ended_by(&holders[i]), SIGTERM);
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
    RUN(test_who_is_not_there_cannot_be_pinned);
    RUN(test_a_thread_is_no_process);
    RUN(test_execution_keeps_the_process);
    if (geteuid() == 0) /* it takes two users */
        RUN(test_another_users);
    RUN(test_in_another_pid_namespace);
    RUN(test_a_foreign_proc_is_not_believed);
    RUN(test_each_row_has_its_pin);
    RUN(test_too_few_descriptors);
    CHECK(chdir("..") == 0 && rmdir(directory) == 0);
    return 0;
}
