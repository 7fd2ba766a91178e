/* SPDX-License-Identifier: MIT
 *
 * Files without birth times, of which the kernel does not remember where their
 * names lead: by which name somebody has them decides, and through which mount.
 * More of it is in tests/correctness, which needs other programs for it.
 */
#include "dead_world.h"

#include <linux/capability.h>
#include <sys/syscall.h>

#define OPEN KIND(RMX_USE_OPEN)
#define MAPPED KIND(RMX_USE_MAPPED)

static void hold_open(const char *path)
{
    let_go();
    CHECK(open(path, O_RDONLY) >= 0);
}

static void hold_map(const char *path)
{
    let_go();
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    close(fd);
}

static void (*const holds[])(const char *) = {hold_open, hold_map};
static const unsigned kinds[] = {OPEN, MAPPED};

/* What map_files asks for; the maps themselves tell no mount. */
static void give_up_map_files(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    CHECK(syscall(SYS_capget, &head, data) == 0);
    data[0].effective &= ~(1u << CAP_SYS_ADMIN);
    data[1].effective &= ~(1u << (40 - 32)); /* CAP_CHECKPOINT_RESTORE, which old headers do not have */
    CHECK(syscall(SYS_capset, &head, data) == 0);
}

/* In a process of its own, with and without map_files. */
static void ask_apart(void (*ask)(void))
{
    for (int refused = 0; refused < 2; refused++) {
        int status;
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            if (refused)
                give_up_map_files();
            ask();
            exit(0);
        }
        CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    }
}

static struct question with, without;
static struct holder holder;
static unsigned expected;

static void ask_with_and_without(void)
{
    CHECK_EQUAL(question_kinds(&without, holder.pid), expected);
    CHECK_EQUAL(question_kinds(&with, holder.pid), 0);
    CHECK(question_skips(&with, RMX_SKIP_UNCERTAIN, holder.pid));
}

static void test_a_file_registered_with_a_birth_time_that_its_holder_does_not_show(void)
{
    char real[PATH_MAX];
    CHECK(realpath("dead/b0", real));
    without = question_about(real);
    struct rm_identity id = rm_resources_identity(without.resources, 0);
    id.flags |= RM_ID_BTIME;
    id.btime = 1;
    with = question_new();
    rm_resources_add_file(with.resources, real, &id);
    for (int i = 0; i < 2; i++) {
        holder = holder_start(holds[i], real);
        expected = kinds[i];
        ask_apart(ask_with_and_without);
        holder_stop(&holder);
    }
    question_done(&with), question_done(&without);
}

/* ---- asked by somebody whose root directory is not everybody's ---- */

#define PLACE "/run/named"
#define INSIDE "jail/run/named"
#define NAME PLACE "/b5"

static void enter_jail(void)
{
    CHECK(chroot("jail") == 0 && chdir("/") == 0);
}

static void hold_in_jail(const char *path)
{
    enter_jail();
    holds[expected == MAPPED](path);
}

static struct holder inside;

static void ask_in_jail(void)
{
    enter_jail();
    struct question q = question_about(NAME);
    CHECK_EQUAL(question_kinds(&q, holder.pid), 0);
    CHECK(question_skips(&q, RMX_SKIP_UNCERTAIN, holder.pid));
    CHECK_EQUAL(question_kinds(&q, inside.pid), expected);
    question_done(&q);
}

/* Of the file outside, /proc tells the name that the other one has inside, and it has its number. */
static void test_the_same_name_inside_and_outside_of_a_root_directory(void)
{
    static const char *const places[] = {PLACE, "jail", "jail/run", "jail/proc", INSIDE};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        CHECK_EQUAL(mkdir(places[i], 0700), 0);
    CHECK(mount("/proc", "jail/proc", NULL, MS_BIND | MS_REC, NULL) == 0);
    CHECK(mount("dead", INSIDE, NULL, MS_BIND, NULL) == 0);
    CHECK(mount("dead", PLACE, NULL, MS_BIND, NULL) == 0);
    CHECK(mount("dead/d5", NAME, NULL, MS_BIND, NULL) == 0);
    for (int i = 0; i < 2; i++) {
        expected = kinds[i];
        holder = holder_start(holds[i], NAME);
        inside = holder_start(hold_in_jail, NAME);
        ask_apart(ask_in_jail);
        holder_stop(&holder), holder_stop(&inside);
    }
    CHECK(umount(NAME) == 0 && umount(PLACE) == 0);
    CHECK(umount(INSIDE) == 0 && umount2("jail/proc", MNT_DETACH) == 0);
    for (size_t i = sizeof(places) / sizeof(*places); i--;)
        CHECK_EQUAL(rmdir(places[i]), 0);
}

/* Linux 5.8: before it, all of that is uncertain. */
static bool knows_mounts(void)
{
    struct rm_inode root;
    CHECK_EQUAL(rm_inode_look("/", &root), 0);
    return root.has_mount;
}

int main(void)
{
    if (!knows_mounts() || !dead_world_enter())
        return SKIPPED;
    for (int query = 0; query <= rm_maps_can_query(); query++) {
        way.query = query;
        RUN(test_a_file_registered_with_a_birth_time_that_its_holder_does_not_show);
        RUN(test_the_same_name_inside_and_outside_of_a_root_directory);
    }
    dead_world_leave();
    return 0;
}
