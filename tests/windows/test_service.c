/* SPDX-License-Identifier: MIT
 *
 * Services are stopped by their manager, those that need them first, and come
 * back the other way.
 */
#include "installed.h"

static void check_row(const RM_PROCESS_INFO *row, const WCHAR *name, DWORD pid)
{
    WCHAR title[64];
    CHECK_EQUAL(row->Process.dwProcessId, pid);
    CHECK_EQUAL(row->ApplicationType, RmService);
    CHECK(wcscmp(row->strServiceShortName, name) == 0);
    title_of(name, title);
    CHECK(wcscmp(row->strAppName, title) == 0);
    CHECK(row->bRestartable);
    CHECK_EQUAL(row->TSSessionId, (DWORD)RM_INVALID_TS_SESSION);
}

static void test_by_file(void)
{
    SC_HANDLE service = install(L"rmcy-test", NULL, L"");
    start_and_wait(service);
    DWORD session = start_with_file(file), before = ask(service).dwProcessId;
    struct list l = list(session);
    CHECK_EQUAL(l.count, 1);
    CHECK_EQUAL(l.reasons, RmRebootReasonNone);
    check_row(&l.rows[0], L"rmcy-test", before);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ask(service).dwCurrentState, SERVICE_STOPPED);
    HANDLE alone = CreateFileW(file, GENERIC_READ | DELETE, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(alone != INVALID_HANDLE_VALUE);
    CloseHandle(alone);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ask(service).dwCurrentState, SERVICE_RUNNING);
    CHECK(ask(service).dwProcessId);
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
    stop_alone(service);
    remove_service(service);
}

static void test_with_a_dependent(void)
{
    const WCHAR *name = L"rmcy-base";
    SC_HANDLE service = install(name, NULL, L""), other = install(L"rmcy-upper", L"rmcy-base\0", L"");
    start_and_wait(service);
    start_and_wait(other);
    DWORD session = start();
    CHECK(RmRegisterResources(session, 0, NULL, 0, NULL, 1, &name) == ERROR_SUCCESS);
    struct list l = list(session);
    CHECK_EQUAL(l.count, 1);
    check_row(&l.rows[0], name, ask(service).dwProcessId);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ask(service).dwCurrentState, SERVICE_STOPPED);
    CHECK_EQUAL(ask(other).dwCurrentState, SERVICE_STOPPED);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ask(service).dwCurrentState, SERVICE_RUNNING);
    CHECK_EQUAL(ask(other).dwCurrentState, SERVICE_RUNNING);
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
    stop_alone(other);
    stop_alone(service);
    remove_service(other);
    remove_service(service);
}

static void test_stopped_or_unknown(void)
{
    const WCHAR *names[] = {L"rmcy-idle", L"rmcy-no-such-service"};
    SC_HANDLE service = install(names[0], NULL, L"");
    DWORD session = start();
    CHECK(RmRegisterResources(session, 0, NULL, 0, NULL, 2, names) == ERROR_SUCCESS);
    CHECK_EQUAL(list(session).count, 0);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
    remove_service(service);
}

static void test_critical(void)
{
    const WCHAR *name = L"PlugPlay";
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_QUERY_STATUS);
    CHECK(service && ask(service).dwProcessId);
    DWORD session = start();
    CHECK(RmRegisterResources(session, 0, NULL, 0, NULL, 1, &name) == ERROR_SUCCESS);
    struct list l = list(session);
    CHECK_EQUAL(l.count, 1);
    CHECK_EQUAL(l.rows[0].ApplicationType, RmCritical);
    CHECK_EQUAL(l.rows[0].bRestartable, FALSE);
    CHECK_EQUAL(l.reasons, RmRebootReasonCriticalService);
    CHECK_EQUAL(RmShutdown(session, RmForceShutdown, NULL), 350);
    CHECK_EQUAL(ask(service).dwCurrentState, SERVICE_RUNNING);
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
    CloseServiceHandle(service);
}

int main(void)
{
    prepare_services();
    RUN(test_by_file);
    RUN(test_with_a_dependent);
    RUN(test_stopped_or_unknown);
    RUN(test_critical);
    CHECK(DeleteFileW(file));
    return 0;
}
