/* SPDX-License-Identifier: MIT
 *
 * Sessions that other processes join: the store of the rstrtmgr.dll for tests.
 */
#include "restartmanager_ext.h"
#include "store.h"
#include "store_roles.h"

#include <pthread.h>

#define SHORT_MS 50
#define UNKNOWN_KEY L"0123456789abcdef0123456789abcdef"

static WCHAR users_own[OWN_PATH_SIZE]; /* what %LOCALAPPDATA% was before the test changed it */

static bool knows_directory(DWORD handle)
{
    UINT needed = 0, have = 0;
    DWORD reasons;

    return RmGetList(handle, &needed, &have, NULL, &reasons) == ERROR_ACCESS_DENIED;
}

static RMX_SESSIONS *list_sessions(void)
{
    RMX_SESSIONS *sessions;

    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    return sessions;
}

static void test_the_first_handle_is_zero(void)
{
    key_text key;
    DWORD handle = start(key);

    CHECK_EQUAL(handle, 0);
    CHECK_EQUAL(wcslen(key), CCH_RM_SESSION_KEY);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_INVALID_HANDLE);
}

static void test_the_same_process_joins(void)
{
    key_text key;
    DWORD primary = start(key), first, second;

    CHECK_EQUAL(RmJoinSession(&first, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&second, key), ERROR_SUCCESS);
    CHECK(first != second && first != primary);
    CHECK(!knows_directory(primary));
    CHECK_EQUAL(register_directory(second), ERROR_SUCCESS);
    CHECK(knows_directory(primary));
    /* A secondary leaves; what it registered stays. */
    CHECK_EQUAL(RmEndSession(second), ERROR_SUCCESS);
    CHECK(knows_directory(primary));
    CHECK_EQUAL(register_directory(first), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    CHECK_EQUAL(register_directory(first), ERROR_INVALID_HANDLE); /* ours: the session has ended */
    CHECK_EQUAL(RmEndSession(first), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&first, key), ERROR_SESSION_CREDENTIAL_CONFLICT);
}

static void test_another_process_joins(void)
{
    key_text key;
    DWORD primary = start(key);
    struct child child = child_start("join");
    RMX_SESSIONS *sessions;

    send_key(&child, key);
    child_expect(&child, "0");
    CHECK(!knows_directory(primary));
    send_line(child.to, "register");
    child_expect(&child, "0");
    CHECK(knows_directory(primary));
    send_line(child.to, "register");
    child_expect(&child, "0");
    sessions = list_sessions();
    CHECK_EQUAL(sessions->count, 1);
    CHECK_EQUAL(sessions->sessions->slot, 0);
    CHECK_EQUAL(sessions->sessions->owner_pid, GetCurrentProcessId());
    CHECK_EQUAL(sessions->sessions->state, RMX_SESSION_LIVE);
    CHECK_EQUAL(sessions->sessions->secondaries, 1);
    CHECK_EQUAL(sessions->sessions->records, 2);
    RmxFreeSessions(sessions);

    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    send_line(child.to, "register");
    child_expect(&child, "6");
    child_end(&child);
    sessions = list_sessions();
    CHECK_EQUAL(sessions->count, 0);
    RmxFreeSessions(sessions);
}

static void test_the_label_is_listed(void)
{
    RMX_SESSIONS *sessions;
    key_text key;
    DWORD handle;

    CHECK_EQUAL(RmxStartSession(&handle, 0, "setup.exe", RMX_TIMEOUT_DEFAULT, key), ERROR_SUCCESS);
    sessions = list_sessions();
    CHECK_EQUAL(sessions->count, 1);
    CHECK(!strcmp(sessions->sessions->label, "setup.exe"));
    RmxFreeSessions(sessions);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

static void test_an_unknown_key_is_refused(void)
{
    key_text key;
    DWORD primary = start(key), handle;

    CHECK_EQUAL(RmJoinSession(&handle, UNKNOWN_KEY), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmJoinSession(&handle, L"0123456789abcdef"), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(&handle, L"0123456789abcdef0123456789abcdef0"), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(&handle, L"{123456789abcdef0123456789abcde}"), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

static void test_the_store_has_no_key(void)
{
    WCHAR store[RM_STORE_PATH_SIZE], pattern[RM_STORE_PATH_SIZE];
    WIN32_FIND_DATAW entry;
    key_text key;
    DWORD primary = start(key);
    HANDLE find;

    CHECK_EQUAL(rm_store_path(store), 0);
    CHECK_EQUAL(rm_store_join(store, "s-*", pattern), 0);
    find = FindFirstFileW(pattern, &entry);
    CHECK(find != INVALID_HANDLE_VALUE);
    CHECK(!wcsstr(entry.cFileName, key));
    CHECK(!FindNextFileW(find, &entry));
    FindClose(find);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

/* A program that was started with next to no environment finds the sessions of this user all the same. */
static void test_the_place_needs_no_environment(void)
{
    WCHAR with[RM_STORE_PATH_SIZE], without[RM_STORE_PATH_SIZE];

    CHECK(SetEnvironmentVariableW(L"LOCALAPPDATA", users_own));
    CHECK_EQUAL(rm_store_path(with), 0);
    CHECK(SetEnvironmentVariableW(L"LOCALAPPDATA", NULL));
    CHECK(SetEnvironmentVariableW(L"USERPROFILE", NULL));
    CHECK_EQUAL(rm_store_path(without), 0);
    CHECK(!_wcsicmp(with, without));
    CHECK(SetEnvironmentVariableW(L"LOCALAPPDATA", own_store));
}

static void test_64_sessions(void)
{
    DWORD handles[64], more;
    key_text key;

    for (int i = 0; i < 64; i++)
        handles[i] = start(key);
    CHECK_EQUAL(RmStartSession(&more, 0, key), ERROR_MAX_SESSIONS_REACHED);
    CHECK_EQUAL(RmEndSession(handles[20]), ERROR_SUCCESS);
    handles[20] = start(key);
    CHECK_EQUAL(RmStartSession(&more, 0, key), ERROR_MAX_SESSIONS_REACHED);
    for (int i = 0; i < 64; i++)
        CHECK_EQUAL(RmEndSession(handles[i]), ERROR_SUCCESS);
}

static void test_the_slot_of_a_dead_owner_is_used_again(void)
{
    struct child child = child_start("start");
    RMX_SESSIONS *sessions;
    DWORD handles[64], more;
    key_text dead, key;

    receive_key(&child, dead);
    for (int i = 0; i < 63; i++)
        handles[i] = start(key);
    CHECK_EQUAL(RmStartSession(&more, 0, key), ERROR_MAX_SESSIONS_REACHED);
    CHECK_EQUAL(RmJoinSession(&more, dead), ERROR_SUCCESS);
    child_kill(&child);

    sessions = list_sessions();
    CHECK_EQUAL(sessions->count, 64);
    CHECK_EQUAL(sessions->sessions[0].state, RMX_SESSION_ABANDONED);
    CHECK_EQUAL(sessions->sessions[1].state, RMX_SESSION_LIVE);
    RmxFreeSessions(sessions);
    CHECK_EQUAL(register_directory(more), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmEndSession(more), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&more, dead), ERROR_SESSION_CREDENTIAL_CONFLICT);

    handles[63] = start(key);
    sessions = list_sessions();
    CHECK_EQUAL(sessions->count, 64);
    CHECK_EQUAL(sessions->sessions[0].owner_pid, GetCurrentProcessId());
    RmxFreeSessions(sessions);
    for (int i = 0; i < 64; i++)
        CHECK_EQUAL(RmEndSession(handles[i]), ERROR_SUCCESS);
}

static void test_another_process_holds_the_lock(void)
{
    DWORD primary, handle;
    struct child child;
    key_text key;

    primary = start(key);
    child = child_start("lock");
    child_expect(&child, "held");
    CHECK_EQUAL(RmxStartSession(&handle, 0, NULL, SHORT_MS, key), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, SHORT_MS), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(RmxEndSession(primary, 0, SHORT_MS), ERROR_SEM_TIMEOUT);
    /* Nobody waits to learn that a key is wrong. */
    CHECK_EQUAL(RmxJoinSession(&handle, UNKNOWN_KEY, 0, RMX_TIMEOUT_NONE), ERROR_SESSION_CREDENTIAL_CONFLICT);
    child_end(&child);
    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

static void test_the_lock_of_a_dead_holder_is_free(void)
{
    struct child child = child_start("lock");
    key_text key;

    child_expect(&child, "held");
    child_kill(&child);
    CHECK_EQUAL(RmEndSession(start(key)), ERROR_SUCCESS);
}

/* Each process has a log of its own: nobody waits for another, and nothing is lost. */
static void test_many_processes_register_at_once(void)
{
    enum { PROCESSES = 6, TIMES = 20 };
    struct child children[PROCESSES];
    RMX_SESSIONS *sessions;
    key_text key;
    DWORD primary = start(key);

    for (int i = 0; i < PROCESSES; i++) {
        children[i] = child_start("join");
        send_key(&children[i], key);
    }
    for (int n = 0; n < TIMES; n++)
        for (int i = 0; i < PROCESSES; i++)
            send_line(children[i].to, "register");
    for (int i = 0; i < PROCESSES; i++) {
        for (int n = 0; n <= TIMES; n++)
            child_expect(&children[i], "0");
        child_end(&children[i]);
    }
    CHECK(knows_directory(primary));
    sessions = list_sessions();
    CHECK_EQUAL(sessions->sessions->secondaries, PROCESSES);
    CHECK_EQUAL(sessions->sessions->records, PROCESSES * TIMES);
    RmxFreeSessions(sessions);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

static DWORD use_all(void)
{
    DWORD primary, secondary, handles;
    key_text key;

    primary = start(key);
    CHECK_EQUAL(RmJoinSession(&secondary, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&handles, UNKNOWN_KEY), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(register_directory(secondary), ERROR_SUCCESS);
    CHECK(knows_directory(primary));
    RmxFreeSessions(list_sessions());
    CHECK_EQUAL(RmEndSession(secondary), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    CHECK(GetProcessHandleCount(GetCurrentProcess(), &handles));
    return handles;
}

static void test_no_handle_is_left_open(void)
{
    DWORD handles = use_all(); /* what is opened once for all is open now */

    for (int i = 0; i < 20; i++)
        CHECK_EQUAL(use_all(), handles);
}

static void test_a_file_is_where_the_store_should_be(void)
{
    WCHAR path[OWN_PATH_SIZE];
    key_text key;
    DWORD handle;
    HANDLE file;

    own_join(own_store, L"rmcy-rstrtmgr", path);
    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
    CHECK_EQUAL(RmStartSession(&handle, 0, key), ERROR_WRITE_FAULT);
    CHECK(DeleteFileW(path));
}

static void test_the_store_vanishes(void)
{
    WCHAR store[RM_STORE_PATH_SIZE], moved[RM_STORE_PATH_SIZE];
    UINT needed = 0, have = 0;
    DWORD primary, reasons;
    key_text key;

    primary = start(key);
    CHECK_EQUAL(rm_store_path(store), 0);
    wcscpy(moved, store);
    wcscat(moved, L"-gone");
    CHECK(MoveFileExW(store, moved, 0));
    CHECK_EQUAL(RmGetList(primary, &needed, &have, NULL, &reasons), ERROR_WRITE_FAULT);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

static key_text shared_key;
static DWORD shared_handle;

static void *register_and_join(void *argument)
{
    LPCWSTR files[] = {argument};

    for (int i = 0; i < 10; i++) {
        DWORD joined;

        CHECK_EQUAL(RmJoinSession(&joined, shared_key), ERROR_SUCCESS);
        CHECK_EQUAL(RmRegisterResources(joined, 1, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
        CHECK_EQUAL(RmRegisterResources(shared_handle, 1, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
        CHECK_EQUAL(RmEndSession(joined), ERROR_SUCCESS);
    }
    return NULL;
}

static void test_16_threads_share_a_session(void)
{
    static WCHAR missing[] = L"C:\\no such file";
    RMX_SESSIONS *sessions;
    pthread_t threads[16];

    shared_handle = start(shared_key);
    for (unsigned i = 0; i < 16; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, register_and_join, missing), 0);
    for (int i = 0; i < 16; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    sessions = list_sessions();
    CHECK_EQUAL(sessions->sessions->records, 16 * 10);
    RmxFreeSessions(sessions);
    CHECK_EQUAL(RmEndSession(shared_handle), ERROR_SUCCESS);
}

int main(int argc, char *argv[])
{
    if (argc > 1)
        return play(argv[1]);
    CHECK(GetEnvironmentVariableW(L"LOCALAPPDATA", users_own, OWN_PATH_SIZE));
    store_renew();
    RUN(test_the_first_handle_is_zero);
    RUN(test_the_same_process_joins);
    RUN(test_another_process_joins);
    RUN(test_the_label_is_listed);
    RUN(test_an_unknown_key_is_refused);
    RUN(test_the_store_has_no_key);
    RUN(test_the_place_needs_no_environment);
    RUN(test_64_sessions);
    RUN(test_the_slot_of_a_dead_owner_is_used_again);
    RUN(test_another_process_holds_the_lock);
    RUN(test_the_lock_of_a_dead_holder_is_free);
    RUN(test_many_processes_register_at_once);
    RUN(test_no_handle_is_left_open);
    RUN(test_16_threads_share_a_session);
    store_renew();
    RUN(test_a_file_is_where_the_store_should_be);
    RUN(test_the_store_vanishes);
    store_done();
    return 0;
}
