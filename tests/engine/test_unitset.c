/* SPDX-License-Identifier: MIT
 *
 * Units where there is no manager, or one that never answers, or a user who
 * puts something else in its place.  With a real systemd they are tested in
 * Python.
 */
#include "unitset.h"

#include "check.h"
#include "fuse_server.h"
#include "holder.h"
#include "host.h"
#include "sandbox.h"
#include "sdbus.h"
#include "stuck.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#define USER 1234
#define NOBODY UINT32_MAX

static const struct rm_wait forever = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};

static struct rm_wait within(uint64_t milliseconds)
{
    return (struct rm_wait){.deadline = rm_host_now() + milliseconds * 1000000, .cancel_fd = -1};
}

static struct rm_unitset *set_of(uint32_t uid)
{
    struct rm_unitset *set;
    CHECK_EQUAL(rm_host_unitset_new(&set), 0);
    CHECK_EQUAL(rm_host_unitset_add(set, "one.service", uid), 0);
    CHECK_EQUAL(rm_host_unitset_add(set, "two", uid), 0);
    return set;
}

struct reports {
    uint32_t count, seen, failures[2];
    int say;
};

static int report(void *context, uint32_t index, uint32_t failure)
{
    struct reports *r = context;
    CHECK(index < 2 && !(r->seen & 1u << index));
    r->seen |= 1u << index;
    r->failures[index] = failure;
    r->count++;
    return r->say;
}

static int run(struct rm_unitset *set, enum rm_unit_job job, const struct rm_wait *wait, struct reports *reports)
{
    static const uint32_t members[] = {0, 1};
    int say = reports->say;
    *reports = (struct reports){.say = say};
    return rm_host_unitset_run(set, job, members, 2, wait, report, reports);
}

/* All that is asked of that manager ends, and each member is spoken of once. */
static void check_unreachable(uint32_t uid, uint32_t cause)
{
    struct rm_unitset *set = set_of(uid);
    CHECK_EQUAL(rm_host_unitset_resolve(set, &forever), 0);
    CHECK_EQUAL(rm_host_unitset_count(set), 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct rm_unit_member *m = rm_host_unitset_at(set, i);
        CHECK_EQUAL(m->cause, cause);
        CHECK(m->detail && !m->active && !m->startable && m->part == RM_UNIT_AFFECTED && m->because == NOBODY);
    }
    for (int job = RM_UNIT_STOP; job <= RM_UNIT_KILL; job++) {
        struct reports reports = {0};
        CHECK_EQUAL(run(set, (enum rm_unit_job)job, &forever, &reports), 0);
        CHECK(reports.count == 2 && rm_host_unitset_at(set, 0)->detail);
        uint32_t expected = cause == RMX_CAUSE_PERMISSION ? RMX_FAIL_PERMISSION : RMX_FAIL_UNREACHABLE;
        CHECK(reports.failures[0] == expected && reports.failures[1] == expected);
    }
    bool up;
    RM_UNIQUE_PROCESS process;
    CHECK_EQUAL(rm_host_unitset_is_up(set, 1, &forever, &up, &process), -EHOSTUNREACH);
    rm_host_unitset_free(set);
}

static void test_no_manager(void)
{
    check_unreachable(RMX_NO_UID, RMX_CAUSE_UNREACHABLE);
    check_unreachable(geteuid(), RMX_CAUSE_UNREACHABLE);
}

static void test_names(void)
{
    struct rm_unitset *set = set_of(RMX_NO_UID);
    char long_name[300] = {0};
    memset(long_name, 'n', sizeof(long_name) - 1);
    CHECK_EQUAL(rm_host_unitset_add(set, "no unit", RMX_NO_UID), -EINVAL);
    CHECK_EQUAL(rm_host_unitset_add(set, "../up.service", RMX_NO_UID), -EINVAL);
    CHECK_EQUAL(rm_host_unitset_add(set, "", RMX_NO_UID), -EINVAL);
    CHECK_EQUAL(rm_host_unitset_add(set, long_name, RMX_NO_UID), -EINVAL);
    CHECK_EQUAL(rm_host_unitset_add(set, "one", RMX_NO_UID), 0);
    CHECK_EQUAL(rm_host_unitset_count(set), 0);
    CHECK_EQUAL(rm_host_unitset_resolve(set, &forever), 0);
    CHECK_EQUAL(rm_host_unitset_count(set), 2);
    CHECK(!strcmp(rm_host_unitset_at(set, 1)->name, "two.service") && !rm_host_unitset_at(set, 2));
    CHECK_EQUAL(rm_host_unitset_find(set, "two.service", RMX_NO_UID), 1);
    CHECK_EQUAL(rm_host_unitset_find(set, "one", RMX_NO_UID), 0);
    CHECK_EQUAL(rm_host_unitset_find(set, "one", 7), NOBODY);
    CHECK_EQUAL(rm_host_unitset_find(set, "three", RMX_NO_UID), NOBODY);
    /* The same name with another manager is another unit. */
    CHECK_EQUAL(rm_host_unitset_add(set, "one", geteuid()), 0);
    CHECK_EQUAL(rm_host_unitset_count(set), 0);
    CHECK_EQUAL(rm_host_unitset_resolve(set, &forever), 0);
    CHECK_EQUAL(rm_host_unitset_find(set, "one", geteuid()), 2);
    rm_host_unitset_free(set);
}

static void test_nothing_to_do(void)
{
    struct rm_unitset *set;
    struct reports reports = {0};
    static const uint32_t beyond[] = {0};
    CHECK_EQUAL(rm_host_unitset_new(&set), 0);
    CHECK_EQUAL(rm_host_unitset_resolve(set, &forever), 0);
    CHECK_EQUAL(rm_host_unitset_run(set, RM_UNIT_STOP, NULL, 0, &forever, report, &reports), 0);
    CHECK_EQUAL(rm_host_unitset_run(set, RM_UNIT_STOP, beyond, 1, &forever, report, &reports), -EINVAL);
    rm_host_unitset_free(set);
}

static void test_what_the_callback_says_ends_the_run(void)
{
    struct rm_unitset *set = set_of(RMX_NO_UID);
    struct reports reports = {.say = -EXDEV};
    CHECK_EQUAL(rm_host_unitset_resolve(set, &forever), 0);
    CHECK_EQUAL(run(set, RM_UNIT_STOP, &forever, &reports), -EXDEV);
    CHECK_EQUAL(reports.count, 1);
    rm_host_unitset_free(set);
}

/* ---- a bus that never answers ---- */

static int listener(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0 && listen(fd, 8) == 0);
    return fd;
}

static void test_silence_ends_with_the_deadline(void)
{
    int fd = listener("/run/dbus/system_bus_socket");
    struct rm_unitset *set = set_of(RMX_NO_UID);
    struct rm_wait wait = within(100);
    struct reports reports = {0};
    bool up;
    RM_UNIQUE_PROCESS process;
    CHECK_EQUAL(rm_host_unitset_resolve(set, &wait), 0);
    CHECK_EQUAL(rm_host_unitset_at(set, 0)->cause, RMX_CAUSE_UNREACHABLE);
    wait = within(50);
    CHECK_EQUAL(run(set, RM_UNIT_STOP, &wait, &reports), 0);
    CHECK(reports.count == 2 && reports.failures[0] == RMX_FAIL_TIMEOUT && reports.failures[1] == RMX_FAIL_TIMEOUT);
    wait = within(50);
    CHECK_EQUAL(rm_host_unitset_is_up(set, 0, &wait, &up, &process), -ETIMEDOUT);
    rm_host_unitset_free(set);
    close(fd);
}

static void test_silence_can_be_cancelled(void)
{
    int fd = listener("/run/dbus/system_bus_socket");
    struct rm_unitset *set = set_of(RMX_NO_UID);
    struct rm_wait wait = within(50);
    struct reports reports = {0};
    CHECK_EQUAL(rm_host_unitset_resolve(set, &wait), 0);
    wait = (struct rm_wait){.deadline = RM_NO_DEADLINE, .cancel_fd = eventfd(1, EFD_CLOEXEC)};
    CHECK_EQUAL(run(set, RM_UNIT_STOP, &wait, &reports), -ECANCELED);
    CHECK_EQUAL(reports.count, 0);
    CHECK_EQUAL(rm_host_unitset_resolve(set, &wait), -ECANCELED);
    close(wait.cancel_fd);
    rm_host_unitset_free(set);
    close(fd);
}

/* ---- another user's ---- */

/* Takes one connection, and leaves with its number as the status: who is it? */
static void tell_who_comes(const char *path)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    int fd = listener(path);
    CHECK(chown(path, USER, USER) == 0 && chmod(path, 0600) == 0);
    holder_ready();
    int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    CHECK(connection >= 0 && getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0);
    _exit(peer.uid == USER ? 0 : 1);
}

static void test_root_comes_as_the_user(void)
{
    int status;
    CHECK(mkdir("/run/user/1234", 0700) == 0 && chown("/run/user/1234", USER, USER) == 0);
    struct holder h = holder_start(tell_who_comes, "/run/user/1234/bus");
    int dumpable = prctl(PR_GET_DUMPABLE);
    check_unreachable(USER, RMX_CAUSE_UNREACHABLE);
    CHECK(waitpid(h.pid, &status, 0) == h.pid && status == 0);
    CHECK(geteuid() == 0 && prctl(PR_GET_DUMPABLE) == dumpable);
    close(h.end);
}

/* What others may not enter, root does not either: it comes as one of them. */
static void test_a_directory_of_somebody_else(void)
{
    CHECK(chown("/run/user/1234", 0, 0) == 0);
    check_unreachable(USER, RMX_CAUSE_PERMISSION);
}

static void test_a_users_file_system_keeps_nobody(void)
{
    static struct fuse_server server;
    struct reports reports = {0};
    CHECK(rmdir("/run/user/1234") == 0 || (unlink("/run/user/1234/bus") == 0 && rmdir("/run/user/1234") == 0));
    if (!fuse_start(&server, "/run/user/1234"))
        exit(SKIPPED);
    fuse_stop(&server);
    struct rm_unitset *set = set_of(USER);
    struct rm_wait wait = within(2000);
    CHECK_EQUAL(rm_host_unitset_resolve(set, &wait), 0);
    CHECK_EQUAL(rm_host_unitset_at(set, 1)->cause, RMX_CAUSE_UNREACHABLE);
    wait = within(500);
    CHECK_EQUAL(run(set, RM_UNIT_STOP, &wait, &reports), 0);
    CHECK(reports.count == 2 && reports.failures[0] != RMX_FAIL_NONE);
    rm_host_unitset_free(set);
    CHECK(rm_stuck_count() > 0);
    fuse_continue(&server);
    while (rm_stuck_count())
        sched_yield();
    fuse_end(&server);
}

int main(void)
{
    bool root = geteuid() == 0;
    sandbox_enter("mode=755");
    RUN(test_no_manager);
    RUN(test_names);
    RUN(test_nothing_to_do);
    RUN(test_what_the_callback_says_ends_the_run);
    if (!rm_sdbus_load())
        return SKIPPED;
    CHECK(mkdir("/run/dbus", 0755) == 0 && mkdir("/run/user", 0755) == 0);
    RUN(test_silence_ends_with_the_deadline);
    RUN(test_silence_can_be_cancelled);
    if (!root)
        return SKIPPED;
    RUN(test_root_comes_as_the_user);
    RUN(test_a_directory_of_somebody_else);
    RUN(test_a_users_file_system_keeps_nobody);
    return 0;
}
