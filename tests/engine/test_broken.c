/* SPDX-License-Identifier: MIT
 *
 * A store that breaks: it vanishes, is cut, is read-only or answers EIO; and
 * sessions that need none.
 */
#include "check.h"
#include "process.h"
#include "roles.h"
#include "sandbox.h"

#include <ftw.h>
#include <signal.h>
#include <stdatomic.h>

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static void test_a_live_primary_survives_its_store_vanishing(void)
{
    RMX_LIST *list = NULL;
    DWORD other;

    sandbox_renew("size=1m");
    start_and_join();
    CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
    CHECK_EQUAL(count_names(), 1);
    CHECK(nftw("/run/rmcy", remove_entry, 8, FTW_PHYS | FTW_DEPTH) == 0);

    CHECK_EQUAL(RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_WRITE_FAULT); /* never "nobody" */
    CHECK(!list);
    CHECK_EQUAL(register_one(primary), ERROR_SUCCESS);
    CHECK_EQUAL(register_one(joined), ERROR_INVALID_HANDLE); /* ours */
    IN_A_PROCESS(CHECK_EQUAL(RmJoinSession(&other, key), ERROR_SESSION_CREDENTIAL_CONFLICT));
    CHECK_EQUAL(RmStartSession(&other, 0, (WCHAR[33]){0}), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(other), ERROR_SUCCESS);
    end_both();
}

/* Somebody cleans while others start and join: each call works or says what documented codes say. */
static void test_a_store_that_vanishes_again_and_again(void)
{
    struct gate gate;
    pid_t cleaner;

    sandbox_renew("size=1m");
    gate_init(&gate);
    SPAWN(cleaner, {
        gate_wait(&gate);
        for (;;)
            (void)nftw("/run/rmcy", remove_entry, 8, FTW_PHYS | FTW_DEPTH);
    });
    gate_open(&gate);
    for (int i = 0; i < 500; i++) {
        DWORD code = RmStartSession(&primary, 0, key);

        if (code != ERROR_SUCCESS) {
            CHECK_EQUAL(code, ERROR_WRITE_FAULT);
            continue;
        }
        code = RmJoinSession(&joined, key);
        CHECK(code == ERROR_SUCCESS || code == ERROR_SESSION_CREDENTIAL_CONFLICT || code == ERROR_WRITE_FAULT);
        if (code == ERROR_SUCCESS) {
            code = register_one(joined);
            CHECK(code == ERROR_SUCCESS || code == ERROR_INVALID_HANDLE || code == ERROR_WRITE_FAULT);
            CHECK_EQUAL(RmEndSession(joined), ERROR_SUCCESS);
        }
        CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    }
    CHECK(kill(cleaner, SIGKILL) == 0);
    expect_killed(cleaner);
    start_and_join();
    end_both();
}

static void test_a_log_that_another_truncates_under_the_reader(void)
{
    atomic_bool *stop = shared_memory(sizeof *stop);
    char path[600];
    struct stat st;
    pid_t vandal;

    sandbox_renew("size=16m");
    start_and_join();
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(register_much(joined, 128000), ERROR_SUCCESS);
    find_log(path, sizeof path);
    CHECK(stat(path, &st) == 0);
    SPAWN(vandal, {
        for (unsigned n = 1; !*stop; n = n * 1103515245u + 12345u)
            CHECK(truncate(path, (off_t)(n % (unsigned long)st.st_size)) == 0);
    });
    for (int i = 0; i < 300; i++) {
        RMX_SESSIONS *sessions;

        CHECK(count_names() <= 8 * 32);
        CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
        CHECK_EQUAL(sessions->count, 1);
        RmxFreeSessions(sessions);
    }
    *stop = true;
    expect_success(vandal);
    /* What is behind a hole would not be found: it is not acknowledged. */
    CHECK(truncate(path, 100) == 0);
    CHECK_EQUAL(register_one(joined), ERROR_WRITE_FAULT);
    end_both();
}

/* A record that a kill cut short is not read, and all before it are. */
static void test_a_torn_tail_hides_nothing(void)
{
    char path[600];
    struct stat st;

    sandbox_renew("size=1m");
    start();
    IN_A_PROCESS({
        CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS);
        for (int i = 0; i < 3; i++)
            CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
    });
    find_log(path, sizeof path);
    CHECK(stat(path, &st) == 0 && truncate(path, st.st_size - 1) == 0);
    CHECK_EQUAL(count_names(), 2);
    CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS);
    CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
    CHECK_EQUAL(count_names(), 3);
    end_both();
}

/* ---- private sessions ---- */

static void use_private(bool with_list)
{
    RMX_LIST *list;
    DWORD handle;

    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(register_one(handle), ERROR_SUCCESS);
    if (with_list) {
        CHECK_EQUAL(RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
        CHECK_EQUAL(list->missing_count, 1);
        RmxFreeList(list);
    }
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

static void test_private_sessions_need_no_store(void)
{
    DIR *dir;
    struct dirent *entry;

    sandbox_renew("size=64k");
    fill_run();
    use_private(true);
    CHECK(mount(NULL, "/run", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    use_private(true);
    sandbox_renew("size=64k");
    use_private(true);
    dir = opendir("/run");
    CHECK(dir);
    while ((entry = readdir(dir)))
        CHECK(entry->d_name[0] == '.');
    closedir(dir);
    /* No /run at all, nor a /proc to list from. */
    CHECK(mkdir("/run/empty", 0755) == 0);
    IN_A_PROCESS({
        CHECK(chroot("/run/empty") == 0 && chdir("/") == 0);
        use_private(false);
        CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_WRITE_FAULT);
    });
}

int main(void)
{
    sandbox_enter("mode=755");
    RUN(test_a_live_primary_survives_its_store_vanishing);
    RUN(test_a_store_that_vanishes_again_and_again);
    RUN(test_a_log_that_another_truncates_under_the_reader);
    RUN(test_a_torn_tail_hides_nothing);
    RUN(test_private_sessions_need_no_store);
    return 0;
}
