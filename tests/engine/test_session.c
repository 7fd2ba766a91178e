/* SPDX-License-Identifier: MIT
 *
 * Handles: numbers that mean one session of this process, and nothing once it
 * has ended.
 */
#include "check.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <pthread.h>
#include <sys/wait.h>

static DWORD start(void)
{
    WCHAR key[CCH_RM_SESSION_KEY + 1];
    DWORD handle;

    CHECK_EQUAL(RmStartSession(&handle, 0, key), ERROR_SUCCESS);
    return handle;
}

static DWORD start_private(void)
{
    DWORD handle;

    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    return handle;
}

static void test_a_handle_means_nothing_after_its_end(void)
{
    DWORD first = start(), second;

    CHECK_EQUAL(RmEndSession(first), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(first), ERROR_INVALID_HANDLE);
    second = start();
    CHECK(second != first);
    CHECK_EQUAL(RmEndSession(first), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmEndSession(second), ERROR_SUCCESS);
}

static void test_a_handle_is_never_all_ones(void)
{
    for (int i = 0; i < 70000; i++) {
        DWORD handle = start_private();

        CHECK(handle != 0xFFFFFFFF);
        CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    }
}

static void test_null_and_flags_are_refused(void) /* ours: before anything else */
{
    WCHAR key[33] = {0};
    DWORD handle = 0, reasons;
    UINT n = 0;

    CHECK_EQUAL(RmStartSession(NULL, 0, key), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmStartSession(&handle, 0, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmStartSession(&handle, 1, key), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(NULL, key), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(&handle, NULL), ERROR_BAD_ARGUMENTS);

    handle = start_private();
    CHECK_EQUAL(RmGetList(handle, NULL, &n, NULL, &reasons), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmGetList(handle, &n, NULL, NULL, &reasons), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmGetList(handle, &n, &n, NULL, NULL), ERROR_BAD_ARGUMENTS);
    n = 1;
    CHECK_EQUAL(RmGetList(handle, &n, &n, NULL, &reasons), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmRegisterResources(handle, 1, NULL, 0, NULL, 0, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmRegisterResources(handle, 0, NULL, 1, NULL, 0, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmRegisterResources(handle, 0, NULL, 0, NULL, 1, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmRegisterResources(handle, 0, NULL, 0, NULL, 0, NULL), ERROR_SUCCESS); /* ours */
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

static void test_a_bad_entry_registers_nothing_and_is_named(void)
{
    static WCHAR long_name[5000];
    DWORD handle = start_private();
    UINT bad;

    for (int i = 0; i < 4999; i++)
        long_name[i] = i ? 'x' : '/';
    {
        LPCWSTR empty[] = {u"/etc/passwd", u""}, lone[] = {NULL, u"/a", (WCHAR[]){'/', 0xD800, 0}};
        LPCWSTR toolong[] = {long_name}, directory[] = {u"/etc/passwd", u"/etc"};
        RMX_LIST *list;

        CHECK_EQUAL(RmxRegisterResources(handle, 2, empty, 0, NULL, 0, NULL, 0, RMX_TIMEOUT_NONE, NULL, &bad),
                    ERROR_BAD_ARGUMENTS);
        CHECK_EQUAL(bad, 1);
        CHECK_EQUAL(RmxRegisterResources(handle, 3, lone, 0, NULL, 0, NULL, 0, RMX_TIMEOUT_NONE, NULL, &bad),
                    ERROR_BAD_ARGUMENTS);
        CHECK_EQUAL(bad, 2);
        CHECK_EQUAL(RmxRegisterResources(handle, 1, toolong, 0, NULL, 0, NULL, 0, RMX_TIMEOUT_NONE, NULL, &bad),
                    ERROR_BAD_ARGUMENTS);
        CHECK_EQUAL(bad, 0);
        CHECK_EQUAL(RmxRegisterResources(handle, 2, directory, 0, NULL, 0, NULL, RMX_REGISTER_REFUSE_DIRECTORIES,
                                         RMX_TIMEOUT_NONE, NULL, &bad),
                    ERROR_DIRECTORY);
        CHECK_EQUAL(bad, 1);
        /* The directory would have made this list fail. */
        CHECK_EQUAL(RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
        RmxFreeList(list);
    }
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

static void test_a_registered_directory_makes_each_list_fail_and_is_named(void)
{
    LPCWSTR files[] = {u"/etc/passwd", u"/etc"};
    DWORD handle = start_private(), reasons;
    RMX_LIST *list = NULL;
    UINT needed = 0, n = 0;

    CHECK_EQUAL(RmRegisterResources(handle, 2, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmGetList(handle, &needed, &n, NULL, &reasons), ERROR_ACCESS_DENIED);
    CHECK_EQUAL(RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_ACCESS_DENIED);
    CHECK_EQUAL(list->directory_count, 1);
    CHECK(!strcmp(list->files[list->directories[0]], "/etc"));
    RmxFreeList(list);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

static void test_the_table_has_an_end(void) /* ours: 65,536 handles */
{
    static DWORD handles[65536];
    DWORD more;

    for (int i = 0; i < 65536; i++)
        handles[i] = start_private();
    CHECK_EQUAL(RmxStartSession(&more, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_MAX_SESSIONS_REACHED);
    CHECK_EQUAL(RmEndSession(handles[7]), ERROR_SUCCESS);
    handles[7] = start_private();
    for (int i = 0; i < 65536; i++)
        CHECK_EQUAL(RmEndSession(handles[i]), ERROR_SUCCESS);
}

static void test_the_first_handle_is_zero_and_no_forked_child_has_it(void)
{
    WCHAR key[33];
    DWORD handle, again;
    int status;
    pid_t child;

    CHECK_EQUAL(RmStartSession(&handle, 0, key), ERROR_SUCCESS);
    CHECK_EQUAL(handle, 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK_EQUAL(RmRegisterResources(handle, 0, NULL, 0, NULL, 0, NULL), ERROR_INVALID_HANDLE);
        CHECK_EQUAL(RmEndSession(handle), ERROR_INVALID_HANDLE);
        /* The parent's handle is not the child's own either, once that has one. */
        CHECK_EQUAL(RmStartSession(&again, 0, key), ERROR_SUCCESS);
        CHECK(again != handle);
        CHECK_EQUAL(RmEndSession(handle), ERROR_INVALID_HANDLE);
        CHECK_EQUAL(RmEndSession(again), ERROR_SUCCESS);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK_EQUAL(RmJoinSession(&again, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(again), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

static WCHAR shared_key[33];
static DWORD shared_handle;

static void *register_and_join(void *argument)
{
    LPCWSTR files[] = {argument};

    for (int i = 0; i < 50; i++) {
        DWORD joined;

        CHECK_EQUAL(RmJoinSession(&joined, shared_key), ERROR_SUCCESS);
        CHECK_EQUAL(RmRegisterResources(joined, 1, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
        CHECK_EQUAL(RmRegisterResources(shared_handle, 1, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
        CHECK_EQUAL(RmEndSession(joined), ERROR_SUCCESS);
    }
    return NULL;
}

static void test_32_threads_share_a_session(void)
{
    static WCHAR names[32][8];
    pthread_t threads[32];
    RMX_LIST *list;

    CHECK_EQUAL(RmStartSession(&shared_handle, 0, shared_key), ERROR_SUCCESS);
    for (unsigned i = 0; i < 32; i++) {
        names[i][0] = '/', names[i][1] = (WCHAR)('A' + i);
        CHECK_EQUAL(pthread_create(&threads[i], NULL, register_and_join, names[i]), 0);
    }
    for (int i = 0; i < 32; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK_EQUAL(RmxGetList(shared_handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, 32 * 100); /* every one: missing names are not folded */
    RmxFreeList(list);
    CHECK_EQUAL(RmEndSession(shared_handle), ERROR_SUCCESS);
}

int main(void)
{
    sandbox_enter("size=16m");
    RUN(test_the_first_handle_is_zero_and_no_forked_child_has_it);
    RUN(test_a_handle_means_nothing_after_its_end);
    RUN(test_a_handle_is_never_all_ones);
    RUN(test_null_and_flags_are_refused);
    RUN(test_a_bad_entry_registers_nothing_and_is_named);
    RUN(test_a_registered_directory_makes_each_list_fail_and_is_named);
    RUN(test_the_table_has_an_end);
    RUN(test_32_threads_share_a_session);
    return 0;
}
