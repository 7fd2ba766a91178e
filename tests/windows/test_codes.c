/* SPDX-License-Identifier: MIT
 *
 * Codes of winerror.h that the library for tests answers with, each reached by
 * the real condition: those that do not ask what runs on the machine.  Lists,
 * stops and restarts of programs have tests of their own; 121 is test_store's,
 * which can wait for a shorter time.  "Ours": no source says what Windows does.
 */
#include "own_store.h"
#include "restartmanager_ext.h"

#define STRANGER 0x12345u
#define UNKNOWN_KEY L"0123456789abcdef0123456789abcdef"

static const RM_UNIQUE_PROCESS nobody = {.dwProcessId = 0xFFFFFFF0};
static DWORD primary, secondary, other, reasons, needed;
static UINT apps_needed, apps;
static WCHAR key[CCH_RM_SESSION_KEY + 1], other_key[CCH_RM_SESSION_KEY + 1];

/* ---- the calls, on one of the handles ---- */

static DWORD call_start(void) { return RmStartSession(&other, 0, other_key); }
static DWORD call_join(const WCHAR *text) { return RmJoinSession(&other, text); }
static DWORD call_register(DWORD handle) { return RmRegisterResources(handle, 0, NULL, 0, NULL, 0, NULL); }
static DWORD call_list(DWORD handle) { return RmGetList(handle, &apps_needed, &apps, NULL, &reasons); }

static DWORD call_add(DWORD handle)
{
    RM_UNIQUE_PROCESS process = nobody;

    return RmAddFilter(handle, NULL, &process, NULL, RmNoShutdown);
}

static DWORD call_remove(DWORD handle)
{
    RM_UNIQUE_PROCESS process = nobody;

    return RmRemoveFilter(handle, NULL, &process, NULL);
}

static DWORD call_filters(DWORD handle) { return RmGetFilterList(handle, NULL, 0, &needed); }

/* ---- the conditions ---- */

static DWORD start_it(void) { return call_start(); }
static DWORD start_without_key(void) { return RmStartSession(&other, 0, NULL); }
static DWORD start_without_handle(void) { return RmStartSession(NULL, 0, other_key); }
static DWORD start_with_flags(void) { return RmStartSession(&other, 1, other_key); }

static DWORD start_the_65th(void)
{
    for (int i = 1; i < 64; i++)
        CHECK_EQUAL(call_start(), ERROR_SUCCESS);
    return call_start();
}

static DWORD join_it(void) { return call_join(key); }
static DWORD join_nothing(void) { return call_join(NULL); }
static DWORD join_half_a_key(void) { return call_join(L"0123456789abcdef"); }
static DWORD join_unknown(void) { return call_join(UNKNOWN_KEY); }

static DWORD join_the_ended(void)
{
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    return call_join(key);
}

static DWORD end_it(void) { return RmEndSession(primary); }
static DWORD end_stranger(void) { return RmEndSession(STRANGER); }

static DWORD end_twice(void)
{
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    return RmEndSession(primary);
}

static DWORD register_nothing(void) { return call_register(primary); }
static DWORD register_stranger(void) { return call_register(STRANGER); }
static DWORD register_no_array(void) { return RmRegisterResources(primary, 1, NULL, 0, NULL, 0, NULL); }

static DWORD register_missing(void)
{
    LPCWSTR files[] = {L"C:\\no\\such\\file", NULL, L"no such file either", L"C:/no/such/file"};

    return RmRegisterResources(secondary, 4, files, 0, NULL, 0, NULL);
}

/* Past what one piece of a batch takes, and the directory is the last: it makes the list fail. */
static DWORD list_the_last_of_many(void)
{
    enum { COUNT = 9000 };
    static WCHAR names[COUNT][32];
    LPCWSTR files[COUNT + 1];

    for (int i = 0; i < COUNT; i++) {
        swprintf(names[i], 32, L"C:\\no\\such\\file-%d", i);
        files[i] = names[i];
    }
    files[COUNT] = own_store;
    CHECK_EQUAL(RmRegisterResources(primary, COUNT, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
    CHECK(call_list(primary) != ERROR_ACCESS_DENIED);
    CHECK_EQUAL(RmRegisterResources(secondary, COUNT + 1, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
    return call_list(primary);
}

static DWORD register_a_lone_surrogate(void)
{
    static const WCHAR name[] = {'C', ':', '\\', 0xD800, 'x', 0xDC00, 0};
    LPCWSTR files[] = {name};

    return RmRegisterResources(primary, 1, files, 0, NULL, 0, NULL);
}

static DWORD register_an_empty_name(void)
{
    LPCWSTR files[] = {L""};

    return RmRegisterResources(primary, 1, files, 0, NULL, 0, NULL);
}

static DWORD register_after_the_end(void)
{
    LPCWSTR files[] = {L"C:\\no\\such\\file"};

    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    return RmRegisterResources(secondary, 1, files, 0, NULL, 0, NULL);
}

static DWORD list_a_directory(void)
{
    LPCWSTR files[] = {own_store};

    CHECK_EQUAL(RmRegisterResources(secondary, 1, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
    return call_list(primary);
}

static DWORD list_stranger(void) { return call_list(STRANGER); }
static DWORD list_secondary(void) { return call_list(secondary); }
static DWORD list_no_reasons(void) { return RmGetList(primary, &apps_needed, &apps, NULL, NULL); }

static DWORD shutdown_stranger(void) { return RmShutdown(STRANGER, 0, NULL); }
static DWORD shutdown_secondary(void) { return RmShutdown(secondary, 0, NULL); }
static DWORD shutdown_unknown_flag(void) { return RmShutdown(primary, 2, NULL); }

static DWORD restart_before(void) { return RmRestart(primary, 0, NULL); }
static DWORD restart_stranger(void) { return RmRestart(STRANGER, 0, NULL); }
static DWORD restart_secondary(void) { return RmRestart(secondary, 0, NULL); }
static DWORD restart_with_flags(void) { return RmRestart(primary, 1, NULL); }

static DWORD cancel_nothing(void) { return RmCancelCurrentTask(primary); }
static DWORD cancel_stranger(void) { return RmCancelCurrentTask(STRANGER); }
static DWORD cancel_secondary(void) { return RmCancelCurrentTask(secondary); }

static DWORD add_it(void) { return call_add(primary); }
static DWORD add_stranger(void) { return call_add(STRANGER); }
static DWORD add_secondary(void) { return call_add(secondary); }

static DWORD add_two_targets(void)
{
    RM_UNIQUE_PROCESS process = nobody;

    return RmAddFilter(primary, L"C:\\a.exe", &process, NULL, RmNoShutdown);
}

static DWORD remove_what_was_added(void)
{
    CHECK_EQUAL(call_add(primary), ERROR_SUCCESS);
    return call_remove(primary);
}

static DWORD remove_nothing(void) { return call_remove(primary); }
static DWORD remove_stranger(void) { return call_remove(STRANGER); }
static DWORD remove_secondary(void) { return call_remove(secondary); }
static DWORD remove_no_target(void) { return RmRemoveFilter(primary, NULL, NULL, NULL); }

static DWORD filters_none(void) { return call_filters(primary); }
static DWORD filters_stranger(void) { return call_filters(STRANGER); }
static DWORD filters_secondary(void) { return call_filters(secondary); }
static DWORD filters_no_buffer(void) { return RmGetFilterList(primary, NULL, 100, &needed); }

static DWORD filters_no_room(void)
{
    CHECK_EQUAL(call_add(primary), ERROR_SUCCESS);
    return call_filters(primary);
}

/* Three of them: 32 bytes each, and the text of two in the same buffer. */
static DWORD filters_come_back(void)
{
    union {
        RM_FILTER_INFO first;
        BYTE bytes[1024];
    } buffer;
    const RM_FILTER_INFO *filter = &buffer.first;

    CHECK_EQUAL(sizeof *filter, 32);
    CHECK_EQUAL(RmAddFilter(primary, L"C:\\Dir\\a.exe", NULL, NULL, RmNoRestart), ERROR_SUCCESS);
    CHECK_EQUAL(call_add(primary), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(primary, NULL, NULL, L"Spooler", RmNoShutdown), ERROR_SUCCESS);
    CHECK_EQUAL(RmGetFilterList(primary, buffer.bytes, sizeof buffer, &needed), ERROR_SUCCESS);
    for (int i = 0; i < 3; i++) {
        CHECK(filter->cbNextOffset || i == 2);
        if (filter->FilterTrigger == RmFilterTriggerFile)
            CHECK(!wcscmp(filter->strFilename, L"C:\\Dir\\a.exe"));
        else if (filter->FilterTrigger == RmFilterTriggerService)
            CHECK(!wcscmp(filter->strServiceShortName, L"Spooler"));
        else
            CHECK(!memcmp(&filter->Process, &nobody, sizeof nobody));
        filter = (const void *)((const BYTE *)filter + filter->cbNextOffset);
    }
    return RmGetFilterList(primary, buffer.bytes, needed - 1, &needed);
}

/* ---- the table ---- */

static const struct row {
    const char *function;
    DWORD code;
    DWORD (*condition)(void);
    const char *what;
} table[] = {
    {"RmStartSession", 0, start_it, "a second one in the same process"},
    {"RmStartSession", 160, start_without_key, "no room for the key"},
    {"RmStartSession", 160, start_without_handle, "no room for the handle"},
    {"RmStartSession", 160, start_with_flags, "a flag, which is reserved"},
    {"RmStartSession", 353, start_the_65th, "64 sessions of this user"},
    {"RmJoinSession", 0, join_it, "in the process of the primary"},
    {"RmJoinSession", 160, join_nothing, "no key"},
    {"RmJoinSession", 160, join_half_a_key, "a key that is too short"},
    {"RmJoinSession", 1219, join_unknown, "no session has this key"},
    {"RmJoinSession", 1219, join_the_ended, "the session has ended"},
    {"RmEndSession", 0, end_it, "by its primary"},
    {"RmEndSession", 6, end_stranger, "a handle that nobody was given"},
    {"RmEndSession", 6, end_twice, "for the second time"},
    {"RmRegisterResources", 0, register_nothing, "nothing at all (ours)"},
    {"RmRegisterResources", 0, register_missing, "files that are missing, and a NULL among them"},
    {"RmRegisterResources", 0, register_a_lone_surrogate, "a name that is no Unicode"},
    {"RmRegisterResources", 6, register_stranger, "a handle that nobody was given"},
    {"RmRegisterResources", 6, register_after_the_end, "a secondary whose session has ended (ours)"},
    {"RmRegisterResources", 160, register_no_array, "a count without an array"},
    {"RmRegisterResources", 160, register_an_empty_name, "an empty name (ours)"},
    {"RmGetList", 5, list_a_directory, "a secondary registered a directory"},
    {"RmGetList", 5, list_the_last_of_many, "it was the last of 9,001 names"},
    {"RmGetList", 6, list_stranger, "a handle that nobody was given"},
    {"RmGetList", 160, list_no_reasons, "a NULL argument"},
    {"RmGetList", 1219, list_secondary, "a secondary"},
    {"RmShutdown", 6, shutdown_stranger, "a handle that nobody was given"},
    {"RmShutdown", 160, shutdown_unknown_flag, "an unknown flag (ours)"},
    {"RmShutdown", 1219, shutdown_secondary, "a secondary (ours)"},
    {"RmRestart", 6, restart_stranger, "a handle that nobody was given"},
    {"RmRestart", 160, restart_with_flags, "a flag, which is reserved"},
    {"RmRestart", 776, restart_before, "before RmShutdown"},
    {"RmRestart", 1219, restart_secondary, "a secondary (ours)"},
    {"RmCancelCurrentTask", 0, cancel_nothing, "with nothing under way (ours)"},
    {"RmCancelCurrentTask", 6, cancel_stranger, "a handle that nobody was given"},
    {"RmCancelCurrentTask", 1219, cancel_secondary, "a secondary (ours)"},
    {"RmAddFilter", 0, add_it, "a process"},
    {"RmAddFilter", 6, add_stranger, "a handle that nobody was given (ours)"},
    {"RmAddFilter", 160, add_two_targets, "two targets"},
    {"RmAddFilter", 1219, add_secondary, "a secondary"},
    {"RmRemoveFilter", 0, remove_what_was_added, "the filter for a process"},
    {"RmRemoveFilter", 2, remove_nothing, "there is no such filter"},
    {"RmRemoveFilter", 6, remove_stranger, "a handle that nobody was given (ours)"},
    {"RmRemoveFilter", 160, remove_no_target, "no target (ours)"},
    {"RmRemoveFilter", 1219, remove_secondary, "a secondary"},
    {"RmGetFilterList", 0, filters_none, "there is none"},
    {"RmGetFilterList", 6, filters_stranger, "a handle that nobody was given (ours)"},
    {"RmGetFilterList", 160, filters_no_buffer, "a size without a buffer"},
    {"RmGetFilterList", 234, filters_no_room, "one filter, no buffer"},
    {"RmGetFilterList", 234, filters_come_back, "three filters, one byte too few"},
    {"RmGetFilterList", 1219, filters_secondary, "a secondary"},
};

/* On a store of its own, with one session and a secondary of it. */
static void run(const struct row *row)
{
    printf("%s %lu: %s\n", row->function, row->code, row->what);
    fflush(stdout);
    store_renew();
    apps = 0;
    CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&secondary, key), ERROR_SUCCESS);
    CHECK_EQUAL(row->condition(), row->code);
}

int main(void)
{
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
        run(&table[i]);
    store_done();
    return 0;
}
