/* SPDX-License-Identifier: MIT
 *
 * What is critical and why: by a recorded tree, which has every kind of
 * process at once and needs no service manager, and by real processes.
 */
#include "critical.h"
#include "hold.h"
#include "process.h"
#include "question.h"
#include "vital.h"

#include <ftw.h>
#include <stdarg.h>

/* ---- names ---- */

static void test_wildcards(void)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        {"nginx.service", "nginx.service", true}, {"nginx.service", "nginx.services", false},
        {"nginx.service", "nginx.servic", false}, {"*", "", true},
        {"?", "", false},                         {"", "", true},
        {"", "a", false},                         {"a*c", "abc", true},
        {"a*c", "ac", true},                      {"a*c", "abcd", false},
        {"a*b*c", "a-b-b-c", true},               {"a?c", "abc", true},
        {"a?c", "ac", false},                     {"*.service", ".service", true},
        {"**a", "aaa", true},                     {"[ab]", "a", false},
        {"a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        CHECK_EQUAL(rm_critical_matches(cases[i].pattern, cases[i].name), cases[i].matches);
}

static bool has_unit(const struct rm_critical *critical, const char *unit)
{
    return rm_critical_has(critical, &(struct rm_program){.unit = unit});
}

static void test_patterns_that_are_added(void)
{
    struct rm_critical critical = {0}, copy;
    struct rm_identity id;
    char long_name[300];
    memset(long_name, 'u', sizeof(long_name) - 1);
    long_name[256] = '\0';
    CHECK_EQUAL(rm_critical_add(&critical, ""), -EINVAL);
    CHECK_EQUAL(rm_critical_add(&critical, "bin/program"), -EINVAL);
    CHECK_EQUAL(rm_critical_add(&critical, long_name), -EINVAL);
    CHECK_EQUAL(critical.count, 0);
    CHECK(!has_unit(&critical, "nginx.service"));
    CHECK_EQUAL(rm_critical_add(&critical, "postgresql@*"), 0);
    CHECK_EQUAL(rm_critical_add(&critical, "postgresql@*"), 0);
    CHECK_EQUAL(critical.count, 1);
    CHECK_EQUAL(rm_critical_add(&critical, "backup"), 0);
    make("program");
    CHECK(rm_host_identify("program", &id) == 0);
    char *path = realpath("program", NULL);
    CHECK(path && rm_critical_add(&critical, path) == 0 && rm_critical_add(&critical, "/nothing/there") == 0);
    CHECK_EQUAL(rm_critical_copy(&critical, &copy), 0);
    rm_critical_done(&critical);
    CHECK(has_unit(&copy, "postgresql@15-main.service") && has_unit(&copy, "backup.service"));
    CHECK(!has_unit(&copy, "backup.timer") && !has_unit(&copy, "backups.service") && !has_unit(&copy, NULL));
    CHECK(rm_critical_has(&copy, &(struct rm_program){.exe = path}));
    CHECK(rm_critical_has(&copy, &(struct rm_program){.exe = "/another/name", .exe_identity = id}));
    CHECK(rm_critical_has(&copy, &(struct rm_program){.exe = "/nothing/there"}));
    CHECK(!rm_critical_has(&copy, &(struct rm_program){.exe = "/another/name"}));
    rm_critical_done(&copy);
    free(path);
    unlink("program");
}

static void test_units_of_the_system(void)
{
    static const char *const critical[] = {
        "dbus.service", "dbus-broker.service", "systemd-logind.service", "systemd-udevd.service", "user@1000.service",
        "user-runtime-dir@1000.service", "getty@tty1.service", "serial-getty@ttyS0.service", "gdm.service",
        "sddm.service", "lightdm.service", "containerd.service", "docker.service", "lxc-net.service", "lxcfs.service",
        "systemd-machined.service",
    };
    static const char *const others[] = {
        "nginx.service", "ssh.service", "cron.service", "dbus-org.example.service", "user@1000.services",
        "my-systemd-logind.service", "polkit.service", "NetworkManager.service", "session-3.scope", "init.scope",
    };
    for (size_t i = 0; i < sizeof(critical) / sizeof(*critical); i++)
        CHECK(rm_vital_unit(critical[i], RMX_NO_UID));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        CHECK(!rm_vital_unit(others[i], RMX_NO_UID));
    /* A user's manager runs what the user likes. */
    CHECK(rm_vital_unit("dbus.service", 1000) && rm_vital_unit("docker.service", 1000));
    CHECK(!rm_vital_unit("user@1000.service", 1000) && !rm_vital_unit("systemd-logind.service", 1000));
}

static void test_who_says_that_it_is_a_login(void)
{
    const struct rm_inode roots = {.id = {.inode = 1}}, users = {.id = {.inode = 1}, .uid = 1000}, none = {0};
    CHECK(rm_vital_is_login("/usr/sbin/sshd", &roots) && rm_vital_is_login("/usr/lib/openssh/sshd-session", &roots));
    CHECK(!rm_vital_is_login("/home/user/sshd", &users) && !rm_vital_is_login("/usr/sbin/sshd", &none));
    CHECK(!rm_vital_is_login("/usr/sbin/nginx", &roots) && !rm_vital_is_login(NULL, &roots));
}

/* ---- a tree ---- */

static __attribute__((format(printf, 3, 4))) void record(unsigned pid, const char *name, const char *format, ...)
{
    char path[64];
    va_list arguments;
    snprintf(path, sizeof(path), "tree/%u/%s", pid, name);
    FILE *file = fopen(path, "we");
    CHECK(file);
    va_start(arguments, format);
    CHECK(vfprintf(file, format, arguments) > 0);
    va_end(arguments);
    CHECK(fclose(file) == 0);
}

static struct question tree_question;

static void process(unsigned pid, unsigned parent, const char *program, const char *cgroup)
{
    unsigned uid = geteuid(); /* so that they may be signalled */
    char path[64], to[64];
    snprintf(path, sizeof(path), "tree/%u", pid);
    CHECK(mkdir(path, 0700) == 0);
    record(pid, "stat", "%u (x) S %u %u %u 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 5000 100 10 0\n", pid, parent, pid,
           pid);
    record(pid, "status", "Name:\tx\nTgid:\t%u\nPid:\t%u\nPPid:\t%u\nUid:\t%u\t%u\t%u\t%u\n", pid, pid, parent,
           uid, uid, uid, uid);
    record(pid, "cgroup", "0::%s\n", cgroup);
    snprintf(path, sizeof(path), "tree/%u/exe", pid);
    snprintf(to, sizeof(to), "../../bin/%s", program);
    CHECK(symlink(to, path) == 0);
    rm_resources_add_process(tree_question.resources, &(RM_UNIQUE_PROCESS){pid, {5000 * 100000, 0}});
}

static int forget(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

#define LOGIN "/user.slice/user-1000.slice/session-3.scope"
#define OF_USER "/user.slice/user-1000.slice/user@1000.service"

/* The caller is 22, which cron started. */
static void make_tree(void)
{
    struct rm_resources_need need = {.processes = 64};
    CHECK(mkdir("tree", 0700) == 0 && mkdir("bin", 0700) == 0 && symlink("22", "tree/self") == 0);
    make("bin/sshd"), make("bin/program"), make("bin/tool");
    tree_question = question_new();
    CHECK_EQUAL(rm_resources_reserve(tree_question.resources, &need), 0);
    process(1, 0, "program", "/init.scope");
    process(10, 1, "sshd", "/system.slice/ssh.service");
    process(11, 10, "sshd", LOGIN);
    process(12, 10, "sshd", "/system.slice/ssh.service");
    process(13, 1, "sshd", "/");
    process(14, 11, "program", LOGIN);
    process(20, 1, "program", "/system.slice/cron.service");
    process(21, 20, "program", LOGIN);
    process(22, 21, "program", LOGIN);
    process(23, 20, "program", "/system.slice/cron.service");
    process(24, 22, "program", LOGIN);
    process(25, 20, "program", "/system.slice/other.service");
    process(30, 1, "program", "/system.slice/dbus.service");
    process(31, 1, "program", OF_USER "/app.slice/dbus.service");
    process(32, 1, "program", OF_USER "/app.slice/systemd-own.service");
    process(33, 1, "program", OF_USER "/init.scope");
    process(40, 1, "program", "/system.slice/nginx.service");
    process(41, 1, "program", "/system.slice/postgresql@15-main.service");
    process(42, 1, "tool", "/");
}

struct expected {
    DWORD pid;
    uint32_t cause, type;
};

static void expect_rows(const RMX_LIST *list, const struct expected expected[], size_t count)
{
    CHECK_EQUAL(list->app_count, count);
    for (size_t i = 0; i < count; i++) {
        int row = answer_row(list, (pid_t)expected[i].pid);
        CHECK(row >= 0);
        if (list->apps[row].cause != expected[i].cause || list->rows[row].ApplicationType != expected[i].type)
            fprintf(stderr, "process %u:\n", (unsigned)expected[i].pid);
        CHECK_EQUAL(list->apps[row].cause, expected[i].cause);
        CHECK_EQUAL(list->rows[row].ApplicationType, expected[i].type);
        CHECK_EQUAL(list->rows[row].bRestartable, expected[i].type == RmService);
    }
}

enum { NONE = RMX_CAUSE_NONE, CRITICAL = RMX_CAUSE_CRITICAL, SELF = RMX_CAUSE_SELF };

static void test_each_in_a_tree(void)
{
    /* A file that is not root's says nothing of logins. */
    bool root = geteuid() == 0;
    uint32_t login = root ? CRITICAL : NONE;
    const struct expected expected[] = {
        {1, CRITICAL, RmCritical},
        {10, NONE, RmService}, /* the first sshd of its service comes back */
        {11, login, root ? RmCritical : RmConsole},
        {12, login, root ? RmCritical : RmService},
        {13, login, root ? RmCritical : RmConsole},
        {14, NONE, RmConsole}, /* in a scope each is by itself, also in that of a login or of the caller (ours) */
        {20, SELF, RmCritical},
        {21, SELF, RmCritical},
        {22, SELF, RmCritical},
        {23, SELF, RmCritical}, /* would be stopped with cron */
        {24, NONE, RmConsole},
        {25, NONE, RmService},
        {30, CRITICAL, RmCritical},
        {31, CRITICAL, RmCritical},
        {32, NONE, RmService},
        {33, CRITICAL, RmCritical},
        {40, NONE, RmService},
        {41, CRITICAL, RmCritical}, /* was added */
        {42, CRITICAL, RmCritical}, /* the same */
    };
    struct rm_critical added = {0};
    char *tool = realpath("bin/tool", NULL);
    CHECK(tool && rm_critical_add(&added, "postgresql@*") == 0 && rm_critical_add(&added, tool) == 0);
    tree_question.critical = &added;
    RMX_LIST *list = question_ask(&tree_question);
    expect_rows(list, expected, sizeof(expected) / sizeof(*expected));
    CHECK_EQUAL(list->reboot_reasons,
                RmRebootReasonDetectedSelf | RmRebootReasonCriticalProcess | RmRebootReasonCriticalService);
    free(list);
    tree_question.critical = NULL;
    rm_critical_done(&added);
    free(tool);
}

/* One by one, for what each adds to the reasons. */
static void test_reasons(void)
{
    static const struct {
        unsigned pid;
        uint32_t reasons;
    } cases[] = {
        {1, RmRebootReasonCriticalProcess}, {20, RmRebootReasonCriticalService},
        {21, RmRebootReasonCriticalProcess}, {22, RmRebootReasonDetectedSelf},
        {23, RmRebootReasonCriticalService}, {30, RmRebootReasonCriticalService},
        {33, RmRebootReasonCriticalService}, {14, RmRebootReasonNone},
        {40, RmRebootReasonNone},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct question q = question_new();
        rm_resources_add_process(q.resources, &(RM_UNIQUE_PROCESS){cases[i].pid, {5000 * 100000, 0}});
        RMX_LIST *list = question_ask(&q);
        CHECK_EQUAL(list->app_count, 1);
        CHECK_EQUAL(list->reboot_reasons, cases[i].reasons);
        free(list);
        question_done(&q);
    }
}

static void test_a_tree_without_units(void)
{
    way.units = false;
    RMX_LIST *list = question_ask(&tree_question);
    for (uint32_t i = 0; i < list->app_count; i++)
        CHECK(list->rows[i].ApplicationType != RmService);
    CHECK_EQUAL(list->apps[answer_row(list, 20)].cause, SELF);
    CHECK_EQUAL(list->apps[answer_row(list, 23)].cause, NONE);
    CHECK_EQUAL(list->apps[answer_row(list, 30)].cause, NONE);
    /* Nobody would start it again. */
    CHECK_EQUAL(list->apps[answer_row(list, 10)].cause, geteuid() == 0 ? CRITICAL : NONE);
    free(list);
    way.units = true;
}

/* The parent of one has gone: where the tree ends the family does. */
static void test_a_family_that_cannot_be_followed(void)
{
    CHECK(nftw("tree/20", forget, 8, FTW_DEPTH | FTW_PHYS) == 0);
    RMX_LIST *list = question_ask(&tree_question);
    CHECK_EQUAL(list->apps[answer_row(list, 21)].cause, SELF);
    CHECK_EQUAL(list->apps[answer_row(list, 22)].cause, SELF);
    CHECK_EQUAL(list->apps[answer_row(list, 23)].cause, NONE);
    free(list);
}

/* ---- real ones ---- */

static void test_parents_are_critical_and_children_are_not(void)
{
    make("file");
    struct question q = question_about("file");
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    pid_t asked = getpid();
    IN_A_PROCESS({
        close(fd);
        struct holder h = holder_start(hold_open, "file");
        IN_A_PROCESS({
            RMX_LIST *list = question_ask(&q);
            CHECK_EQUAL(list->app_count, 2);
            CHECK_EQUAL(list->apps[answer_row(list, asked)].cause, SELF);
            CHECK_EQUAL(list->rows[answer_row(list, asked)].ApplicationType, RmCritical);
            CHECK_EQUAL(list->apps[answer_row(list, h.pid)].cause, NONE);
            CHECK_EQUAL(list->reboot_reasons, RmRebootReasonCriticalProcess);
            free(list);
        });
        holder_stop(&h);
    });
    close(fd);
    question_done(&q);
    unlink("file");
}

static void test_who_may_not_be_signalled(void)
{
    struct holder h = holder_start(hold_directory, "/");
    struct question q = question_new();
    RM_UNIQUE_PROCESS process;
    CHECK_EQUAL(rm_host_process((uint32_t)h.pid, &process), 0);
    rm_resources_add_process(q.resources, &process);
    IN_A_PROCESS({
        CHECK(setresuid(12345, 12345, 12345) == 0);
        RMX_LIST *list = question_ask(&q);
        CHECK_EQUAL(list->app_count, 1);
        CHECK_EQUAL(list->apps[0].cause, RMX_CAUSE_PERMISSION);
        CHECK_EQUAL(list->reboot_reasons, RmRebootReasonPermissionDenied);
        free(list);
    });
    question_done(&q);
    holder_stop(&h);
}

int main(void)
{
    char directory[] = "critical-XXXXXX";
    CHECK(mkdtemp(directory) && chdir(directory) == 0);
    RUN(test_wildcards);
    RUN(test_patterns_that_are_added);
    RUN(test_units_of_the_system);
    RUN(test_who_says_that_it_is_a_login);
    RUN(test_parents_are_critical_and_children_are_not);
    if (geteuid() == 0) /* it takes two users */
        RUN(test_who_may_not_be_signalled);
    make_tree();
    way = (struct rm_way){.proc = "tree", .units = true};
    RUN(test_each_in_a_tree);
    RUN(test_reasons);
    RUN(test_a_tree_without_units);
    RUN(test_a_family_that_cannot_be_followed);
    question_done(&tree_question);
    CHECK(chdir("..") == 0 && nftw(directory, forget, 8, FTW_DEPTH | FTW_PHYS) == 0);
    return 0;
}
