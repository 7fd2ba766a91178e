/* SPDX-License-Identifier: MIT
 *
 * A service that is on its way down when Windows' patience is over: what becomes
 * of it is asked of the real service manager, and the Restart Manager is a
 * stand-in, since the real ones wait for a third of a minute.
 */
#include "installed.h"
#include "stand_in.h"

#define NAME L"rmcy-pending"

static SC_HANDLE service;

static void stop_and_leave(RM_WRITE_STATUS_CALLBACK progress)
{
    SERVICE_STATUS status;

    (void)progress;
    CHECK(ControlService(service, SERVICE_CONTROL_STOP, &status));
}

static void list_the_service(void)
{
    RM_PROCESS_INFO row = {
        .strAppName = L"app", .strServiceShortName = NAME, .ApplicationType = RmService, .AppStatus = RmStatusRunning};

    CHECK_EQUAL(RmxGetProcess(ask(service).dwProcessId, &row.Process), ERROR_SUCCESS);
    stand_in.rows[0] = row;
    stand_in.row_count = 1;
}

static void test_one_that_is_stopping_has_not_stopped(void)
{
    const RMX_SHUTDOWN polite = {.size = sizeof polite,
                                 .app_timeout_ms = RMX_TIMEOUT_DEFAULT,
                                 .service_timeout_ms = RMX_TIMEOUT_DEFAULT};
    RMX_ACCOUNT *account = NULL;
    HANDLE process;
    DWORD handle;

    start_and_wait(service);
    process = OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, ask(service).dwProcessId);
    CHECK(process);
    stand_in_renew();
    list_the_service();
    stand_in.shutdown = stop_and_leave;
    stand_in.shutdown_code = ERROR_FAIL_SHUTDOWN;
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmxShutdown(handle, &polite, RMX_TIMEOUT_DEFAULT, &account), ERROR_FAIL_SHUTDOWN);
    CHECK_EQUAL(ask(service).dwCurrentState, SERVICE_STOP_PENDING);
    CHECK_EQUAL(account->item_count, 1);
    CHECK_EQUAL(account->items[0].status, RmStatusRunning | RmStatusErrorOnStop);
    CHECK_EQUAL(account->items[0].failure, RMX_FAIL_TIMEOUT);
    RmxFreeAccount(account);
    CHECK_EQUAL(RmxEndSession(handle, 0, RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
    CHECK(TerminateProcess(process, 0));
    CHECK_EQUAL(WaitForSingleObject(process, INFINITE), WAIT_OBJECT_0);
    CHECK(CloseHandle(process));
}

int main(void)
{
    prepare_services();
    service = install(NAME, NULL, L"stays");
    RUN(test_one_that_is_stopping_has_not_stopped);
    remove_service(service);
    CloseServiceHandle(manager);
    return 0;
}
