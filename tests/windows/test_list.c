/* SPDX-License-Identifier: MIT
 *
 * Who is found, how, and as what.
 */
#include "holding.h"

static void make_file(WCHAR path[MAX_PATH])
{
    WCHAR folder[MAX_PATH];
    CHECK(GetTempPathW(MAX_PATH, folder) && GetTempFileNameW(folder, L"rm", 0, path));
}

static HANDLE open_file(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    return file;
}

static void test_open_file(void)
{
    WCHAR path[MAX_PATH], arguments[2 * MAX_PATH];
    make_file(path);
    swprintf(arguments, 2 * MAX_PATH, L"open \"%ls\"", path);
    DWORD session = start_with_file(path);
    CHECK_EQUAL(list(session).count, 0);
    struct holder h = hold(arguments);
    struct list l = list(session);
    CHECK_EQUAL(l.count, 1);
    CHECK_EQUAL(l.reasons, RmRebootReasonNone);
    CHECK(memcmp(&l.rows[0].Process, &h.process, sizeof(h.process)) == 0);
    CHECK_EQUAL(l.rows[0].ApplicationType, RmConsole);
    CHECK_EQUAL(l.rows[0].AppStatus, RmStatusRunning);
    CHECK_EQUAL(l.rows[0].bRestartable, FALSE);
    CHECK(wcscmp(l.rows[0].strAppName, L"holder.exe") == 0);
    CHECK(!l.rows[0].strServiceShortName[0]);
    DWORD mine;
    CHECK(ProcessIdToSessionId(GetCurrentProcessId(), &mine));
    CHECK_EQUAL(l.rows[0].TSSessionId, mine);
    release(&h);
    CHECK_EQUAL(list(session).count, 0);
    CHECK(RmEndSession(session) == ERROR_SUCCESS && DeleteFileW(path));
}

static void test_library_and_program(void)
{
    WCHAR library[MAX_PATH], program[MAX_PATH], arguments[2 * MAX_PATH];
    beside(L"library.dll", library);
    beside(L"holder.exe", program);
    swprintf(arguments, 2 * MAX_PATH, L"load \"%ls\"", library);
    DWORD loaded = start_with_file(library), running = start_with_file(program);
    struct holder h = hold(arguments), other = hold(L"window");
    struct list l = list(loaded);
    CHECK(l.count == 1 && find(&l, h.process.dwProcessId));
    l = list(running);
    CHECK(l.count == 2 && find(&l, h.process.dwProcessId) && find(&l, other.process.dwProcessId));
    CHECK_EQUAL(find(&l, other.process.dwProcessId)->ApplicationType, RmMainWindow);
    release(&h);
    release(&other);
    CHECK(RmEndSession(loaded) == ERROR_SUCCESS && RmEndSession(running) == ERROR_SUCCESS);
}

static void test_caller_itself(void)
{
    WCHAR path[MAX_PATH];
    make_file(path);
    HANDLE file = open_file(path);
    DWORD session = start_with_file(path);
    struct list l = list(session);
    CHECK_EQUAL(l.count, 1);
    CHECK_EQUAL(l.reasons, RmRebootReasonDetectedSelf);
    CHECK_EQUAL(l.rows[0].Process.dwProcessId, GetCurrentProcessId());
    CHECK_EQUAL(l.rows[0].ApplicationType, RmCritical);
    CHECK_EQUAL(l.rows[0].TSSessionId, (DWORD)RM_INVALID_TS_SESSION);
    CHECK_EQUAL(RmShutdown(session, RmForceShutdown, NULL), 350);
    CloseHandle(file);
    CHECK_EQUAL(list(session).count, 0);
    CHECK(RmEndSession(session) == ERROR_SUCCESS && DeleteFileW(path));
}

static void test_two_names(void)
{
    WCHAR path[MAX_PATH], link[MAX_PATH];
    make_file(path);
    swprintf(link, MAX_PATH, L"%ls.link", path);
    CHECK(CreateHardLinkW(link, path, NULL));
    HANDLE file = open_file(link);
    DWORD session = start_with_file(path);
    CHECK_EQUAL(list(session).count, 1);
    CloseHandle(file);
    CHECK(RmEndSession(session) == ERROR_SUCCESS && DeleteFileW(path) && DeleteFileW(link));
}

static void test_another_start_time(void)
{
    struct holder h = hold(L"window"), stale = h;
    stale.process.ProcessStartTime.dwLowDateTime--;
    DWORD session = start_with_process(&h), none = start_with_process(&stale);
    CHECK_EQUAL(list(session).count, 1);
    CHECK_EQUAL(list(none).count, 0);
    release(&h);
    CHECK_EQUAL(list(session).count, 0);
    CHECK(RmEndSession(session) == ERROR_SUCCESS && RmEndSession(none) == ERROR_SUCCESS);
}

int main(void)
{
    RUN(test_open_file);
    RUN(test_library_and_program);
    RUN(test_caller_itself);
    RUN(test_two_names);
    RUN(test_another_start_time);
    return 0;
}
