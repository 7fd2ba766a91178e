/* SPDX-License-Identifier: MIT
 *
 * What other processes registered about their coming back, in stores in which
 * anything may be found, under other users, and in a list.
 */
#include "program.h"
#include "sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>

/* ---- what is in the store may be anything ---- */

static void name_of(pid_t pid, char ret[128])
{
    struct stat st;
    RM_UNIQUE_PROCESS process = process_of(pid);
    CHECK(stat("/proc/self/ns/pid", &st) == 0);
    snprintf(ret, 128, KEPT "/%d-%llx-%llx", pid,
             process.ProcessStartTime.dwLowDateTime | (unsigned long long)process.ProcessStartTime.dwHighDateTime << 32,
             (unsigned long long)st.st_ino);
}

static size_t read_file(const char *name, char *data, size_t size)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, data, size);
    CHECK(fd >= 0 && n > 0 && (size_t)n < size);
    close(fd);
    return (size_t)n;
}

static void put_file(const char *name, const char *data, size_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
}

static void test_a_hostile_file_is_nothing(void)
{
    static char data[4096];
    char name[128];
    struct holder h = holder_start(hold_registered, "x");
    name_of(h.pid, name);
    size_t size = read_file(name, data, sizeof(data));
    CHECK_EQUAL(read_result(h.pid), 0);

    CHECK(rename(name, "/run/kept") == 0);
    CHECK(symlink("/run/kept", name) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(unlink(name) == 0 && link("/run/kept", name) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(unlink(name) == 0 && mkfifo(name, 0600) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(unlink(name) == 0 && mkdir(name, 0700) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(rmdir(name) == 0 && rename("/run/kept", name) == 0);
    CHECK(chmod(name, 0640) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(chmod(name, 0600) == 0);
    if (has_other_users()) {
        CHECK(chown(name, NOBODY, NOBODY) == 0);
        CHECK_EQUAL(read_result(h.pid), -ENOENT);
        CHECK(chown(name, 0, 0) == 0);
    }
    CHECK(chmod(KEPT, 0750) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(chmod(KEPT, 0700) == 0);
    CHECK(rename(KEPT, "/run/elsewhere") == 0 && symlink("/run/elsewhere", KEPT) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(unlink(KEPT) == 0 && rename("/run/elsewhere", KEPT) == 0);

    for (size_t n = 0; n < size; n++) {
        put_file(name, data, n);
        CHECK_EQUAL(read_result(h.pid), -ENOENT);
    }
    for (size_t at = 0; at < size; at++) {
        data[at] ^= 0x10;
        put_file(name, data, size);
        CHECK_EQUAL(read_result(h.pid), -ENOENT);
        data[at] ^= 0x10;
    }
    put_file(name, data, size);
    CHECK(truncate(name, 1 << 30) == 0); /* is not read into memory */
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    put_file(name, data, size);
    CHECK_EQUAL(read_result(h.pid), 0);
    holder_stop(&h);
}

static void test_what_another_process_registered_is_not_its_own(void)
{
    static char data[4096];
    char name[128];
    struct holder registered = holder_start(hold_registered, "x"), other = holder_start(hold_nothing, NULL);
    name_of(registered.pid, name);
    size_t size = read_file(name, data, sizeof(data));
    name_of(other.pid, name);
    put_file(name, data, size);
    CHECK_EQUAL(read_result(other.pid), -ENOENT);
    holder_stop(&registered);
    holder_stop(&other);
}

/* ---- users ---- */

static void become_nobody(void)
{
    CHECK(setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0);
    CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
    CHECK(prctl(PR_SET_DUMPABLE, 1) == 0); /* as a program that was executed as that user */
}

static void hold_as_nobody(const char *argument)
{
    become_nobody();
    register_simply(argument);
}

static void hold_then_nobody(const char *argument)
{
    register_simply(argument);
    become_nobody();
}

static void hold_with_a_saved_user(const char *argument)
{
    register_simply(argument);
    CHECK(setresuid(0, 0, NOBODY) == 0);
    CHECK_EQUAL(register_one_argument("y"), ERROR_SESSION_CREDENTIAL_CONFLICT);
}

static void hold_with_another_group(const char *argument)
{
    register_simply(argument);
    CHECK(setresgid(0, NOBODY, 0) == 0);
    CHECK_EQUAL(register_one_argument("y"), ERROR_SESSION_CREDENTIAL_CONFLICT);
}

static void test_root_reads_what_others_registered(void)
{
    if (!has_other_users())
        return;
    struct holder h = holder_start(hold_as_nobody, "x");
    struct rm_wish *wish = wish_of(h.pid);
    CHECK(wish->uid == NOBODY && wish->gid == NOBODY && !wish->group_count);
    free(wish);

    /* A place in which somebody else could have put it counts for nothing. */
    CHECK(chown("/dev/shm/rmcy-65534", 1, 1) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(chown("/dev/shm/rmcy-65534", NOBODY, NOBODY) == 0);
    CHECK_EQUAL(read_result(h.pid), 0);
    /* Nor does one on a file system that has been put over it. */
    CHECK(mount("/dev/shm/rmcy-65534", "/dev/shm/rmcy-65534", NULL, MS_BIND, NULL) == 0);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    CHECK(umount2("/dev/shm/rmcy-65534", MNT_DETACH) == 0);
    CHECK_EQUAL(read_result(h.pid), 0);
    holder_stop(&h);
}

static void test_nobody_reads_what_root_registered(void)
{
    if (!has_other_users())
        return;
    struct holder h = holder_start(hold_registered, "x");
    IN_A_PROCESS({
        become_nobody();
        CHECK_EQUAL(read_result(h.pid), -ENOENT);
    });
    holder_stop(&h);
}

static void test_who_is_two_users_at_once_has_registered_nothing(void)
{
    if (!has_other_users())
        return;
    void (*const holds[])(const char *) = {hold_then_nobody, hold_with_a_saved_user, hold_with_another_group};
    for (int i = 0; i < 3; i++) {
        struct holder h = holder_start(holds[i], "x");
        CHECK_EQUAL(read_result(h.pid), -ENOENT);
        holder_stop(&h);
    }
}

static void hold_in_another_root(const char *argument)
{
    register_simply(argument);
    CHECK(unshare(CLONE_NEWNS) == 0 && mkdir("/run/root", 0755) == 0 && chroot("/run/root") == 0);
}

static void test_in_another_root_names_mean_something_else(void)
{
    struct holder h = holder_start(hold_in_another_root, "x");
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    holder_stop(&h);
    CHECK(rmdir("/run/root") == 0);
}

/* ---- garbage ---- */

static unsigned count_files(void)
{
    unsigned n = 0;
    DIR *directory = opendir(KEPT);
    struct dirent *entry;
    CHECK(directory);
    while ((entry = readdir(directory)))
        n += *entry->d_name != '.';
    closedir(directory);
    return n;
}

static void test_what_the_dead_leave_is_removed_by_the_next(void)
{
    struct holder living = holder_start(hold_registered, "living");
    CHECK_EQUAL(count_files(), 1);
    for (int i = 0; i < 3; i++) {
        struct holder dead = holder_start(hold_registered, "dead");
        char name[128], half[160];
        name_of(dead.pid, name);
        snprintf(half, sizeof(half), "%s.0123456789abcdef", name);
        put_file(half, "half written", 12);
        holder_stop(&dead);
    }
    put_file(KEPT "/something else", "x", 1);
    register_simply("the next");
    CHECK_EQUAL(count_files(), 3);
    expect_argument(living.pid, "living");
    expect_argument(getpid(), "the next");
    holder_stop(&living);
    CHECK_EQUAL(RmxRegisterApplicationRestart(NULL), ERROR_SUCCESS);
    CHECK(unlink(KEPT "/something else") == 0);
}

/* ---- in a list ---- */

static BOOL is_restartable(pid_t pid)
{
    RM_UNIQUE_PROCESS process = process_of(pid);
    RMX_LIST *list;
    DWORD handle;
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(handle, 0, NULL, 1, &process, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->app_count, 1);
    BOOL restartable = list->rows[0].bRestartable;
    RmxFreeList(list);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    return restartable;
}

static void test_a_list_says_who_can_be_restarted(void)
{
    struct holder with = holder_start(hold_registered, "x"), without = holder_start(hold_nothing, NULL),
                  not_now = holder_start(hold_not_for_patches, NULL);
    CHECK_EQUAL(is_restartable(with.pid), 1);
    CHECK_EQUAL(is_restartable(without.pid), 0);
    CHECK_EQUAL(is_restartable(not_now.pid), 0);
    /* The caller is critical to itself, and nothing that is critical is restarted. */
    register_simply("x");
    CHECK_EQUAL(is_restartable(getpid()), 0);
    holder_stop(&with);
    holder_stop(&without);
    holder_stop(&not_now);
}

int main(void)
{
    sandbox_enter("size=64m");
    RUN(test_a_hostile_file_is_nothing);
    RUN(test_what_another_process_registered_is_not_its_own);
    RUN(test_root_reads_what_others_registered);
    RUN(test_nobody_reads_what_root_registered);
    RUN(test_who_is_two_users_at_once_has_registered_nothing);
    RUN(test_in_another_root_names_mean_something_else);
    RUN(test_what_the_dead_leave_is_removed_by_the_next);
    RUN(test_a_list_says_who_can_be_restarted);
    return 0;
}
