/* SPDX-License-Identifier: MIT
 *
 * Programs are asked as Windows asks them, and started again when they
 * registered for it.
 */
#include "holding.h"

static void test_polite(void)
{
    struct holder console = hold(L"stay"), window = hold(L"window");
    RM_UNIQUE_PROCESS both[2] = {console.process, window.process};
    DWORD session = start();
    CHECK(RmRegisterResources(session, 0, NULL, 2, both, 0, NULL) == ERROR_SUCCESS);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK(has_ended(&console) && has_ended(&window));
    struct list l = list(session);
    CHECK_EQUAL(l.count, 2);
    CHECK(l.rows[0].AppStatus == RmStatusStopped && l.rows[1].AppStatus == RmStatusStopped);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS); /* nobody asked to come back */
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
    release(&console);
    release(&window);
}

/* The one holder that there is now: nobody has a handle to it. */
static void end_the_new_one(void)
{
    WCHAR program[MAX_PATH];
    beside(L"holder.exe", program);
    DWORD session = start_with_file(program);
    struct list l = list(session);
    CHECK_EQUAL(l.count, 1);
    HANDLE process = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, l.rows[0].Process.dwProcessId);
    CHECK(process && TerminateProcess(process, 0));
    CHECK_EQUAL(WaitForSingleObject(process, HOLDER_WAIT), WAIT_OBJECT_0);
    CloseHandle(process);
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
}

static void test_coming_back(void)
{
    HANDLE back = CreateEventW(NULL, TRUE, FALSE, L"rmcy-test-back");
    struct holder h = hold(L"wish rmcy-test-back");
    DWORD session = start_with_process(&h);
    struct list l = list(session);
    CHECK(l.count == 1 && l.rows[0].bRestartable);
    CHECK_EQUAL(RmShutdown(session, RmShutdownOnlyRegistered, NULL), ERROR_SUCCESS);
    CHECK(has_ended(&h));
    CHECK_EQUAL(WaitForSingleObject(back, 0), WAIT_TIMEOUT);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(WaitForSingleObject(back, HOLDER_WAIT), WAIT_OBJECT_0);
    end_the_new_one();
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
    release(&h);
    CloseHandle(back);
}

static void test_more_than_one_wait_takes(void)
{
    enum { COUNT = 66 /* 64 is what one wait takes */ };
    static struct holder many[COUNT];
    static RM_UNIQUE_PROCESS processes[COUNT];
    DWORD session = start();
    for (int i = 0; i < COUNT; i++) {
        many[i] = hold(L"stay");
        processes[i] = many[i].process;
    }
    CHECK(RmRegisterResources(session, 0, NULL, COUNT, processes, 0, NULL) == ERROR_SUCCESS);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    for (int i = 0; i < COUNT; i++) {
        CHECK(has_ended(&many[i]));
        release(&many[i]);
    }
    CHECK(RmEndSession(session) == ERROR_SUCCESS);
}

int main(void)
{
    RUN(test_polite);
    RUN(test_coming_back);
    RUN(test_more_than_one_wait_takes);
    return 0;
}
