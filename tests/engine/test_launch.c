/* SPDX-License-Identifier: MIT
 *
 * Starting a program again where there is no service manager.  What is started
 * is this test, executed with other arguments.
 */
#include "program.h"
#include "sandbox.h"
#include "settle.h"
#include "started.h"
#include "wish.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>

#define SAID "/run/said"
#define TELL ("FIFO=" SAID)

static char self[PATH_MAX];

static const char *const arguments[] = {"called so", "", "a b", "\xff\x80%n $HOME ${X} \"'\\ $$", NULL};

static struct rm_wish usual(void)
{
    static char caller[32];
    static const char *const environment[] = {TELL, "NAMED=\xfe $HOME %n", caller, NULL};
    snprintf(caller, sizeof(caller), "CALLER=%d", getpid());
    return (struct rm_wish){
        .uid = getuid(), .gid = getgid(), .exe = self, .directory = "/usr/bin", .arguments = arguments,
        .argument_count = 4, .environment = environment, .environment_count = 3,
    };
}

static int start(const struct rm_wish *wish, const char *unit, RM_UNIQUE_PROCESS *ret)
{
    void *data;
    size_t size;
    CHECK_EQUAL(rm_wish_pack(wish, &data, &size), 0);
    int r = rm_host_relaunch_start(data, size, unit, &for_ever, ret);
    free(data);
    return r;
}

static int listen_to(const char *fifo)
{
    CHECK(mkfifo(fifo, 0600) == 0 && chmod(fifo, 0622) == 0);
    int fd = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    CHECK(fd >= 0 && fcntl(fd, F_SETFL, 0) == 0);
    return fd;
}

/* Everything it says, up to the last line. */
static const char *hear(int fd)
{
    static char text[8192];
    size_t used = 0;
    text[0] = '\0';
    while (!strstr(text, "ignored")) {
        CHECK(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1) == 1);
        ssize_t n = read(fd, text + used, sizeof(text) - 1 - used);
        CHECK(n > 0 && (used += (size_t)n) < sizeof(text) - 1);
        text[used] = '\0';
    }
    return text;
}

/* Lets the program go, and waits until it has ended. */
static void end(int fd, const char *fifo, const RM_UNIQUE_PROCESS *process)
{
    struct rm_pin *pin;
    bool ended = false;
    CHECK_EQUAL(rm_host_pin(process, &pin), 0);
    close(fd);
    CHECK(unlink(fifo) == 0);
    CHECK_EQUAL(rm_host_pins_wait(&pin, &ended, 1, &for_ever), 0);
    rm_host_pin_free(pin);
}

#define CHECK_SAYS(text, line)                                                                                         \
    do {                                                                                                               \
        if (!strstr(text, line "\n"))                                                                                  \
            fprintf(stderr, "%s", text);                                                                               \
        CHECK(strstr(text, line "\n"));                                                                                \
    } while (0)

static unsigned count_lines(const char *text, const char *beginning)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, beginning)); at++)
        n += at == text || at[-1] == '\n';
    return n;
}

static void test_a_program_is_what_it_wished_to_be(void)
{
    char exe[PATH_MAX + 8];
    struct rm_wish wish = usual();
    RM_UNIQUE_PROCESS process;
    sigset_t blocked, before;
    int listener = listen_to(SAID), left_open = dup(listener);
    CHECK(left_open >= 0); /* without O_CLOEXEC */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &blocked, &before) == 0 && signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    CHECK(setenv("LD_LIBRARY_PATH", "/nowhere", 1) == 0);
    umask(077);
    CHECK_EQUAL(start(&wish, "test.service", &process), 0);
    umask(022);
    CHECK(sigprocmask(SIG_SETMASK, &before, NULL) == 0 && signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    close(left_open);

    const char *said = hear(listener);
    snprintf(exe, sizeof(exe), "exe %s\n", self);
    CHECK(strstr(said, exe));
    CHECK_SAYS(said, "directory /usr/bin");
    CHECK_SAYS(said, "argument called so\nargument \nargument a b\nargument \xff\x80%n $HOME ${X} \"'\\ $$");
    CHECK_SAYS(said, "environment NAMED=\xfe $HOME %n");
    CHECK_SAYS(said, "environment FIFO=" SAID);
    CHECK_SAYS(said, "environment PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    CHECK_SAYS(said, "environment HOME=/root");
    CHECK_SAYS(said, "environment USER=root");
    CHECK_SAYS(said, "environment LOGNAME=root");
    CHECK_EQUAL(count_lines(said, "environment "), 8); /* and CALLER, SHELL */
    CHECK_SAYS(said, "stdio /dev/null /dev/null /dev/null, others 0");
    CHECK_SAYS(said, "session 1, parent 0, umask 22");
    CHECK_SAYS(said, "blocked 0, ignored 0");
    char name[64], link[PATH_MAX] = "";
    snprintf(name, sizeof(name), "/proc/%u/exe", (unsigned)process.dwProcessId);
    CHECK(readlink(name, link, sizeof(link) - 1) > 0 && !strcmp(link, self));
    end(listener, SAID, &process);
}

static void test_what_it_names_itself_comes_first(void)
{
    static const char *const environment[] = {TELL, "HOME=/else", "PATH=/only", "CALLER=0"};
    struct rm_wish wish = usual();
    RM_UNIQUE_PROCESS process;
    int listener = listen_to(SAID);
    wish.environment = environment, wish.environment_count = 4;
    CHECK_EQUAL(start(&wish, "test.service", &process), 0);
    const char *said = hear(listener);
    CHECK_SAYS(said, "environment HOME=/else");
    CHECK_SAYS(said, "environment PATH=/only");
    CHECK_EQUAL(count_lines(said, "environment HOME="), 1);
    CHECK_EQUAL(count_lines(said, "environment PATH="), 1);
    end(listener, SAID, &process);
}

static void test_root_starts_it_as_its_user(void)
{
    static const uint32_t groups[] = {27, 4000000000u};
    struct rm_wish wish = usual();
    RM_UNIQUE_PROCESS process;
    if (!has_other_users())
        return;
    int listener = listen_to(SAID);
    wish.uid = 4000000001u, wish.gid = 4000000002u, wish.groups = groups, wish.group_count = 2;
    CHECK_EQUAL(start(&wish, "test.service", &process), 0);
    const char *said = hear(listener);
    CHECK_SAYS(said, "uid 4000000001 4000000001 4000000001");
    CHECK_SAYS(said, "gid 4000000002 4000000002 4000000002");
    CHECK_SAYS(said, "group 27\ngroup 4000000000");
    CHECK_EQUAL(count_lines(said, "group "), 2);
    CHECK_EQUAL(count_lines(said, "environment HOME="), 0); /* nobody knows who that is */
    end(listener, SAID, &process);
}

static void test_only_root_starts_what_is_another_users(void)
{
    if (!has_other_users())
        return;
    IN_A_PROCESS({
        struct rm_wish wish = usual();
        RM_UNIQUE_PROCESS process;
        CHECK(setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0);
        CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
        CHECK_EQUAL(start(&wish, "test.service", &process), -EACCES);
    });
}

static void test_nothing_is_started_twice_under_a_name(void)
{
    struct rm_wish wish = usual();
    RM_UNIQUE_PROCESS first, second = {0}, other;
    int listener = listen_to(SAID);
    CHECK_EQUAL(start(&wish, "one.service", &first), 0);
    hear(listener);
    IN_A_PROCESS({ /* whoever asks, as somebody who recovers from the first one's death */
        RM_UNIQUE_PROCESS again;
        CHECK_EQUAL(start(&wish, "one.service", &again), -EEXIST);
        CHECK(!memcmp(&again, &first, sizeof(again)));
    });
    CHECK_EQUAL(start(&wish, "two.service", &other), 0);
    hear(listener);
    CHECK(other.dwProcessId != first.dwProcessId);
    CHECK_EQUAL(start(&wish, "one.service", &second), -EEXIST);
    CHECK(!memcmp(&second, &first, sizeof(second)));
    CHECK_EQUAL(kill((pid_t)other.dwProcessId, SIGKILL), 0);
    end(listener, SAID, &first);

    listener = listen_to(SAID);
    CHECK_EQUAL(start(&wish, "one.service", &second), 0);
    hear(listener);
    end(listener, SAID, &second);
}

static void *start_one(void *unused)
{
    struct rm_wish wish = usual();
    RM_UNIQUE_PROCESS process;
    (void)unused;
    return (void *)(intptr_t)start(&wish, "raced.service", &process);
}

static void *allocate(void *stop)
{
    while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED))
        free(malloc(100000));
    return NULL;
}

/* And the child of a process with threads does not wait for a lock that one of them held. */
static void test_of_many_threads_one_starts_it(void)
{
    pthread_t threads[8], busy;
    bool stop = false;
    int listener = listen_to(SAID), started = 0;
    CHECK(pthread_create(&busy, NULL, allocate, &stop) == 0);
    for (int i = 0; i < 8; i++)
        CHECK(pthread_create(&threads[i], NULL, start_one, NULL) == 0);
    for (int i = 0; i < 8; i++) {
        void *r;
        CHECK(pthread_join(threads[i], &r) == 0);
        CHECK((intptr_t)r == 0 || (intptr_t)r == -EEXIST);
        started += !r;
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    CHECK(pthread_join(busy, NULL) == 0);
    CHECK_EQUAL(started, 1);
    CHECK_EQUAL(count_lines(hear(listener), "exe "), 1);
    close(listener);
    CHECK(unlink(SAID) == 0);
}

static void test_why_it_could_not_be_started(void)
{
    struct rm_wish wish = usual();
    RM_UNIQUE_PROCESS process = {4711, {1, 2}};
    wish.exe = "/run/none";
    CHECK_EQUAL(start(&wish, "test.service", &process), -ENOENT);
    wish.exe = "/etc/passwd";
    CHECK_EQUAL(start(&wish, "test.service", &process), -EACCES);
    wish = usual(), wish.directory = "/run/none";
    CHECK_EQUAL(start(&wish, "test.service", &process), -ENOENT);
    wish = usual();
    CHECK_EQUAL(start(&wish, "a/b.service", &process), -EINVAL);
    CHECK_EQUAL(rm_host_relaunch_start("x", 1, "test.service", &for_ever, &process), -EBADMSG);
    CHECK(process.dwProcessId == 4711 && process.ProcessStartTime.dwHighDateTime == 2);
    CHECK_EQUAL(waitpid(-1, NULL, __WALL), -1); /* and no child is left */
}

static void test_what_ends_at_once_does_not_run(void)
{
    struct rm_wish wish = usual();
    RM_UNIQUE_PROCESS process;
    rm_settle_time = UINT64_C(60000000000); /* for as long as it takes to end */
    wish.exe = "/bin/true", wish.argument_count = 1;
    CHECK_EQUAL(start(&wish, "test.service", &process), -ECHILD);
    rm_settle_time = 0;
}

/* The program is not let go before it is known who it is; without that word it never becomes one. */
static void test_a_wait_that_is_over_starts_nothing(void)
{
    struct rm_wish wish = usual();
    struct rm_wait over = {.deadline = 1, .cancel_fd = -1};
    RM_UNIQUE_PROCESS process;
    void *data;
    size_t size;
    int listener = listen_to(SAID);
    CHECK_EQUAL(rm_wish_pack(&wish, &data, &size), 0);
    CHECK_EQUAL(rm_host_relaunch_start(data, size, "test.service", &over, &process), -ETIMEDOUT);
    free(data);
    CHECK_EQUAL(start(&wish, "test.service", &process), 0); /* the name is free */
    CHECK_EQUAL(count_lines(hear(listener), "exe "), 1);
    end(listener, SAID, &process);
}

static void expect_started_once(void)
{
    struct rm_wish wish = usual();
    RM_UNIQUE_PROCESS process;
    int listener = listen_to(SAID);
    CHECK_EQUAL(start(&wish, "test.service", &process), 0);
    CHECK_EQUAL(count_lines(hear(listener), "exe "), 1);
    end(listener, SAID, &process);
}

static void test_without_a_store_it_comes_back_all_the_same(void)
{
    CHECK(chmod("/run/rmcy", 0755) == 0); /* others could have been in it */
    expect_started_once();
    CHECK(chmod("/run/rmcy", 0700) == 0 && chmod(KEPT, 0755) == 0);
    expect_started_once();
    CHECK(chmod(KEPT, 0700) == 0 && rename("/run/rmcy", "/run/gone") == 0);
    write_file("/run/rmcy", "no directory");
    expect_started_once();
    CHECK(unlink("/run/rmcy") == 0 && mkdir("/run/rmcy", 0700) == 0 && mkdir("/run/rmcy/lock", 0700) == 0);
    expect_started_once();
    CHECK(rmdir("/run/rmcy/lock") == 0 && rmdir(KEPT) == 0 && mkdir(KEPT, 0700) == 0);
    CHECK(mount("tmpfs", KEPT, "tmpfs", 0, "nr_inodes=2,mode=700") == 0);
    write_file(KEPT "/filler", "");
    expect_started_once();
    CHECK(umount2(KEPT, MNT_DETACH) == 0);
}

static void hold_telling(const char *unused)
{
    const char *const environment[] = {TELL, "CALLER=0"};
    RMX_RELAUNCH how = {.size = sizeof(how), .arguments = arguments, .argument_count = 4, .directory = "/usr",
                        .environment = environment, .environment_count = 2};
    (void)unused;
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_SUCCESS);
}

static void test_what_registered_comes_back(void)
{
    struct holder h = holder_start(hold_telling, NULL);
    char first[PATH_MAX + 64];
    RM_UNIQUE_PROCESS process;
    void *wish;
    size_t size;
    CHECK_EQUAL(read_wish(h.pid, &wish, &size), 0);
    holder_stop(&h);
    int listener = listen_to(SAID);
    CHECK_EQUAL(rm_host_relaunch_start(wish, size, "test.service", &for_ever, &process), 0);
    free(wish);
    const char *said = hear(listener);
    snprintf(first, sizeof(first), "argument %s\nargument called so\nargument \n", self);
    CHECK(strstr(said, first));
    CHECK_SAYS(said, "directory /usr");
    end(listener, SAID, &process);
}

/* Goes on in a child; the parent takes the place of a process 1 that cares for orphans, as not each one does. */
static void enter_below_a_reaper(void)
{
    int status, result = 1;
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    fflush(stdout);
    pid_t child = fork(), pid;
    CHECK(child >= 0);
    if (child == 0)
        return;
    while ((pid = waitpid(-1, &status, __WALL)) > 0)
        if (pid == child)
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    exit(result);
}

int main(int argc, char **argv)
{
    if (getenv("FIFO"))
        return be_started(argc, argv);
    CHECK(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    sandbox_enter("mode=755");
    enter_below_a_reaper();
    rm_settle_time = 0; /* whether it has ended by then is no matter here */
    RUN(test_a_program_is_what_it_wished_to_be);
    RUN(test_what_it_names_itself_comes_first);
    RUN(test_root_starts_it_as_its_user);
    RUN(test_only_root_starts_what_is_another_users);
    RUN(test_nothing_is_started_twice_under_a_name);
    RUN(test_of_many_threads_one_starts_it);
    RUN(test_why_it_could_not_be_started);
    RUN(test_what_ends_at_once_does_not_run);
    RUN(test_a_wait_that_is_over_starts_nothing);
    RUN(test_what_registered_comes_back);
    RUN(test_without_a_store_it_comes_back_all_the_same);
    return 0;
}
