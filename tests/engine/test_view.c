/* SPDX-License-Identifier: MIT
 *
 * What is in the way of a view: hidden processes, other pid namespaces, file
 * systems that show two devices, and recorded trees for what no process can
 * be made to do at the right moment.
 */
#include "holder.h"
#include "question.h"

#include <grp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define OPEN KIND(RMX_USE_OPEN)
#define MAPPED KIND(RMX_USE_MAPPED)

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
}

static void hold_open(const char *path)
{
    CHECK(open(path, O_RDONLY) >= 0);
}

static void hold_map(const char *path)
{
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    close(fd);
}

/* ---- recorded trees: process 7 has `held` open and mapped ---- */

static void record(const char *name, const char *cgroup)
{
    char text[512];
    struct stat st;
    snprintf(text, sizeof(text), "7 (%s) S 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n", name);
    CHECK(mkdir("tree", 0755) == 0 && mkdir("tree/7", 0755) == 0 && mkdir("tree/7/fd", 0755) == 0);
    CHECK(mkdir("tree/7/map_files", 0755) == 0);
    put("held", "x");
    put("tree/7/stat", text);
    put("tree/7/status", "Name:\tx\nTgid:\t7\nUid:\t1\t12\t3\t4\n");
    put("tree/7/cgroup", cgroup);
    put("tree/7/sessionid", "4294967295\n");
    CHECK(stat("held", &st) == 0);
    snprintf(text, sizeof(text), "1000-2000 r--p 0 %x:%x %lu /held\n", major(st.st_dev), minor(st.st_dev),
             (unsigned long)st.st_ino);
    put("tree/7/maps", text);
    CHECK(symlink("../../../held", "tree/7/fd/3") == 0);
    CHECK(symlink("../../../held", "tree/7/map_files/1000-2000") == 0);
    way = (struct rm_way){.proc = "tree", .units = true};
}

static void erase(void)
{
    static const char *const names[] = {"tree/7/map_files/1000-2000", "tree/7/fd/3", "tree/7/maps", "tree/7/sessionid",
                                        "tree/7/cgroup", "tree/7/status", "tree/7/stat", "tree/7/exe", "held"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unlink(names[i]);
    CHECK(rmdir("tree/7/map_files") == 0 && rmdir("tree/7/fd") == 0 && rmdir("tree/7") == 0 && rmdir("tree") == 0);
    way = (struct rm_way){.proc = "/proc", .query = rm_maps_can_query()};
}

static bool equals(const WCHAR *wide, const char *text)
{
    size_t i = 0;
    while (text[i] && wide[i] == (unsigned char)text[i])
        i++;
    return !text[i] && !wide[i];
}

static void test_service(void)
{
    record("x) S 1 (y", "0::/user.slice/user-1000.slice/user@1000.service/app.slice/editor.service\n");
    struct question q = question_about("held");
    RMX_LIST *list = question_ask(&q);
    CHECK_EQUAL(list->app_count, 1);
    CHECK_EQUAL(answer_kinds(list, 7), OPEN | MAPPED);
    CHECK(!strcmp(list->apps[0].unit, "editor.service") && list->apps[0].manager_uid == 1000);
    CHECK_EQUAL(list->apps[0].uid, 12);
    CHECK(equals(list->rows[0].strServiceShortName, "editor.service"));
    if (geteuid() == 0) { /* else it may not be signalled, and so is critical */
        CHECK(list->rows[0].ApplicationType == RmService && list->rows[0].bRestartable);
        CHECK(equals(list->rows[0].strAppName, "editor.service"));
    }
    free(list);
    question_done(&q);
    erase();
}

static void test_registered_service(void)
{
    static const char *const names[] = {"nginx", "nginx.service"}, *const others[] = {"ngin", "NGINX", "nginx.scope"};
    record("nginx", "0::/system.slice/nginx.service\n");
    for (size_t i = 0; i < 2; i++) {
        struct question q = question_new();
        rm_resources_add_service(q.resources, names[i]);
        RMX_LIST *list = question_ask(&q);
        CHECK(list->app_count == 1 && !strcmp(list->apps[0].unit, "nginx.service") && list->apps[0].use_count == 0);
        free(list);
        way.units = false; /* where systemd does not run, such names of groups mean nothing */
        list = question_ask(&q);
        CHECK_EQUAL(list->app_count, 0);
        free(list);
        way.units = true;
        question_done(&q);
    }
    struct question q = question_new();
    for (size_t i = 0; i < 3; i++)
        rm_resources_add_service(q.resources, others[i]);
    RMX_LIST *list = question_ask(&q);
    CHECK_EQUAL(list->app_count, 0);
    free(list);
    question_done(&q);
    erase();
}

static void test_scope_is_no_service(void)
{
    record("bash", "0::/user.slice/user-0.slice/session-3.scope\n");
    struct question q = question_about("held");
    RMX_LIST *list = question_ask(&q);
    CHECK(list->app_count == 1 && !strcmp(list->apps[0].unit, "session-3.scope"));
    CHECK(list->rows[0].ApplicationType != RmService && equals(list->rows[0].strAppName, "bash"));
    CHECK(equals(list->rows[0].strServiceShortName, "") && !list->rows[0].bRestartable);
    CHECK_EQUAL(list->rows[0].TSSessionId, (DWORD)RM_INVALID_TS_SESSION);
    free(list);
    question_done(&q);
    erase();
}

/* A map that is never there when it is looked at: read again a few times, then reported, and nothing is claimed. */
static void test_process_that_keeps_changing(void)
{
    record("busy", "0::/\n");
    CHECK(unlink("tree/7/map_files/1000-2000") == 0);
    struct question q = question_about("held");
    RMX_LIST *list = question_ask(&q);
    CHECK(list->app_count == 0 && answer_skips(list, RMX_SKIP_CHANGING, 7));
    CHECK_EQUAL(list->retries, 4);
    free(list);
    question_done(&q);
    erase();
}

static void test_what_cannot_be_understood(void)
{
    record("x", "0::/\n");
    struct question q = question_about("held");
    put("tree/7/maps", "1000-2000 r--p 0 8:1 99999999999999999999 /held\n");
    CHECK_EQUAL(question_skips(&q, RMX_SKIP_ERROR, 7), 1);
    put("tree/7/stat", "7 (x) S 1\n");
    CHECK_EQUAL(question_skips(&q, RMX_SKIP_ERROR, 7), 1);
    question_done(&q);
    erase();
}

/* A tree without processes is not one in which nobody holds anything. */
static void test_no_proc(void)
{
    put("held", "x");
    struct question q = question_about("held");
    CHECK(mkdir("empty", 0755) == 0);
    way = (struct rm_way){.proc = "empty"};
    CHECK_EQUAL(question_skips(&q, RMX_SKIP_NAMESPACE, 0), 1);
    CHECK(rmdir("empty") == 0 && unlink("held") == 0);
    way = (struct rm_way){.proc = "/proc", .query = rm_maps_can_query()};
    question_done(&q);
}

/* ---- mounts and namespaces: root only, in a child of its own ---- */

static void apart(int namespaces, void (*test)(void))
{
    int status;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(unshare(CLONE_NEWNS | namespaces) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
        test();
        if (namespaces & CLONE_NEWPID)
            _exit(0); /* the leak checker needs a helper, and that namespace ends with its first process */
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void see_hidden(void)
{
    static const char *const options[] = {"hidepid=1", "hidepid=2"};
    /* A directory that another user can pass. */
    CHECK(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755") == 0);
    put("/mnt/held", "x");
    for (size_t i = 0; i < 2; i++) {
        int status;
        char name[16];
        snprintf(name, sizeof(name), "/mnt/%zu", i);
        CHECK(mkdir(name, 0755) == 0 && mount("proc", name, "proc", 0, options[i]) == 0);
        struct holder h = holder_start(hold_open, "/mnt/held");
        struct question q = question_about("/mnt/held");
        way = (struct rm_way){.proc = name};
        bool first = access("/proc/self/ns/pid", F_OK) == 0 && !question_skips(&q, RMX_SKIP_NAMESPACE, 0);
        CHECK_EQUAL(question_kinds(&q, h.pid), OPEN); /* who may see through it does */
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            /* The group too: hidepid exempts the one of its option gid=, which is root's by default. */
            CHECK(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0);
            CHECK(setresuid(65534, 65534, 65534) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0);
            CHECK_EQUAL(question_skips(&q, RMX_SKIP_NAMESPACE, 0), 1);
            CHECK_EQUAL(question_kinds(&q, h.pid), 0);
            exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        if (!first)
            fprintf(stderr, "(not in the first pid namespace: that root sees all was not checked)\n");
        holder_stop(&h);
        question_done(&q);
    }
}

static void see_from_child_namespace(void)
{
    int status;
    pid_t child = fork(); /* process 1 of the new namespace */
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(mount("proc", "/proc", "proc", 0, NULL) == 0);
        CHECK(mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0);
        put("/mnt/held", "x");
        struct question q = question_about("/mnt/held");
        struct holder h = holder_start(hold_open, "/mnt/held");
        way = (struct rm_way){.proc = "/proc", .query = rm_maps_can_query()};
        RMX_LIST *list = question_ask(&q);
        CHECK_EQUAL(answer_kinds(list, h.pid), OPEN);
        CHECK(answer_skips(list, RMX_SKIP_NAMESPACE, 0) && !(list->flags & RMX_LIST_COMPLETE));
        free(list);
        holder_stop(&h);
        question_done(&q);
        _exit(0); /* the leak checker cannot work as process 1 */
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The first write gives a file of the lower layer another birth time: it is the same file to its holders. */
static void see_overlay(void)
{
    static const bool queries[] = {false, true};
    CHECK(mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0);
    CHECK(mkdir("/mnt/low", 0755) == 0 && mkdir("/mnt/up", 0755) == 0 && mkdir("/mnt/work", 0755) == 0);
    CHECK(mkdir("/mnt/all", 0755) == 0);
    put("/mnt/low/a", "a");
    put("/mnt/low/b", "b");
    if (mount("overlay", "/mnt/all", "overlay", 0, "lowerdir=/mnt/low,upperdir=/mnt/up,workdir=/mnt/work") < 0)
        exit(errno == ENODEV ? 0 : 1); /* this kernel has no overlayfs */
    struct rm_identity id;
    CHECK(rm_host_identify("/mnt/all/a", &id) == 0 && id.flags & RM_ID_ODD_DEVICE);
    struct question a = question_about("/mnt/all/a"), b = question_about("/mnt/all/b");
    struct holder opened = holder_start(hold_open, "/mnt/all/a"), mapped = holder_start(hold_map, "/mnt/all/a");
    for (int written = 0; written < 2; written++) {
        for (size_t i = 0; i < 2; i++) {
            way = (struct rm_way){.proc = "/proc", .query = queries[i] && rm_maps_can_query()};
            CHECK_EQUAL(question_kinds(&a, opened.pid), OPEN);
            CHECK_EQUAL(question_kinds(&a, mapped.pid), MAPPED);
            CHECK(!question_kinds(&b, opened.pid) && !question_kinds(&b, mapped.pid));
        }
        CHECK(chmod("/mnt/all/a", 0600) == 0);
    }
    holder_stop(&opened), holder_stop(&mapped);
    question_done(&a), question_done(&b);
}

/* A file system without birth times: a name that still leads there confirms, a lost one is uncertain. */
static void see_without_birth_times(void)
{
    struct rm_identity id;
    CHECK(mount("ramfs", "/mnt", "ramfs", 0, NULL) == 0);
    put("/mnt/a", "a");
    way = (struct rm_way){.proc = "/proc", .query = rm_maps_can_query()};
    CHECK(rm_host_identify("/mnt/a", &id) == 0 && !(id.flags & RM_ID_BTIME));
    struct question q = question_about("/mnt/a");
    struct holder opened = holder_start(hold_open, "/mnt/a"), mapped = holder_start(hold_map, "/mnt/a");
    CHECK_EQUAL(question_kinds(&q, opened.pid), OPEN);
    CHECK_EQUAL(question_kinds(&q, mapped.pid), MAPPED);
    CHECK(unlink("/mnt/a") == 0);
    CHECK(!question_kinds(&q, opened.pid) && !question_kinds(&q, mapped.pid));
    CHECK(question_skips(&q, RMX_SKIP_UNCERTAIN, opened.pid) && question_skips(&q, RMX_SKIP_UNCERTAIN, mapped.pid));
    holder_stop(&opened), holder_stop(&mapped);
    question_done(&q);
}

static void test_hidepid(void)
{
    apart(0, see_hidden);
}

static void test_child_namespace(void)
{
    apart(CLONE_NEWPID, see_from_child_namespace);
}

static void test_overlay(void)
{
    apart(0, see_overlay);
}

static void test_without_birth_times(void)
{
    apart(0, see_without_birth_times);
}

int main(void)
{
    char directory[] = "view-XXXXXX";
    CHECK(mkdtemp(directory) && chdir(directory) == 0);
    RUN(test_service);
    RUN(test_registered_service);
    RUN(test_scope_is_no_service);
    RUN(test_process_that_keeps_changing);
    RUN(test_what_cannot_be_understood);
    RUN(test_no_proc);
    CHECK(chdir("..") == 0 && rmdir(directory) == 0);
    if (geteuid() != 0)
        return 0;
    RUN(test_hidepid);
    RUN(test_child_namespace);
    RUN(test_overlay);
    RUN(test_without_birth_times);
    return 0;
}
