/* SPDX-License-Identifier: MIT
 *
 * What does not stop when it is asked to, and what force does about it.  Linked
 * with the engine itself, since the twelve functions wait half a minute.
 */
#include "installed.h"

#include "restartmanager_ext.h"

#define SHORT_MS 300

static DWORD shut_down(DWORD session, DWORD flags)
{
    const RMX_SHUTDOWN how = {
        .size = sizeof(how), .flags = flags, .app_timeout_ms = SHORT_MS, .service_timeout_ms = SHORT_MS};
    return RmxShutdown(session, &how, RMX_TIMEOUT_NONE, NULL);
}

static void test_programs(void)
{
    struct holder deaf = hold(L"deaf"), refuses = hold(L"refuse");
    RM_UNIQUE_PROCESS both[2] = {deaf.process, refuses.process};
    DWORD session = start();
    CHECK(RmRegisterResources(session, 0, NULL, 2, both, 0, NULL) == ERROR_SUCCESS);
    CHECK_EQUAL(shut_down(session, 0), ERROR_FAIL_SHUTDOWN);
    CHECK(!has_ended(&deaf) && !has_ended(&refuses));
    CHECK_EQUAL(shut_down(session, RmForceShutdown), ERROR_SUCCESS);
    CHECK(has_ended(&deaf) && has_ended(&refuses));
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
    release(&deaf);
    release(&refuses);
}

static void test_service(void)
{
    SC_HANDLE service = install(L"rmcy-stays", NULL, L"stays");
    start_and_wait(service);
    HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, ask(service).dwProcessId);
    CHECK(process);
    DWORD session = start_with_file(file);
    CHECK_EQUAL(shut_down(session, 0), ERROR_FAIL_SHUTDOWN);
    CHECK_EQUAL(WaitForSingleObject(process, 0), WAIT_TIMEOUT);
    CHECK_EQUAL(shut_down(session, RmForceShutdown), ERROR_SUCCESS);
    CHECK_EQUAL(WaitForSingleObject(process, 0), WAIT_OBJECT_0);
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
    CloseHandle(process);
    remove_service(service);
}

int main(void)
{
    prepare_services();
    RUN(test_programs);
    RUN(test_service);
    return 0;
}
