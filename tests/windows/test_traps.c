/* SPDX-License-Identifier: MIT
 *
 * Windows' own traps in starting, registering and listing, which only a stand-in
 * can set.
 */
#include "../../rmcy/windows/list.h" /* the core has another one */
#include "check.h"
#include "masks.h"
#include "stand_in.h"

#include <wchar.h>

#define MANY 2500

static void test_a_key_is_terminated(void)
{
    WCHAR key[33];
    DWORD handle = 5;

    stand_in_renew();
    memset(key, 0xff, sizeof key);
    CHECK_EQUAL(RmxStartSession(&handle, 0, "label", RMX_TIMEOUT_DEFAULT, key), ERROR_SUCCESS);
    CHECK_EQUAL(wcslen(key), 32);
    CHECK_EQUAL(handle, 0); /* a handle like any other */
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmxEndSession(handle, RMX_INTERRUPTIBLE, RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
}

static void test_bad_arguments(void)
{
    RMX_LIST *list;
    DWORD handle;
    WCHAR key[33];
    UINT left = 7;

    stand_in_renew();
    CHECK_EQUAL(RmxStartSession(NULL, 0, NULL, 0, key), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxStartSession(&handle, 0, NULL, 0, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxStartSession(&handle, 2, NULL, 0, key), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxJoinSession(&handle, NULL, 0, 0), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxGetList(0, 4, 0, &list), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxGetList(0, 0, 0, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxRegisterResources(0, 1, NULL, 0, NULL, 0, NULL, 0, 0, NULL, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxRegisterResources(9, 0, NULL, 0, NULL, 0, NULL, 0, 0, NULL, NULL), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmxEndSession(9, 0, RMX_TIMEOUT_DEFAULT), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmxGetLeftStopped(9, &left), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmxGetLeftStopped(0, &left), ERROR_SUCCESS);
    CHECK_EQUAL(left, 0);
    CHECK_EQUAL(RmxAddCritical(0, L"x"), ERROR_CALL_NOT_IMPLEMENTED);
}

static WCHAR texts[MANY][16];
static LPCWSTR names[MANY];

static void name_many(void)
{
    for (UINT i = 0; i < MANY; i++) {
        swprintf(texts[i], 16, L"C:\\x\\%u", i);
        names[i] = texts[i];
    }
}

static DWORD register_many(DWORD flags, BYTE *states, UINT *bad)
{
    RM_UNIQUE_PROCESS process = {.dwProcessId = 8};
    LPCWSTR service = L"one";

    return RmxRegisterResources(0, MANY, names, 1, &process, 1, &service, flags, RMX_TIMEOUT_DEFAULT, states, bad);
}

static void test_files_go_in_batches(void)
{
    UINT bad, next = 0;

    stand_in_renew();
    name_many();
    names[0] = names[1234] = NULL;
    CHECK_EQUAL(register_many(0, NULL, &bad), ERROR_SUCCESS);
    CHECK_EQUAL(bad, UINT32_MAX);
    CHECK_EQUAL(stand_in.calls, 4);
    CHECK(stand_in.processes == 1 && stand_in.services == 1);
    CHECK_EQUAL(stand_in.file_count, MANY - 2);
    for (UINT i = 0; i < MANY; i++)
        if (names[i])
            CHECK(stand_in.files[next++] == names[i]);
}

static void test_a_batch_that_is_refused_goes_in_halves(void)
{
    stand_in_renew();
    stand_in.at_once = 300;
    name_many();
    CHECK_EQUAL(register_many(0, NULL, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(stand_in.file_count, MANY);
    for (UINT i = 0; i < MANY; i++)
        CHECK(stand_in.files[i] == names[i]);
}

static void test_what_is_refused_alone_is_an_error(void)
{
    UINT bad;

    stand_in_renew();
    name_many();
    stand_in.refused = names[1500];
    CHECK_EQUAL(register_many(0, NULL, &bad), ERROR_WRITE_FAULT);
    CHECK_EQUAL(bad, UINT32_MAX);
    CHECK_EQUAL(stand_in.file_count, 1500); /* nothing can be taken back */
}

static void test_directories_are_found_before_anything_is_registered(void)
{
    static BYTE states[MANY];
    WCHAR directory[MAX_PATH];
    UINT bad;

    stand_in_renew();
    name_many();
    CHECK(GetTempPathW(MAX_PATH, directory));
    names[MANY - 1] = directory;
    CHECK_EQUAL(register_many(RMX_REGISTER_REFUSE_DIRECTORIES, NULL, &bad), ERROR_DIRECTORY);
    CHECK_EQUAL(bad, MANY - 1);
    CHECK_EQUAL(stand_in.calls, 0);
    names[3] = NULL;
    CHECK_EQUAL(register_many(RMX_REGISTER_SKIP_DIRECTORIES, states, &bad), ERROR_SUCCESS);
    CHECK_EQUAL(stand_in.file_count, MANY - 2);
    CHECK(states[0] == RMX_FILE_MISSING && states[3] == RMX_FILE_IGNORED);
    CHECK_EQUAL(states[MANY - 1], RMX_FILE_DIRECTORY);
}

static void test_names_that_can_name_nothing(void)
{
    static WCHAR longest[32769];
    LPCWSTR file[] = {L"C:\\x", L""}, service[] = {NULL, longest};
    UINT bad;

    stand_in_renew();
    CHECK_EQUAL(RmxRegisterResources(0, 2, file, 0, NULL, 0, NULL, 0, 0, NULL, &bad), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(bad, 1);
    for (int i = 0; i < 32768; i++)
        longest[i] = L'x';
    file[1] = longest;
    CHECK_EQUAL(RmxRegisterResources(0, 2, file, 0, NULL, 0, NULL, 0, 0, NULL, &bad), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxRegisterResources(0, 0, NULL, 0, NULL, 2, service, 0, 0, NULL, &bad), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(bad, 1);
    CHECK_EQUAL(stand_in.calls, 0);
}

static void test_a_list_that_grows_is_asked_for_again(void)
{
    RMX_LIST *list;

    stand_in_renew();
    stand_in.growth = 9;
    stand_in.row_count = STAND_IN_ROWS;
    for (DWORD i = 0; i < STAND_IN_ROWS; i++)
        stand_in.rows[i] = (RM_PROCESS_INFO){.Process = {.dwProcessId = 0x7ff00000 + 4 * i}, .strAppName = L"app"};
    CHECK_EQUAL(RmxGetList(0, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->app_count, STAND_IN_ROWS);
    CHECK_EQUAL(list->retries, 9);
    CHECK_EQUAL(list->rows[63].Process.dwProcessId, 0x7ff00000 + 4 * 63);
    CHECK(list->flags == RMX_LIST_COMPLETE && !list->apps[0].exe && list->apps[0].uid == RMX_NO_UID);
    RmxFreeList(list);
}

static void test_a_race_that_is_lost_is_never_nobody(void)
{
    RMX_LIST *list = NULL;

    stand_in_renew();
    stand_in.growth = UINT32_MAX;
    CHECK_EQUAL(RmxGetList(0, 0, RMX_TIMEOUT_NONE, &list), ERROR_MORE_DATA);
    CHECK(stand_in.asked >= 6 && !list);
}

static void test_a_directory_is_named(void)
{
    WCHAR directory[MAX_PATH];
    LPCWSTR files[] = {directory, L"C:\\missing", L"C:\\missing"};
    RMX_LIST *list = NULL;
    DWORD handle;

    stand_in_renew();
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK(GetTempPathW(MAX_PATH, directory));
    CHECK_EQUAL(RmxRegisterResources(0, 3, files, 0, NULL, 0, NULL, 0, 0, NULL, NULL), ERROR_SUCCESS);
    stand_in.list_code = ERROR_ACCESS_DENIED;
    CHECK_EQUAL(RmxGetList(0, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_ACCESS_DENIED);
    CHECK(list->directory_count == 1 && list->missing_count == 0 && list->app_count == 0);
    CHECK(strlen(list->files[list->directories[0]]) == wcslen(directory));
    RmxFreeList(list);

    stand_in.list_code = ERROR_SUCCESS;
    CHECK_EQUAL(RmxGetList(0, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, 1); /* each once */
    CHECK(!strcmp(list->files[list->missing[0]], "C:\\missing"));
    RmxFreeList(list);
    CHECK_EQUAL(RmxEndSession(0, 0, RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetList(0, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, 0); /* that was another session */
    RmxFreeList(list);
}

/* Looking for what was missing is no task of Windows', and no timer ends it. */
static void test_names_are_looked_for_no_longer_than_that(void)
{
    struct rm_deadline over = rm_deadline_in(0, 0);
    struct rm_session session = {0};
    RMX_LIST *list = NULL;

    stand_in_renew();
    CHECK(rm_names_add(&session.odd, L"C:\\missing"));
    CHECK_EQUAL(rm_list_get(&session, 0, &over, &list), ERROR_SEM_TIMEOUT);
    CHECK(!list);
    CHECK_EQUAL(stand_in.asked, 0);
    rm_names_done(&session.odd);
}

/* ---- filters ---- */

static void point_outside(RM_FILTER_INFO *first, DWORD *needed)
{
    (void)needed;
    first->strServiceShortName = (LPWSTR)(uintptr_t)16;
}

static void go_far(RM_FILTER_INFO *first, DWORD *needed)
{
    first->cbNextOffset = *needed + 0x40000000;
    *needed = 0x7fffffff;
}

static void stay_open(RM_FILTER_INFO *first, DWORD *needed)
{
    first->strServiceShortName = (LPWSTR)(void *)((BYTE *)first + *needed - 2 * sizeof(WCHAR));
    wmemcpy(first->strServiceShortName, L"so", 2);
}

static void test_a_list_of_filters_is_not_believed(void)
{
    static void (*const spoilt[])(RM_FILTER_INFO *, DWORD *) = {point_outside, go_far, stay_open};
    struct rm_item item = {.info = {.unit = "so"}};

    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        struct rm_masks masks = {.action = RmNoShutdown};

        stand_in_renew();
        CHECK_EQUAL(RmAddFilter(0, NULL, NULL, L"so", RmNoRestart), ERROR_SUCCESS);
        stand_in.filters_spoilt = spoilt[i];
        CHECK_EQUAL(rm_masks_add(&masks, &item), ERROR_SUCCESS);
        CHECK_EQUAL(stand_in_filter(NULL, L"so"), RmNoShutdown);
        rm_masks_remove(&masks);
    }
}

static void test_the_callers_own_filter_comes_back(void)
{
    struct rm_masks masks = {.action = RmNoShutdown};
    struct rm_item item = {.info = {.unit = "So"}};

    stand_in_renew();
    CHECK_EQUAL(RmAddFilter(0, NULL, NULL, L"another", RmNoRestart), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(0, NULL, NULL, L"So", RmNoRestart), ERROR_SUCCESS);
    CHECK_EQUAL(rm_masks_add(&masks, &item), ERROR_SUCCESS);
    CHECK_EQUAL(stand_in_filter(NULL, L"So"), RmNoShutdown);
    rm_masks_remove(&masks);
    CHECK_EQUAL(stand_in_filter(NULL, L"So"), RmNoRestart);
    CHECK_EQUAL(stand_in.filter_count, 2);
}

/* ---- what was refused ---- */

static void test_what_was_not_registered_is_not_missing(void)
{
    LPCWSTR files[] = {L"C:\\missing"}, service = L"one";
    RMX_LIST *list;
    DWORD handle;

    stand_in_renew();
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    stand_in.refused = files[0];
    for (UINT services = 0; services < 2; services++)
        CHECK_EQUAL(RmxRegisterResources(0, 1, files, 0, NULL, services, &service, 0, 0, NULL, NULL),
                    ERROR_WRITE_FAULT);
    CHECK_EQUAL(RmxGetList(0, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, 0);
    RmxFreeList(list);
    CHECK_EQUAL(RmxEndSession(0, 0, RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
}

int main(void)
{
    RUN(test_a_key_is_terminated);
    RUN(test_bad_arguments);
    RUN(test_files_go_in_batches);
    RUN(test_a_batch_that_is_refused_goes_in_halves);
    RUN(test_what_is_refused_alone_is_an_error);
    RUN(test_directories_are_found_before_anything_is_registered);
    RUN(test_names_that_can_name_nothing);
    RUN(test_a_list_that_grows_is_asked_for_again);
    RUN(test_a_race_that_is_lost_is_never_nobody);
    RUN(test_a_directory_is_named);
    RUN(test_what_was_not_registered_is_not_missing);
    RUN(test_names_are_looked_for_no_longer_than_that);
    RUN(test_a_list_of_filters_is_not_believed);
    RUN(test_the_callers_own_filter_comes_back);
    return 0;
}
