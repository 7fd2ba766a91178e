/* SPDX-License-Identifier: MIT
 *
 * Where the store is, what is in it, and how much may be.
 */
#include "check.h"
#include "process.h"
#include "roles.h"
#include "sandbox.h"

#include <ftw.h>
#include <signal.h>

/* ---- where ---- */

static const char *store_path(void)
{
    const RMX_INFO *info;

    CHECK_EQUAL(RmxGetInfo(&info), ERROR_SUCCESS);
    return info->store;
}

static void test_place_follows_the_effective_user_and_never_the_environment(void)
{
    static const char *const names[] = {"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "HOME", "TMPDIR", "USER", "LOGNAME", "UID"};

    CHECK(mkdir("/run/elsewhere", 0700) == 0);
    IN_A_PROCESS({
        for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
            CHECK(setenv(names[i], "/run/elsewhere", 1) == 0);
        CHECK(!strcmp(store_path(), "/run/rmcy"));
        start();
        CHECK(access("/run/rmcy/lock", F_OK) == 0);
        CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
        CHECK(clearenv() == 0);
        CHECK(!strcmp(store_path(), "/run/rmcy"));
    });
    CHECK(rmdir("/run/elsewhere") == 0); /* nothing is in it */

    IN_A_PROCESS({
        if (setresuid(-1, 65534, 0) < 0) { /* in a user namespace of one user there is no other */
            CHECK_EQUAL(errno, EINVAL);
            _exit(0);
        }
        CHECK(!strcmp(store_path(), "/dev/shm/rmcy-65534")); /* the effective user, not the real one */
        CHECK(setresuid(0, 0, 0) == 0);
        CHECK(mkdir("/run/user", 0755) == 0 && mkdir("/run/user/65534", 0700) == 0);
        CHECK(setresuid(-1, 65534, 0) == 0);
        CHECK(!strcmp(store_path(), "/dev/shm/rmcy-65534")); /* root's is not the user's */
        CHECK(setresuid(0, 0, 0) == 0 && chown("/run/user/65534", 65534, 65534) == 0);
        CHECK(setresuid(-1, 65534, 0) == 0);
        CHECK(!strcmp(store_path(), "/run/user/65534/rmcy"));
    });
}

/* The runtime directory comes with a login: a session that was started before it is found, and one after it. */
static void test_a_session_is_found_in_either_place(void)
{
    sandbox_renew("mode=755");
    IN_A_PROCESS({
        if (setresuid(-1, 65534, 0) < 0)
            _exit(0);
        start();
        CHECK(setresuid(0, 0, 0) == 0);
        CHECK(mkdir("/run/user", 0755) == 0 && mkdir("/run/user/65534", 0700) == 0);
        CHECK(chown("/run/user/65534", 65534, 65534) == 0);
        CHECK(setresuid(-1, 65534, 0) == 0);
        CHECK(!strcmp(store_path(), "/run/user/65534/rmcy"));
        IN_A_PROCESS({
            CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS);
            CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
        });
        CHECK_EQUAL(count_names(), 1);
        CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
        start();
        IN_A_PROCESS(CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS));
        CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    });
}

/* ---- what ---- */

static struct {
    char lower[33], upper[33];
    uint8_t bits[16];
} secret;
static unsigned searched;

static void search(const void *data, size_t size)
{
    CHECK(!memmem(data, size, secret.lower, 32));
    CHECK(!memmem(data, size, secret.upper, 32));
    CHECK(!memmem(data, size, secret.bits, sizeof secret.bits));
    CHECK(!memmem(data, size, key, 32 * sizeof *key));
    CHECK(!memmem(data, size, secret.lower + 16, 16)); /* nor half of it */
    CHECK(!memmem(data, size, secret.bits, 8));
    searched++;
}

static int search_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)at;
    search(path, strlen(path));
    if (type == FTW_F) {
        char *data = malloc((size_t)st->st_size + 1);
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        CHECK(data && fd >= 0 && read(fd, data, (size_t)st->st_size) == st->st_size);
        search(data, (size_t)st->st_size);
        close(fd);
        free(data);
    }
    return 0;
}

static void test_only_a_hash_of_the_key_is_in_the_store(void)
{
    static const char digits[] = "0123456789abcdef";

    CHECK_EQUAL(RmxStartSession(&primary, 0, "a label", RMX_TIMEOUT_DEFAULT, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS);
    CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
    for (int i = 0; i < 32; i++) {
        int digit = (int)(strchr(digits, key[i]) - digits);

        secret.lower[i] = (char)key[i];
        secret.upper[i] = (char)(digit > 9 ? 'A' + digit - 10 : '0' + digit);
        secret.bits[i / 2] = (uint8_t)(secret.bits[i / 2] << 4 | digit);
    }
    searched = 0;
    CHECK(nftw("/run/rmcy", search_entry, 8, FTW_PHYS) == 0);
    CHECK(searched >= 8); /* five names, three files */
    end_both();
}

/* ---- slots ---- */

static void test_64_slots_and_those_of_killed_owners_come_back(void)
{
    int channel[2];
    pid_t pids[64];
    DWORD handles[64], more;

    sandbox_renew("size=8m");
    CHECK(pipe(channel) == 0);
    for (int i = 0; i < 64; i++) {
        SPAWN(pids[i], {
            start_and_join();
            CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
            report(channel);
            pause();
        });
        await_report(channel);
    }
    CHECK_EQUAL(RmStartSession(&more, 0, key), ERROR_MAX_SESSIONS_REACHED);
    for (int i = 0; i < 64; i++) {
        CHECK(kill(pids[i], SIGKILL) == 0);
        expect_killed(pids[i]);
    }
    for (int i = 0; i < 64; i++)
        CHECK_EQUAL(RmStartSession(&handles[i], 0, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmStartSession(&more, 0, key), ERROR_MAX_SESSIONS_REACHED);
    for (int i = 0; i < 64; i++)
        CHECK_EQUAL(RmEndSession(handles[i]), ERROR_SUCCESS);
}

static ino_t inode_of_session(void)
{
    char path[600];
    struct stat st;

    find_log(path, sizeof path);
    *strrchr(path, '/') = 0;
    CHECK(stat(path, &st) == 0);
    return st.st_ino;
}

static void test_a_dead_owners_slot_is_reused_by_a_new_inode(void)
{
    ino_t *before = shared_memory(sizeof *before);
    RMX_SESSIONS *sessions;

    IN_A_PROCESS({
        start_and_join();
        *before = inode_of_session();
    });
    start_and_join();
    CHECK(inode_of_session() != *before);
    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    CHECK_EQUAL(sessions->count, 1);
    CHECK_EQUAL(sessions->sessions[0].slot, 0);
    CHECK_EQUAL(sessions->sessions[0].owner_pid, getpid());
    RmxFreeSessions(sessions);
    end_both();
}

/* Two environments of one user can have different versions of rmcy: neither may clear away the other's sessions. */
static void test_a_session_of_another_version_is_left_alone(void)
{
    char path[600];
    RMX_SESSIONS *sessions;
    ino_t before;
    int fd;

    start_and_join();
    before = inode_of_session();
    find_log(path, sizeof path);
    strcpy(strrchr(path, '/'), "/session");
    fd = open(path, O_WRONLY | O_CLOEXEC);
    CHECK(fd >= 0 && pwrite(fd, "rmcy/2\n", 7, 8) == 7 && ftruncate(fd, 100) == 0);
    close(fd);

    IN_A_PROCESS({
        WCHAR other[33];
        DWORD handle;

        CHECK_EQUAL(RmStartSession(&handle, 0, other), ERROR_SUCCESS);
        CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    });
    CHECK(inode_of_session() == before);
    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    CHECK_EQUAL(sessions->count, 1);
    CHECK_EQUAL(sessions->sessions[0].state, RMX_SESSION_UNREADABLE);
    RmxFreeSessions(sessions);
    end_both();
}

/* ---- how much ---- */

static void test_a_full_disk_takes_a_batch_whole_or_not_at_all(void)
{
    char path[600];
    struct stat before, after;

    sandbox_renew("size=8m");
    start_and_join();
    CHECK_EQUAL(register_much(joined, 64000), ERROR_SUCCESS);
    find_log(path, sizeof path);
    CHECK(stat(path, &before) == 0);
    fill_run();
    CHECK_EQUAL(register_much(joined, 64000), ERROR_WRITE_FAULT);
    CHECK(stat(path, &after) == 0 && after.st_size == before.st_size);
    CHECK_EQUAL(count_names(), 16); /* a list needs no room */
    CHECK(unlink("/run/filler") == 0);
    CHECK_EQUAL(register_much(joined, 64000), ERROR_SUCCESS);
    CHECK_EQUAL(count_names(), 32);
    fill_run();
    end_both(); /* nor does an end */
    CHECK(unlink("/run/filler") == 0);
}

static uint64_t register_until_refused(DWORD handle, size_t size)
{
    uint64_t total = 0;
    DWORD code;

    while ((code = register_much(handle, size)) == ERROR_SUCCESS)
        total += size;
    CHECK_EQUAL(code, ERROR_WRITE_FAULT);
    return total;
}

static void test_a_session_takes_at_most_a_quarter_of_what_is_free(void)
{
    uint64_t before;

    sandbox_renew("size=16m");
    before = free_bytes();
    start_and_join();
    CHECK(register_until_refused(joined, 40000) > before / 8);
    CHECK(free_bytes() >= before - before / 4 - 65536);
    /* Others still work, and get a quarter of the rest. */
    IN_A_PROCESS({
        start_and_join();
        CHECK(register_until_refused(joined, 40000) > before / 16);
        CHECK(free_bytes() > before / 2);
        end_both();
    });
    CHECK_EQUAL(register_one(primary), ERROR_SUCCESS); /* the primary's own lists are in its memory */
    end_both();
    CHECK(free_bytes() >= before - 65536);
}

static void test_a_session_takes_at_most_64_mib(void)
{
    uint64_t before, total;

    sandbox_renew("size=1g");
    before = free_bytes();
    start_and_join();
    total = register_until_refused(joined, 4 << 20);
    CHECK(total > 50u << 20 && before - free_bytes() <= 64u << 20);
    end_both();
}

static void test_many_writers_together_keep_to_the_ceiling(void)
{
    uint64_t before;
    struct gate gate;
    int channel[2];
    pid_t pids[24];

    sandbox_renew("size=8m");
    before = free_bytes();
    start_and_join();
    gate_init(&gate);
    CHECK(pipe(channel) == 0);
    for (int i = 0; i < 24; i++) {
        SPAWN(pids[i], {
            DWORD handle;
            DWORD code;

            CHECK_EQUAL(RmJoinSession(&handle, key), ERROR_SUCCESS);
            report(channel);
            gate_wait(&gate);
            do
                code = register_much(handle, 4000);
            while (code == ERROR_SUCCESS);
            CHECK_EQUAL(code, ERROR_WRITE_FAULT);
        });
        await_report(channel);
    }
    gate_open(&gate);
    for (int i = 0; i < 24; i++)
        expect_success(pids[i]);
    CHECK(free_bytes() > before - before / 3);
    CHECK(count_names() > 0);
    end_both();
}

/* Ours: a join counts too, and is refused when the session is full.  The dead leave a log each, since nobody clears away what may hold registrations. */
static void test_those_who_join_and_die_do_not_fill_run(void)
{
    DWORD code = ERROR_SUCCESS;
    uint64_t before;
    int status;
    pid_t pid;

    sandbox_renew("size=1m");
    before = free_bytes();
    start();
    while (code == ERROR_SUCCESS) {
        SPAWN(pid, _exit((int)(RmJoinSession(&joined, key) & 0xFF)));
        CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
        code = (DWORD)WEXITSTATUS(status);
    }
    CHECK_EQUAL(code, ERROR_WRITE_FAULT);
    CHECK(free_bytes() > before / 2);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

int main(void)
{
    sandbox_enter("mode=755");
    RUN(test_place_follows_the_effective_user_and_never_the_environment);
    RUN(test_a_session_is_found_in_either_place);
    RUN(test_only_a_hash_of_the_key_is_in_the_store);
    RUN(test_64_slots_and_those_of_killed_owners_come_back);
    RUN(test_a_dead_owners_slot_is_reused_by_a_new_inode);
    RUN(test_a_session_of_another_version_is_left_alone);
    RUN(test_a_full_disk_takes_a_batch_whole_or_not_at_all);
    RUN(test_a_session_takes_at_most_a_quarter_of_what_is_free);
    RUN(test_a_session_takes_at_most_64_mib);
    RUN(test_many_writers_together_keep_to_the_ceiling);
    RUN(test_those_who_join_and_die_do_not_fill_run);
    return 0;
}
