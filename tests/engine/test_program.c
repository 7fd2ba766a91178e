/* SPDX-License-Identifier: MIT
 *
 * What is said of a process, and of which it is said.  Everything is run by
 * each way of reading maps, and as a user without privileges too.
 */
#include "hold.h"
#include "reader.h"

static bool equals(const WCHAR *wide, const char *text)
{
    size_t i = 0;
    while (text[i] && wide[i] == (unsigned char)text[i])
        i++;
    return !text[i] && !wide[i];
}

static void check_name(const char *file, bool deleted, const char *name)
{
    copy_program("/bin/cat", file);
    struct question q = question_about(file);
    struct holder h = holder_start(hold_executable, file);
    if (deleted)
        CHECK(unlink(file) == 0);
    RMX_LIST *list = question_ask(&q);
    int row = answer_row(list, h.pid);
    CHECK(row >= 0);
    CHECK(equals(list->rows[row].strAppName, name) && !strcmp(strrchr(list->apps[row].exe, '/') + 1, name));
    free(list);
    holder_stop(&h);
    question_done(&q);
    if (!deleted)
        CHECK(unlink(file) == 0);
}

static void test_names(void)
{
    check_name("plain", false, "plain");
    check_name("plain", true, "plain");
    check_name("odd (deleted)", false, "odd (deleted)");
    check_name("odd (deleted)", true, "odd (deleted)");
    check_name("line\nfeed", false, "line\nfeed");
}

static void call_oneself_badly(const char *path)
{
    CHECK(prctl(PR_SET_NAME, "x) S 1 (y") == 0);
    hold_open(path);
}

static void test_process_with_a_hostile_name(void)
{
    make("file");
    struct question q = question_about("file");
    struct holder h = holder_start(call_oneself_badly, "file");
    RM_UNIQUE_PROCESS process;
    CHECK_EQUAL(rm_host_process((uint32_t)h.pid, &process), 0);
    RMX_LIST *list = question_ask(&q);
    int row = answer_row(list, h.pid);
    CHECK(row >= 0 && !memcmp(&list->rows[row].Process, &process, sizeof(process)));
    CHECK(list->rows[row].ApplicationType == RmConsole && list->rows[row].AppStatus == RmStatusRunning);
    CHECK(!list->rows[row].bRestartable && list->apps[row].uid == geteuid());
    free(list);
    holder_stop(&h);
    question_done(&q);
    unlink("file");
}

static void test_registered_processes(void)
{
    struct holder h = holder_start(hold_directory, "/");
    RM_UNIQUE_PROCESS process, other;
    CHECK_EQUAL(rm_host_process((uint32_t)h.pid, &process), 0);
    other = process;
    other.ProcessStartTime.dwLowDateTime ^= 1;

    struct question q = question_new();
    rm_resources_add_process(q.resources, &other);
    RMX_LIST *list = question_ask(&q);
    CHECK_EQUAL(list->app_count, 0); /* the number alone is not the process */
    free(list);

    rm_resources_add_process(q.resources, &process);
    list = question_ask(&q);
    CHECK(list->app_count == 1 && answer_row(list, h.pid) == 0 && list->apps[0].use_count == 0);
    CHECK(list->processes == 1 && list->descriptors == 0); /* no file was asked about, so none was looked for */
    CHECK(!answer_skips(list, RMX_SKIP_PERMISSION, 0));
    free(list);

    holder_stop(&h);
    list = question_ask(&q);
    CHECK_EQUAL(list->app_count, 0);
    free(list);
    question_done(&q);
}

static void test_self(void)
{
    make("file");
    struct question q = question_about("file");
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    RMX_LIST *list = question_ask(&q);
    int row = answer_row(list, getpid());
    CHECK(row >= 0 && list->rows[row].ApplicationType == RmCritical);
    CHECK_EQUAL(list->reboot_reasons, RmRebootReasonDetectedSelf);
    CHECK_EQUAL(answer_kinds(list, getpid()), OPEN);
    free(list);
    q.flags = RMX_GET_SKIP_SELF;
    list = question_ask(&q);
    CHECK(answer_row(list, getpid()) < 0 && list->reboot_reasons == 0);
    free(list);
    close(fd);
    question_done(&q);
    unlink("file");
}

static void test_first_process_is_critical(void)
{
    struct question q = question_new();
    RM_UNIQUE_PROCESS process;
    CHECK_EQUAL(rm_host_process(1, &process), 0);
    rm_resources_add_process(q.resources, &process);
    RMX_LIST *list = question_ask(&q);
    CHECK(list->app_count == 1 && list->rows[0].ApplicationType == RmCritical && !list->rows[0].bRestartable);
    CHECK_EQUAL(list->rows[0].TSSessionId, (DWORD)RM_INVALID_TS_SESSION);
    CHECK_EQUAL(list->reboot_reasons,
                RmRebootReasonCriticalProcess | (kill(1, 0) < 0 ? (unsigned)RmRebootReasonPermissionDenied : 0));
    free(list);
    question_done(&q);
}

static void test_zombies_and_kernel_threads_hold_nothing(void)
{
    siginfo_t info;
    make("file");
    struct question q = question_about("file");
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(0);
    CHECK_EQUAL(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    RMX_LIST *list = question_ask(&q);
    for (uint32_t cause = 0; cause <= RMX_SKIP_FILE; cause++) {
        CHECK(!answer_skips(list, cause, (uint32_t)child));
        /* kthreadd, where there is an initial pid namespace */
        char text[RM_STAT_SIZE];
        struct rm_stat stat;
        long n = rm_procfs_read(AT_FDCWD, "/proc/2/stat", text, sizeof(text));
        if (n > 0 && rm_stat_parse(text, (size_t)n, &stat) == 0 && stat.kernel_thread)
            CHECK(!answer_skips(list, cause, 2));
    }
    free(list);
    waitpid(child, NULL, 0);
    question_done(&q);
    unlink("file");
}

/* A process that may not be inspected is reported, never passed over. */
static void hide(const char *path)
{
    hold_open(path);
    CHECK(prctl(PR_SET_DUMPABLE, 0) == 0);
}

static void test_refusal(void)
{
    make("file");
    struct question q = question_about("file");
    struct holder h = holder_start(hide, "file");
    if (confirms) {
        CHECK_EQUAL(question_kinds(&q, h.pid), OPEN);
    } else {
        CHECK_EQUAL(question_kinds(&q, h.pid), 0);
        CHECK_EQUAL(question_skips(&q, RMX_SKIP_PERMISSION, h.pid), 1);
        q.flags = RMX_GET_MINE; /* it is ours all the same */
        CHECK_EQUAL(question_skips(&q, RMX_SKIP_PERMISSION, h.pid), 1);
    }
    holder_stop(&h);
    question_done(&q);
    unlink("file");
}

static void become_other(const char *path)
{
    hold_open(path);
    CHECK(setresuid(12345, 12345, 12345) == 0);
}

static void test_mine(void)
{
    make("file");
    struct question q = question_about("file");
    q.flags = RMX_GET_MINE;
    struct holder mine = holder_start(hold_open, "file");
    CHECK_EQUAL(question_kinds(&q, mine.pid), OPEN);
    if (geteuid() == 0) {
        struct holder other = holder_start(become_other, "file");
        CHECK_EQUAL(question_kinds(&q, other.pid), 0);
        q.flags = 0;
        CHECK_EQUAL(question_kinds(&q, other.pid), OPEN);
        holder_stop(&other);
    } else {
        /* Process 1 is another user's: not asked about, so not missing. */
        struct stat st;
        CHECK(stat("/proc/1", &st) == 0);
        CHECK(st.st_uid == geteuid() || !question_skips(&q, RMX_SKIP_PERMISSION, 1));
    }
    holder_stop(&mine);
    question_done(&q);
    unlink("file");
}

static void all(void)
{
    RUN(test_names);
    RUN(test_process_with_a_hostile_name);
    RUN(test_registered_processes);
    RUN(test_self);
    RUN(test_first_process_is_critical);
    RUN(test_zombies_and_kernel_threads_hold_nothing);
    RUN(test_refusal);
    RUN(test_mine);
}

int main(void)
{
    as_everybody(all);
    return 0;
}
