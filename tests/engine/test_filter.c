/* SPDX-License-Identifier: MIT
 *
 * Filters: the header's three functions, and what they do to a list.
 */
#include "check.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>

static DWORD primary, secondary;

static bool same_text(LPCWSTR a, LPCWSTR b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static ULONG status_of(DWORD pid)
{
    ULONG status = 0;
    RMX_LIST *list;

    CHECK_EQUAL(RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    for (UINT i = 0; i < list->app_count; i++)
        if (list->rows[i].Process.dwProcessId == pid)
            status = list->rows[i].AppStatus;
    RmxFreeList(list);
    return status;
}

static void test_no_filters(void)
{
    DWORD needed = 99;

    CHECK_EQUAL(RmGetFilterList(primary, NULL, 0, &needed), ERROR_SUCCESS);
    CHECK_EQUAL(needed, 0);
    CHECK_EQUAL(RmRemoveFilter(primary, u"/bin/true", NULL, NULL), ERROR_FILE_NOT_FOUND);
}

static void test_bad_arguments(void)
{
    DWORD needed;

    CHECK_EQUAL(RmAddFilter(primary, NULL, NULL, NULL, RmNoShutdown), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmAddFilter(primary, u"/bin/true", NULL, u"a.service", RmNoShutdown), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmAddFilter(primary, u"/bin/true", NULL, NULL, RmInvalidFilterAction), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmAddFilter(primary, u"/bin/true", NULL, NULL, (RM_FILTER_ACTION)3), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmAddFilter(primary, u"", NULL, NULL, RmNoShutdown), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmAddFilter(primary, u"bin/true", NULL, NULL, RmNoShutdown), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmRemoveFilter(primary, NULL, NULL, NULL), ERROR_BAD_ARGUMENTS); /* ours */
    CHECK_EQUAL(RmGetFilterList(primary, NULL, 64, &needed), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmGetFilterList(primary, NULL, 0, NULL), ERROR_MORE_DATA);
    CHECK_EQUAL(RmAddFilter(0xFFFFFFFF, u"/bin/true", NULL, NULL, RmNoShutdown), ERROR_INVALID_HANDLE);
}

static void test_a_secondary_has_none(void)
{
    DWORD needed;

    CHECK_EQUAL(RmAddFilter(secondary, u"/bin/true", NULL, NULL, RmNoShutdown), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmRemoveFilter(secondary, u"/bin/true", NULL, NULL), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmGetFilterList(secondary, NULL, 0, &needed), ERROR_SESSION_CREDENTIAL_CONFLICT);
}

/* All three kinds in one buffer, which is read the way a client reads it. */
static void test_round_trip(void)
{
    RM_UNIQUE_PROCESS process = {.dwProcessId = 42, .ProcessStartTime = {.dwLowDateTime = 7, .dwHighDateTime = 9}};
    DWORD needed = 0, again = 0;
    RM_FILTER_INFO info;
    uint8_t *buffer, *at;

    CHECK_EQUAL(RmAddFilter(primary, u"/opt/\u00e9/\U0001f40d/tool", NULL, NULL, RmNoShutdown), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(primary, NULL, &process, NULL, RmNoRestart), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(primary, NULL, NULL, u"nginx.service", RmNoShutdown), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(primary, NULL, NULL, u"nginx.service", RmNoRestart), ERROR_SUCCESS); /* replaces */

    CHECK_EQUAL(RmGetFilterList(primary, NULL, 0, &needed), ERROR_MORE_DATA);
    CHECK(needed >= 3 * sizeof info);
    at = buffer = malloc(needed);
    CHECK_EQUAL(RmGetFilterList(primary, buffer, needed - 1, &again), ERROR_MORE_DATA);
    CHECK_EQUAL(again, needed);
    CHECK_EQUAL(RmGetFilterList(primary, buffer, needed, &again), ERROR_SUCCESS);

    memcpy(&info, at, sizeof info);
    CHECK(info.FilterTrigger == RmFilterTriggerFile && info.FilterAction == RmNoShutdown);
    CHECK(same_text(info.strFilename, u"/opt/\u00e9/\U0001f40d/tool"));
    CHECK((uint8_t *)info.strFilename > buffer && (uint8_t *)info.strFilename < buffer + needed);
    memcpy(&info, at += info.cbNextOffset, sizeof info);
    CHECK(info.FilterTrigger == RmFilterTriggerProcess && info.FilterAction == RmNoRestart);
    CHECK(!memcmp(&info.Process, &process, sizeof process));
    memcpy(&info, at += info.cbNextOffset, sizeof info);
    CHECK(info.FilterTrigger == RmFilterTriggerService && info.FilterAction == RmNoRestart);
    CHECK(same_text(info.strServiceShortName, u"nginx.service"));
    CHECK_EQUAL(info.cbNextOffset, 0);
    free(buffer);

    CHECK_EQUAL(RmRemoveFilter(primary, NULL, &process, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRemoveFilter(primary, NULL, &process, NULL), ERROR_FILE_NOT_FOUND);
    CHECK_EQUAL(RmRemoveFilter(primary, u"/opt/\u00e9/\U0001f40d/tool", NULL, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRemoveFilter(primary, NULL, NULL, u"nginx.service"), ERROR_SUCCESS);
    CHECK_EQUAL(RmGetFilterList(primary, NULL, 0, &needed), ERROR_SUCCESS);
}

static pid_t run_copy(const char *path, RM_UNIQUE_PROCESS *ret)
{
    int ready[2];
    pid_t child;
    char byte;

    CHECK(pipe2(ready, O_CLOEXEC) == 0); /* closed once the child runs the copy */
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execl(path, path, "60", (char *)NULL);
        _exit(127);
    }
    close(ready[1]);
    CHECK(read(ready[0], &byte, 1) == 0);
    close(ready[0]);
    CHECK_EQUAL(RmxGetProcess((DWORD)child, ret), ERROR_SUCCESS);
    return child;
}

static void test_filtered_programs_are_listed_with_their_mask(void)
{
    RM_UNIQUE_PROCESS process;
    pid_t child;

    CHECK(system("cp /bin/sleep /run/tool && ln -s tool /run/link") == 0);
    child = run_copy("/run/tool", &process);
    CHECK_EQUAL(RmRegisterResources(primary, 0, NULL, 1, &process, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(status_of((DWORD)child), RmStatusRunning);

    CHECK_EQUAL(RmAddFilter(primary, u"/run/link", NULL, NULL, RmNoShutdown), ERROR_SUCCESS); /* the same file: ours */
    CHECK_EQUAL(status_of((DWORD)child), RmStatusRunning | RmStatusShutdownMasked);
    CHECK_EQUAL(RmAddFilter(primary, NULL, &process, NULL, RmNoRestart), ERROR_SUCCESS); /* more specific: ours */
    CHECK_EQUAL(status_of((DWORD)child), RmStatusRunning | RmStatusRestartMasked);
    CHECK_EQUAL(RmRemoveFilter(primary, NULL, &process, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRemoveFilter(primary, u"/run/link", NULL, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(status_of((DWORD)child), RmStatusRunning);

    /* Another program that happens to be called the same is not meant. */
    CHECK(system("mkdir /run/other && cp /bin/sleep /run/other/tool") == 0);
    CHECK_EQUAL(RmAddFilter(primary, u"/run/other/tool", NULL, NULL, RmNoShutdown), ERROR_SUCCESS);
    CHECK_EQUAL(status_of((DWORD)child), RmStatusRunning);
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
}

int main(void)
{
    WCHAR key[33];

    sandbox_enter("size=4m");
    CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&secondary, key), ERROR_SUCCESS);
    RUN(test_no_filters);
    RUN(test_bad_arguments);
    RUN(test_a_secondary_has_none);
    RUN(test_round_trip);
    RUN(test_filtered_programs_are_listed_with_their_mask);
    CHECK_EQUAL(RmEndSession(secondary), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    return 0;
}
