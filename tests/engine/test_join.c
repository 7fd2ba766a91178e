/* SPDX-License-Identifier: MIT
 *
 * Every result that RmJoinSession documents, reached by the condition that it
 * names, with real processes.
 */
#include "check.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>

static WCHAR key[CCH_RM_SESSION_KEY + 1];
static DWORD primary;

static void start(void)
{
    CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
}

static void end(void)
{
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

static DWORD join_once(void)
{
    DWORD handle = 0, code = RmJoinSession(&handle, key);

    if (code == ERROR_SUCCESS)
        CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    return code;
}

/* Runs `body` in a child and waits for it. */
#define IN_A_PROCESS(body)                                                                                             \
    do {                                                                                                               \
        pid_t child_ = fork();                                                                                         \
        int status_;                                                                                                   \
        CHECK(child_ >= 0);                                                                                            \
        if (child_ == 0) {                                                                                             \
            body;                                                                                                      \
            _exit(0);                                                                                                  \
        }                                                                                                              \
        CHECK(waitpid(child_, &status_, 0) == child_);                                                                 \
        CHECK_EQUAL(status_, 0);                                                                                       \
    } while (0)

static unsigned missing_files(void)
{
    RMX_LIST *list;
    unsigned n;

    CHECK_EQUAL(RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    n = list->missing_count;
    RmxFreeList(list);
    return n;
}

static void register_one(DWORD handle, LPCWSTR name)
{
    CHECK_EQUAL(RmRegisterResources(handle, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
}

static void test_0_same_process(void)
{
    DWORD a, b;

    start();
    CHECK_EQUAL(RmJoinSession(&a, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&b, key), ERROR_SUCCESS);
    CHECK(a != b && a != primary);
    register_one(a, u"/none/a");
    register_one(b, u"/none/b");
    CHECK_EQUAL(RmEndSession(a), ERROR_SUCCESS);
    register_one(b, u"/none/c");
    CHECK_EQUAL(RmEndSession(b), ERROR_SUCCESS);
    CHECK_EQUAL(missing_files(), 3);
    end();
}

static void test_0_another_process_registers_and_leaves(void)
{
    start();
    IN_A_PROCESS({
        DWORD handle;

        CHECK_EQUAL(RmJoinSession(&handle, key), ERROR_SUCCESS);
        register_one(handle, u"/none/a");
        CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    });
    CHECK_EQUAL(missing_files(), 1);
    IN_A_PROCESS({
        DWORD handle;

        CHECK_EQUAL(RmJoinSession(&handle, key), ERROR_SUCCESS);
        register_one(handle, u"/none/b"); /* and dies without leaving */
    });
    CHECK_EQUAL(missing_files(), 2);
    CHECK_EQUAL(missing_files(), 2); /* nothing is read twice */
    end();
}

static void test_0_two_hundred_processes_at_once(void)
{
    int barrier[2];
    pid_t children[200];
    char byte;

    start();
    CHECK(pipe(barrier) == 0);
    for (int i = 0; i < 200; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            DWORD handle;

            close(barrier[1]);
            CHECK(read(barrier[0], &byte, 1) == 0); /* until all are there */
            CHECK_EQUAL(RmJoinSession(&handle, key), ERROR_SUCCESS);
            register_one(handle, u"/none/x");
            CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
            _exit(0);
        }
    }
    close(barrier[0]);
    close(barrier[1]);
    for (int i = 0; i < 200; i++) {
        int status;

        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK_EQUAL(status, 0);
    }
    CHECK_EQUAL(missing_files(), 200);
    end();
}

static void test_1219_unknown_key(void)
{
    start();
    key[0] = key[0] == 'a' ? 'b' : 'a';
    CHECK_EQUAL(join_once(), ERROR_SESSION_CREDENTIAL_CONFLICT);
    end();
}

static void test_1219_no_store_at_all(void)
{
    CHECK(rename("/run/rmcy", "/run/aside") == 0);
    CHECK_EQUAL(join_once(), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK(rename("/run/aside", "/run/rmcy") == 0);
}

static void test_1219_ended_session(void)
{
    DWORD before;

    start();
    CHECK_EQUAL(RmJoinSession(&before, key), ERROR_SUCCESS);
    end();
    CHECK_EQUAL(join_once(), ERROR_SESSION_CREDENTIAL_CONFLICT);
    /* Ours: who had joined is told that there is no such session any more. */
    {
        LPCWSTR name = u"/none/x";

        CHECK_EQUAL(RmRegisterResources(before, 1, &name, 0, NULL, 0, NULL), ERROR_INVALID_HANDLE);
    }
    CHECK_EQUAL(RmEndSession(before), ERROR_SUCCESS);
}

/* The primary is killed; its slot is taken over by the next start. */
static void test_1219_dead_owner(void)
{
    int to_parent[2];
    pid_t owner;
    DWORD before;
    LPCWSTR name = u"/none/x";

    CHECK(pipe(to_parent) == 0);
    owner = fork();
    CHECK(owner >= 0);
    if (owner == 0) {
        start();
        CHECK(write(to_parent[1], key, sizeof key) == sizeof key);
        pause();
    }
    CHECK(read(to_parent[0], key, sizeof key) == sizeof key);
    CHECK_EQUAL(RmJoinSession(&before, key), ERROR_SUCCESS);
    CHECK(kill(owner, SIGKILL) == 0 && waitpid(owner, NULL, 0) == owner);

    CHECK_EQUAL(join_once(), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmRegisterResources(before, 1, &name, 0, NULL, 0, NULL), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmEndSession(before), ERROR_SUCCESS);
    close(to_parent[0]);
    close(to_parent[1]);
}

static void test_1219_another_user(void)
{
    start();
    if (setresuid(-1, 65534, 0) < 0) { /* in a user namespace of one user there is no other */
        CHECK_EQUAL(errno, EINVAL);
        end();
        return;
    }
    CHECK(setresuid(0, 0, 0) == 0);
    IN_A_PROCESS({
        CHECK(setresuid(65534, 65534, 65534) == 0);
        CHECK_EQUAL(join_once(), ERROR_SESSION_CREDENTIAL_CONFLICT);
    });
    end();
}

static void test_1219_a_secondary_lists(void)
{
    UINT needed = 0, n = 0;
    DWORD handle, reasons;

    start();
    CHECK_EQUAL(RmJoinSession(&handle, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmGetList(handle, &needed, &n, NULL, &reasons), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    end();
}

static void test_160_null_and_malformed(void)
{
    DWORD handle;

    CHECK_EQUAL(RmJoinSession(&handle, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(NULL, u"0123456789abcdef0123456789abcdef"), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(&handle, u""), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(&handle, u"0123456789abcdef0123456789abcde"), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(&handle, u"0123456789abcdef0123456789abcdef0"), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(&handle, u"0123456789abcdef0123456789abcdeg"), ERROR_BAD_ARGUMENTS);
}

/* Another process holds the lock and does not let go. */
static void test_121_the_lock_is_held_past_the_time_out(void)
{
    int ready[2], hold[2];
    pid_t holder;
    DWORD handle;
    char byte;

    start();
    CHECK(pipe(ready) == 0 && pipe(hold) == 0);
    holder = fork();
    CHECK(holder >= 0);
    if (holder == 0) {
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open("/run/rmcy/lock", O_RDWR | O_CLOEXEC);

        close(hold[1]);
        CHECK(fcntl(fd, F_OFD_SETLK, &whole) == 0);
        CHECK(write(ready[1], "x", 1) == 1);
        CHECK(read(hold[0], &byte, 1) == 0);
        _exit(0);
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, 50), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, 0), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(RmxEndSession(primary, 0, 50), ERROR_SEM_TIMEOUT);
    /* One who waits gets the lock as soon as it is free; the abandoned waits stand in nobody's way. */
    close(hold[0]);
    close(hold[1]);
    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    CHECK(waitpid(holder, NULL, 0) == holder);
    end();
}

static void test_29_unreadable_store(void)
{
    start();
    CHECK(chmod("/run/rmcy", 0755) == 0); /* anybody may look: then it is not a store */
    CHECK_EQUAL(join_once(), ERROR_WRITE_FAULT);
    CHECK(chmod("/run/rmcy", 0700) == 0);
    CHECK(rename("/run/rmcy", "/run/aside") == 0 && symlink("aside", "/run/rmcy") == 0);
    CHECK_EQUAL(join_once(), ERROR_WRITE_FAULT);
    CHECK(unlink("/run/rmcy") == 0 && rename("/run/aside", "/run/rmcy") == 0);
    CHECK_EQUAL(join_once(), ERROR_SUCCESS);
    end();
}

static void test_29_read_only_store(void)
{
    start();
    CHECK(mount(NULL, "/run", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    CHECK_EQUAL(join_once(), ERROR_WRITE_FAULT);
    CHECK(mount(NULL, "/run", NULL, MS_REMOUNT, NULL) == 0);
    CHECK_EQUAL(join_once(), ERROR_SUCCESS);
    end();
}

static void test_29_full_store(void)
{
    static char block[4096];
    int filler;

    start();
    filler = open("/run/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(filler, block, sizeof block) > 0)
        ;
    CHECK_EQUAL(errno, ENOSPC);
    CHECK_EQUAL(join_once(), ERROR_WRITE_FAULT);
    close(filler);
    CHECK(unlink("/run/filler") == 0);
    CHECK_EQUAL(join_once(), ERROR_SUCCESS);
    CHECK_EQUAL(missing_files(), 0);
    end();
}

/* Ours: a join takes none of the 64 slots, so it works when no session can be started any more; 353 says that this
 * process holds all the handles it can have. */
static void test_353(void)
{
    static DWORD handles[65536];
    DWORD sessions[64], more;
    WCHAR other[33];
    int n = 0;

    start();
    while (n < 63)
        CHECK_EQUAL(RmStartSession(&sessions[n++], 0, other), ERROR_SUCCESS);
    CHECK_EQUAL(RmStartSession(&more, 0, other), ERROR_MAX_SESSIONS_REACHED);
    CHECK_EQUAL(join_once(), ERROR_SUCCESS);

    for (int i = 0; i < 65536 - 64; i++)
        CHECK_EQUAL(RmJoinSession(&handles[i], key), ERROR_SUCCESS);
    CHECK_EQUAL(join_once(), ERROR_MAX_SESSIONS_REACHED);
    for (int i = 0; i < 65536 - 64; i++)
        CHECK_EQUAL(RmEndSession(handles[i]), ERROR_SUCCESS);
    CHECK_EQUAL(join_once(), ERROR_SUCCESS);

    while (n)
        CHECK_EQUAL(RmEndSession(sessions[--n]), ERROR_SUCCESS);
    end();
}

/* Whatever happened above: only the lock file stays. */
static void test_nothing_is_left_behind(void)
{
    DIR *dir;
    struct dirent *entry;

    start(); /* clears away what the killed left */
    end();
    dir = opendir("/run/rmcy");
    CHECK(dir);
    while ((entry = readdir(dir)))
        CHECK(entry->d_name[0] == '.' || !strcmp(entry->d_name, "lock"));
    closedir(dir);
}

int main(void)
{
    sandbox_enter("size=8m");
    RUN(test_0_same_process);
    RUN(test_0_another_process_registers_and_leaves);
    RUN(test_0_two_hundred_processes_at_once);
    RUN(test_1219_unknown_key);
    RUN(test_1219_no_store_at_all);
    RUN(test_1219_ended_session);
    RUN(test_1219_dead_owner);
    RUN(test_1219_another_user);
    RUN(test_1219_a_secondary_lists);
    RUN(test_160_null_and_malformed);
    RUN(test_121_the_lock_is_held_past_the_time_out);
    RUN(test_29_unreadable_store);
    RUN(test_29_read_only_store);
    RUN(test_29_full_store);
    RUN(test_353);
    RUN(test_nothing_is_left_behind);
    return 0;
}
