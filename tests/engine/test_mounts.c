/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "inode.h"
#include "mounts.h"
#include "sandbox.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int parse(const char *text, struct rm_mounts *ret)
{
    char *copy = strdup(text);
    CHECK(copy);
    return rm_mounts_parse_take(copy, strlen(copy), ret);
}

static void test_line(void)
{
    struct rm_mounts m;
    CHECK_EQUAL(parse("36 35 98:10 /mnt1 /a\\040b\\134c\\012d rw,noatime master:1 - ext3 /dev/root rw\n"
                      "37 36 0:4294967295 / / rw - x none rw\n",
                      &m),
                0);
    CHECK_EQUAL(m.count, 2);
    CHECK(m.all[0].id == 36 && m.all[0].parent == 35 && m.all[0].device == ((uint64_t)98 << 32 | 10));
    CHECK(!strcmp(m.all[0].point, "/a b\\c\nd") && m.all[0].point_length == 8);
    CHECK(m.all[1].device == UINT32_MAX && m.all[1].point_length == 1);
    rm_mounts_done(&m);
    CHECK_EQUAL(parse("", &m), 0);
    CHECK_EQUAL(m.count, 0);
    rm_mounts_done(&m);
}

static void test_what_is_no_table(void)
{
    static const char *const bad[] = {
        "1 1 0:1 / /a rw", /* no end */
        "\n",
        "1\n",
        "-1 1 0:1 / /a rw\n",
        "1 +1 0:1 / /a rw\n",
        "1 1 0-1 / /a rw\n",
        "1 1 0:4294967296 / /a rw\n",
        "18446744073709551616 1 0:1 / /a rw\n",
        "1 1 0:1 / a rw\n",
        "1 1 0:1 /\n",
        "1 1 0:1 / /a\n", /* nothing after the place */
        "1 1 0:1 / /a rw\n1 1 0:1 / /a\\04\n",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct rm_mounts m;
        CHECK_EQUAL(parse(bad[i], &m), -EBADMSG);
        rm_mounts_done(&m);
    }
}

/* Seen by somebody whose root directory is mount 1's. */
static struct rm_mounts table(const char *text)
{
    struct rm_mounts m;
    CHECK_EQUAL(parse(text, &m), 0);
    m.root = (struct rm_inode){.mount = 1, .has_mount = true, .mount_root = true};
    return m;
}

static uint64_t find(const struct rm_mounts *m, const char *name)
{
    struct rm_mount mount;
    int r = rm_mounts_find(m, name, &mount);
    CHECK(r == 0 || r == -EXDEV || r == -ELOOP);
    return r == 0 ? mount.id : (uint64_t)r;
}

static void test_name_goes_from_mount_to_mount(void)
{
    struct rm_mounts m =
        table("1 0 0:1 / / rw\n"
              "2 1 0:2 / /a rw\n"
              "3 2 0:3 / /a/b rw\n"
              "5 4 0:5 / /a/b/c rw\n"     /* in what is mounted over 3 */
              "4 3 0:4 / /a/b rw\n"
              "6 1 0:6 / /a/b/below rw\n" /* was there before 2, which covers it */
              "7 9 0:7 / /a rw\n"         /* in no mount that can be reached */
              "8 1 0:8 / / rw\n");        /* on the root directory, where nobody gets who began there */
    CHECK_EQUAL(find(&m, "/"), 1);
    CHECK_EQUAL(find(&m, "/x/y"), 1);
    CHECK_EQUAL(find(&m, "/ab"), 1);
    CHECK_EQUAL(find(&m, "/a"), 2);
    CHECK_EQUAL(find(&m, "/a/x"), 2);
    CHECK_EQUAL(find(&m, "/a/bc"), 2);
    CHECK_EQUAL(find(&m, "/a/b"), 4);
    CHECK_EQUAL(find(&m, "/a/b/below/x"), 4);
    CHECK_EQUAL(find(&m, "/a/b/c/d"), 5);
    /* A chroot to a directory somewhere in the mount: outside of it the same name is another file's. */
    m.root.mount_root = false;
    CHECK_EQUAL(find(&m, "/x"), (uint64_t)-EXDEV);
    CHECK_EQUAL(find(&m, "/a/x"), 2);
    rm_mounts_done(&m);
}

static void test_table_that_goes_round(void)
{
    struct rm_mounts m = table("2 1 0:2 / /a rw\n3 2 0:3 / /a rw\n2 3 0:2 / /a rw\n4 4 0:4 / /b rw\n");
    CHECK_EQUAL(find(&m, "/a"), (uint64_t)-ELOOP);
    CHECK_EQUAL(find(&m, "/b"), 1);
    rm_mounts_done(&m);
}

/* What the table says is what the kernel finds; with more mounts than a read gives, and some over others. */
static void test_live_table(void)
{
    struct rm_mounts m;
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(proc >= 0);
    for (int i = 0; i < 400; i++) {
        char name[32];
        snprintf(name, sizeof(name), "/run/a b%d", i);
        CHECK_EQUAL(mkdir(name, 0700), 0);
        for (int n = 0; n <= i % 2; n++)
            CHECK_EQUAL(mount("tmpfs", name, "tmpfs", 0, NULL), 0);
    }
    int r = rm_mounts_read(proc, &m);
    struct rm_inode root;
    CHECK_EQUAL(rm_inode_look("/", &root), 0);
    CHECK_EQUAL(r, root.has_mount ? 0 : -EOPNOTSUPP);
    for (int i = 0; r == 0 && i < 400; i++) {
        struct rm_mount mount;
        struct rm_inode inode;
        char name[32];
        snprintf(name, sizeof(name), "/run/a b%d/x", i);
        CHECK_EQUAL(rm_mounts_find(&m, name, &mount), 0);
        *strrchr(name, '/') = '\0';
        CHECK_EQUAL(rm_inode_look(name, &inode), 0);
        CHECK(inode.has_mount && inode.mount_root);
        CHECK(mount.id == inode.mount && mount.device == inode.id.device);
    }
    if (r == 0) {
        CHECK(m.count > 600);
        rm_mounts_done(&m);
    }
    close(proc);
}

/* A thread's own table, not its process's. */
static void *read_own_table(void *context)
{
    struct rm_mounts m;
    struct rm_mount mount_found;
    struct rm_inode inode;
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(proc >= 0 && unshare(CLONE_NEWNS) == 0);
    CHECK_EQUAL(mkdir("/run/own", 0700), 0);
    CHECK_EQUAL(mount("tmpfs", "/run/own", "tmpfs", 0, NULL), 0);
    CHECK_EQUAL(rm_inode_look("/run/own", &inode), 0);
    if (inode.has_mount) {
        CHECK_EQUAL(rm_mounts_read(proc, &m), 0);
        CHECK_EQUAL(rm_mounts_find(&m, "/run/own/x", &mount_found), 0);
        CHECK_EQUAL(mount_found.id, inode.mount);
        rm_mounts_done(&m);
    }
    close(proc);
    return context;
}

static void test_table_of_a_thread(void)
{
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, read_own_table, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

int main(void)
{
    RUN(test_line);
    RUN(test_what_is_no_table);
    RUN(test_name_goes_from_mount_to_mount);
    RUN(test_table_that_goes_round);
    sandbox_enter("size=1m");
    RUN(test_live_table);
    RUN(test_table_of_a_thread);
    return 0;
}
