/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "host.h"
#include "pidref.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REST "1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0\n"

static int parse(const char *text, struct rm_stat *ret)
{
    return rm_stat_parse(text, strlen(text), ret);
}

static void test_numbers(void)
{
    uint64_t value = 7;
    CHECK(rm_procfs_number("18446744073709551615", 20, UINT64_MAX, &value) == 0 && value == UINT64_MAX);
    value = 7;
    CHECK_EQUAL(rm_procfs_number("18446744073709551616", 20, UINT64_MAX, &value), -EINVAL);
    CHECK_EQUAL(rm_procfs_number("99999999999999999999999999", 26, UINT64_MAX, &value), -EINVAL);
    CHECK_EQUAL(rm_procfs_number("4294967296", 10, UINT32_MAX, &value), -EINVAL);
    CHECK_EQUAL(rm_procfs_number("", 0, UINT32_MAX, &value), -EINVAL);
    CHECK_EQUAL(rm_procfs_number("-1", 2, UINT32_MAX, &value), -EINVAL);
    CHECK_EQUAL(rm_procfs_number(" 1", 2, UINT32_MAX, &value), -EINVAL);
    CHECK_EQUAL(rm_procfs_number("1x", 2, UINT32_MAX, &value), -EINVAL);
    CHECK_EQUAL(value, 7);
}

static void test_stat(void)
{
    struct rm_stat s;
    CHECK_EQUAL(parse("42 (cat) S 1 " REST, &s), 0);
    CHECK(!strcmp(s.comm, "cat") && s.state == 'S' && !s.kernel_thread);
    CHECK_EQUAL(s.threads, 1);
    CHECK_EQUAL(s.start, 777 * (10000000 / (uint64_t)sysconf(_SC_CLK_TCK)));

    CHECK_EQUAL(parse("42 (x) S 1 (y) Z 1 " REST, &s), 0);
    CHECK(!strcmp(s.comm, "x) S 1 (y") && s.state == 'Z');
    CHECK_EQUAL(parse("42 (a\nb) R) S 1 " REST, &s), 0);
    CHECK(!strcmp(s.comm, "a\nb) R"));
    CHECK_EQUAL(parse("42 () S 1 " REST, &s), 0);
    CHECK(!strcmp(s.comm, ""));

    CHECK_EQUAL(parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0\n", &s), 0);
    CHECK(s.kernel_thread && !s.exiting);
    CHECK_EQUAL(parse("42 (cc1) R 1 1 1 0 -1 4194316 0 0 0 0 0 0 0 0 20 0 1 0 5 0\n", &s), 0);
    CHECK(s.exiting && !rm_stat_ended(&s)); /* its descriptors may still be open */
}

static void test_stat_that_is_cut_anywhere(void)
{
    const char *whole = "42 (x) S 1 (y) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 3 0 777123 0 0\n";
    const char *needed = strstr(whole, "777123") + 6;
    for (const char *end = whole; end <= whole + strlen(whole); end++) {
        /* A copy of just that size, so that a sanitizer sees a read past it. */
        size_t size = (size_t)(end - whole);
        char *copy = malloc(size ? size : 1);
        struct rm_stat s = {.start = 1};
        CHECK(copy);
        memcpy(copy, whole, size);
        int r = rm_stat_parse(copy, size, &s);
        if (end > needed)
            CHECK(r == 0 && s.start > 1);
        else
            CHECK(r == -EBADMSG && s.start == 1);
        free(copy);
    }
}

static void test_stat_that_is_hostile(void)
{
    static const char *const bad[] = {
        "", "42", "42 cat S 1 " REST, ")(", "42 (cat)S 1 " REST, "42 (cat) SS 1 " REST, "42 (cat)  1 " REST,
        /* threads, start, flags: not numbers or too large */
        "42 (c) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 -1 0 777 0 0\n",
        "42 (c) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 99999999999999999999 0 0\n",
        "42 (c) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 18446744073709551615 0 0\n",
        "42 (c) S 1 1 1 0 -1 x 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0\n",
    };
    struct rm_stat s;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_EQUAL(parse(bad[i], &s), -EBADMSG);
}

static void test_status(void)
{
    struct rm_status s;
    CHECK_EQUAL(rm_status_parse("Name:\tx\\nUid:\t9\nTgid:\t42\nUid:\t1\t2\t3\t4\nGid:\t0\n", &s), 0);
    CHECK(s.tgid == 42 && s.real_uid == 1 && s.effective_uid == 2 && s.saved_uid == 3);
    CHECK_EQUAL(rm_status_parse("", &s), -EBADMSG);
    CHECK_EQUAL(rm_status_parse("Tgid:\t42\nUid:\t1\n", &s), -EBADMSG);
    CHECK_EQUAL(rm_status_parse("Tgid:\t42\nUid:\t1\t2\n", &s), -EBADMSG);
    CHECK_EQUAL(rm_status_parse("Tgid:\t42\nUid:\t1\t4294967296\t1\t1\n", &s), -EBADMSG);
    CHECK_EQUAL(rm_status_parse("Tgid:\nUid:\t1\t2\t3\t4\n", &s), -EBADMSG);
    /* A number that the text ends with may be part of one. */
    CHECK_EQUAL(rm_status_parse("Tgid:\t42\nUid:\t1\t2\t3", &s), -EBADMSG);
    CHECK_EQUAL(rm_status_parse("Uid:\t1\t2\t3\t4\nTgid:\t42", &s), -EBADMSG);
}

static void test_read_refuses_what_does_not_fit(void)
{
    char small[8];
    CHECK_EQUAL(rm_procfs_read(AT_FDCWD, "/proc/self/status", small, sizeof(small)), -EFBIG);
    CHECK_EQUAL(rm_procfs_read(AT_FDCWD, "/proc/self/nothing", small, sizeof(small)), -ENOENT);
}

static void test_self(void)
{
    struct rm_procfs proc;
    struct rm_pidref ref;
    CHECK_EQUAL(rm_procfs_open("/proc", &proc), 0);
    CHECK(proc.live && proc.self == (uint32_t)getpid());
    CHECK_EQUAL(rm_pidref_open(proc.fd, (uint32_t)getpid(), &ref), 0);
    CHECK_EQUAL(rm_pidref_refresh(&ref), 0);
    CHECK(!rm_pidref_ended(&ref) && ref.stat.start > 0);
    rm_pidref_done(&ref);
    rm_procfs_done(&proc);
    CHECK_EQUAL(rm_procfs_open("/nonexistent", &proc), -ENOENT);
}

/* A process that chooses a hostile name is identified as before. */
static void test_hostile_name(void)
{
    RM_UNIQUE_PROCESS before, after;
    char name[16];
    CHECK_EQUAL(prctl(PR_GET_NAME, name), 0);
    CHECK_EQUAL(rm_host_process((uint32_t)getpid(), &before), 0);
    CHECK_EQUAL(prctl(PR_SET_NAME, "x) S 1 (y"), 0);
    CHECK_EQUAL(rm_host_process((uint32_t)getpid(), &after), 0);
    CHECK_EQUAL(prctl(PR_SET_NAME, name), 0);
    CHECK_EQUAL(memcmp(&before, &after, sizeof(before)), 0);
}

static void test_zombie_is_no_living_process(void)
{
    RM_UNIQUE_PROCESS process = {.dwProcessId = 7};
    siginfo_t info;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(0);
    CHECK_EQUAL(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    CHECK_EQUAL(rm_host_process((uint32_t)child, &process), -ESRCH);
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
    CHECK_EQUAL(rm_host_process((uint32_t)child, &process), -ESRCH);
    CHECK_EQUAL(rm_host_process(0, &process), -ESRCH);
    CHECK_EQUAL(rm_host_process(UINT32_MAX, &process), -ESRCH);
    CHECK_EQUAL(process.dwProcessId, 7);
}

static void *ask_for_thread(void *unused)
{
    RM_UNIQUE_PROCESS process;
    (void)unused;
    CHECK_EQUAL(rm_host_process((uint32_t)syscall(SYS_gettid), &process), -ESRCH);
    CHECK_EQUAL(rm_host_process((uint32_t)getpid(), &process), 0);
    return NULL;
}

static void test_thread_is_no_process(void)
{
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, ask_for_thread, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

/* A pin stays with its process: once that has ended there is nothing to be read through it. */
static void test_pin_outlives_its_process(void)
{
    struct rm_procfs proc;
    struct rm_pidref ref;
    int hold[2];
    CHECK_EQUAL(pipe(hold), 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char c;
        close(hold[1]);
        _exit(read(hold[0], &c, 1) != 0);
    }
    close(hold[0]);
    CHECK_EQUAL(rm_procfs_open("/proc", &proc), 0);
    CHECK_EQUAL(rm_pidref_open(proc.fd, (uint32_t)child, &ref), 0);
    close(hold[1]);
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
    CHECK_EQUAL(rm_pidref_refresh(&ref), -ESRCH);
    rm_pidref_done(&ref);
    rm_procfs_done(&proc);
}

int main(void)
{
    RUN(test_numbers);
    RUN(test_stat);
    RUN(test_stat_that_is_cut_anywhere);
    RUN(test_stat_that_is_hostile);
    RUN(test_status);
    RUN(test_read_refuses_what_does_not_fit);
    RUN(test_self);
    RUN(test_hostile_name);
    RUN(test_zombie_is_no_living_process);
    RUN(test_thread_is_no_process);
    RUN(test_pin_outlives_its_process);
    return 0;
}
