/* SPDX-License-Identifier: MIT
 *
 * Processes that may not be looked at, and which of them runs a program.
 */
#include "processes.h"

#include "child.h"

#include <aclapi.h>

/* ---- one that nobody may open ---- */

static struct child start_closed(void)
{
    struct child child = child_start("wait");
    ACL nobody;

    child_expect(&child, "ready");
    CHECK(InitializeAcl(&nobody, sizeof nobody, ACL_REVISION));
    CHECK_EQUAL(SetSecurityInfo(child.process, SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, &nobody, NULL),
                ERROR_SUCCESS);
    return child;
}

static DWORD token_error(void)
{
    HANDLE token;

    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token))
        return GetLastError();
    CHECK(CloseHandle(token));
    return ERROR_SUCCESS;
}

/* Who acts as somebody else goes on so, even as somebody that cannot be asked who it is. */
static void test_an_impersonation_stays(void)
{
    static const SECURITY_IMPERSONATION_LEVEL levels[] = {SecurityAnonymous, SecurityImpersonation};
    struct child child = start_closed();
    RM_UNIQUE_PROCESS process;

    CHECK_EQUAL(RmxGetProcess(GetProcessId(child.process), &process), ERROR_ACCESS_DENIED);
    CHECK_EQUAL(token_error(), ERROR_NO_TOKEN);
    for (int i = 0; i < 2; i++) {
        DWORD before;

        CHECK(ImpersonateSelf(levels[i]));
        before = token_error();
        CHECK(before != ERROR_NO_TOKEN);
        (void)RmxGetProcess(GetProcessId(child.process), &process);
        CHECK_EQUAL(token_error(), before);
        CHECK(RevertToSelf());
    }
    child_end(&child);
}

/* ---- who runs a program ---- */

static bool nobody_is_taken(const void *context, const RM_UNIQUE_PROCESS *process)
{
    (void)context, (void)process;
    return false;
}

/* Windows' names have no case, and a program is started by any of them. */
static void test_a_program_is_found_by_any_name(void)
{
    char *exe = rm_process_exe(GetCurrentProcess());
    const FILETIME ever = {0};
    RM_UNIQUE_PROCESS found;

    CHECK(exe);
    CHECK(rm_process_find(exe, &ever, nobody_is_taken, NULL, &found));
    CHECK(rm_process_find(_strupr(exe), &ever, nobody_is_taken, NULL, &found));
    CHECK(rm_process_find(_strlwr(exe), &ever, nobody_is_taken, NULL, &found));
    exe[0] = '?';
    CHECK(!rm_process_find(exe, &ever, nobody_is_taken, NULL, &found));
    free(exe);
}

int main(int argc, char **argv)
{
    char line[LINE_SIZE];

    if (argc == 2 && !strcmp(argv[1], "wait")) {
        tell("ready");
        while (hear(line))
            ;
        return 0;
    }
    RUN(test_an_impersonation_stays);
    RUN(test_a_program_is_found_by_any_name);
    return 0;
}
