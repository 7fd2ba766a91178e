/* SPDX-License-Identifier: MIT
 *
 * Hostile neighbours: something else stands where the store has its directory,
 * its lock, a session, its header, a log or a journal.  No call waits for it,
 * follows it, or touches anything outside the store; and all is well when it is
 * gone.
 */
#include "check.h"
#include "impostor.h"
#include "left_behind.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <sys/stat.h>

static WCHAR key[33];
static DWORD primary, joined;
static char session_path[512], header_path[512 + 16], log_path[512 + 256 + 16];

static DWORD call_start(void)
{
    WCHAR other[33];
    DWORD handle, code = RmStartSession(&handle, 0, other);

    if (code == ERROR_SUCCESS)
        (void)RmEndSession(handle);
    return code;
}

/* Not in the process that has joined already, which needs no lock for it. */
static DWORD code_of_join(void)
{
    pid_t pid;
    int status;

    SPAWN(pid, {
        DWORD handle;

        _exit((int)(RmJoinSession(&handle, key) & 0xFF));
    });
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return (DWORD)WEXITSTATUS(status);
}

static DWORD call_register(void)
{
    LPCWSTR name = u"/none/b";

    return RmRegisterResources(joined, 1, &name, 0, NULL, 0, NULL);
}

static DWORD call_list(void)
{
    RMX_LIST *list = NULL;
    DWORD code = RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list);

    RmxFreeList(list);
    return code;
}

static void find_log(void)
{
    DIR *dir = opendir(session_path);
    struct dirent *entry;

    CHECK(dir);
    while ((entry = readdir(dir)))
        if (!strncmp(entry->d_name, "j-", 2))
            snprintf(log_path, sizeof log_path, "%s/%s", session_path, entry->d_name);
    closedir(dir);
}

static void find_paths(void)
{
    DIR *dir = opendir("/run/rmcy");
    struct dirent *entry;

    CHECK(dir);
    while ((entry = readdir(dir)))
        if (!strncmp(entry->d_name, "s-", 2))
            snprintf(session_path, sizeof session_path, "/run/rmcy/%s", entry->d_name);
    closedir(dir);
    snprintf(header_path, sizeof header_path, "%s/session", session_path);
    find_log();
}

/* A session with one who has joined and registered. */
static void set_up(void)
{
    LPCWSTR name = u"/none/a";

    sandbox_renew("size=1m");
    make_outside();
    CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(joined, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
    find_paths();
}

struct expected {
    DWORD start, join, enlist, list;
};

static void test_each_kind_in_place_of(const char *path, const struct expected *expected)
{
    static char place[sizeof log_path];

    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        RMX_SESSIONS *sessions;

        set_up();
        snprintf(place, sizeof place, "%s", path);
        CHECK(rename(place, ASIDE) == 0);
        if (!kinds[i].put(place)) {
            printf("  not %s\n", kinds[i].name);
            put_back(place);
        } else {
            printf("  %s\n", kinds[i].name);
            fflush(stdout);
            CHECK_EQUAL(code_of_join(), expected->join & 0xFF);
            CHECK_EQUAL(call_register(), expected->enlist);
            CHECK_EQUAL(call_list(), expected->list);
            if (RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions) == ERROR_SUCCESS)
                RmxFreeSessions(sessions);
            CHECK_EQUAL(call_start(), expected->start);
            check_outside();
        }
        (void)RmEndSession(joined);
        (void)RmEndSession(primary);
        check_outside();
    }
}

static void test_in_place_of_the_store(void)
{
    set_up();
    test_each_kind_in_place_of("/run/rmcy", &(struct expected){29, 29, 29, 29});
}

static void test_in_place_of_the_lock(void)
{
    test_each_kind_in_place_of("/run/rmcy/lock", &(struct expected){29, 29, 0, 0});
}

static void test_in_place_of_a_session(void)
{
    test_each_kind_in_place_of(session_path, &(struct expected){0, 29, 29, 29});
}

/* The primary and those who have joined know their session without it; newcomers do not. */
static void test_in_place_of_a_header(void)
{
    test_each_kind_in_place_of(header_path, &(struct expected){0, 29, 0, 0});
}

/* A list that could not read it does not pretend to be one. */
static void test_in_place_of_a_log(void)
{
    test_each_kind_in_place_of(log_path, &(struct expected){0, 0, 29, 29});
}

static void find_journal(char *ret_path, size_t size)
{
    DIR *dir = opendir("/run/rmcy");
    struct dirent *entry;

    CHECK(dir);
    while ((entry = readdir(dir)))
        if (!strncmp(entry->d_name, "w-", 2))
            snprintf(ret_path, size, "/run/rmcy/%s", entry->d_name);
    closedir(dir);
}

static void use_replaced_journal(struct rm_journal *own)
{
    RMX_SESSIONS *sessions;

    if (own) {
        CHECK_EQUAL(try_to_write(own, RM_ENTRY_STOP, "b.service"), -EPERM);
        CHECK_EQUAL(rm_host_journal_claim(own, "b.service", &for_ever), -EPERM);
        CHECK_EQUAL(rm_host_journal_read(own, rm_stopped_fold_bytes, NULL), -EPERM);
    }
    CHECK(!adopt());
    CHECK_EQUAL(RmxRecover(0, NULL, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(call_start(), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    CHECK_EQUAL(sessions->sessions[sessions->count - 1].state, RMX_SESSION_UNREADABLE);
    RmxFreeSessions(sessions);
}

/* Nothing is brought back because of it, of the owner's own nor of one that is left behind. */
static void test_in_place_of_a_journal(void)
{
    for (unsigned i = 0; i < 2 * sizeof kinds / sizeof kinds[0]; i++) {
        struct rm_journal *own = NULL;
        char place[300];

        set_up();
        if (i % 2) {
            own = new_journal();
            write_stop(own, "a.service");
        } else {
            LEAVE_BEHIND("a.service");
        }
        find_journal(place, sizeof place);
        CHECK(rename(place, ASIDE) == 0);
        if (kinds[i / 2].put(place))
            use_replaced_journal(own);
        rm_host_journal_end_take(own);
        check_outside();
        (void)RmEndSession(joined);
        (void)RmEndSession(primary);
    }
}

/* What the next start clears away may hold anything; links go, what they lead to stays. */
static void test_clearing_away_follows_nothing(void)
{
    static const char slot[] = "/run/rmcy/s-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    set_up();
    CHECK(symlink(OUTSIDE "/directory", "/run/rmcy/gone-0000000000000001") == 0);
    CHECK(mkfifo("/run/rmcy/gone-0000000000000002", 0600) == 0);
    CHECK(mkdir("/run/rmcy/gone-0000000000000003", 0700) == 0);
    CHECK(symlink(OUTSIDE "/file", "/run/rmcy/gone-0000000000000003/session") == 0);
    CHECK(symlink(OUTSIDE "/directory", "/run/rmcy/gone-0000000000000003/j-0000000000000000") == 0);
    CHECK(link(OUTSIDE "/file", "/run/rmcy/gone-0000000000000003/x") == 0);
    CHECK(mkfifo("/run/rmcy/gone-0000000000000003/y", 0600) == 0);
    CHECK(mkdir("/run/rmcy/gone-0000000000000003/z", 0700) == 0);
    CHECK(symlink(OUTSIDE "/directory", slot) == 0);
    CHECK_EQUAL(call_start(), ERROR_SUCCESS);
    CHECK_EQUAL(count_entries("/run/rmcy"), 2); /* the lock and the session */
    check_outside();
    CHECK_EQUAL(call_list(), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(joined), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

/* A directory of somebody else's in the store is not ours to remove. */
static void test_a_foreign_directory_is_left_alone(void)
{
    static const char slot[] = "/run/rmcy/s-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    set_up();
    CHECK(mkdir(slot, 0700) == 0);
    if (chown(slot, 65534, 65534) == 0) {
        CHECK_EQUAL(call_start(), ERROR_SUCCESS);
        CHECK(access(slot, F_OK) == 0);
    }
    CHECK_EQUAL(RmEndSession(joined), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

/* Where anybody can make a name, somebody may have made ours. */
static void test_a_users_store_that_another_made_is_not_used(void)
{
    static const char store[] = "/dev/shm/rmcy-65534";

    set_up();
    if (setresuid(-1, 65534, 0) < 0) {
        CHECK_EQUAL(errno, EINVAL); /* in a user namespace of one user there is no other */
        return;
    }
    CHECK(setresuid(0, 0, 0) == 0);
    for (int n = 0; n < 3; n++) {
        if (n < 2)
            CHECK(mkdir(store, 0) == 0 && chmod(store, n ? 0777 : 0700) == 0);
        else
            CHECK(chmod(OUTSIDE "/directory", 0777) == 0 && symlink(OUTSIDE "/directory", store) == 0);
        IN_A_PROCESS({
            CHECK(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0);
            CHECK(setresuid(65534, 65534, 65534) == 0);
            CHECK_EQUAL(call_start(), ERROR_WRITE_FAULT);
            CHECK_EQUAL(code_of_join(), ERROR_WRITE_FAULT);
        });
        check_outside();
        CHECK((n < 2 ? rmdir(store) : unlink(store)) == 0); /* so nothing is in it */
    }
}

int main(void)
{
    sandbox_enter("size=1m");
    RUN(test_in_place_of_the_store);
    RUN(test_in_place_of_the_lock);
    RUN(test_in_place_of_a_session);
    RUN(test_in_place_of_a_header);
    RUN(test_in_place_of_a_log);
    RUN(test_in_place_of_a_journal);
    RUN(test_clearing_away_follows_nothing);
    RUN(test_a_foreign_directory_is_left_alone);
    RUN(test_a_users_store_that_another_made_is_not_used);
    return 0;
}
