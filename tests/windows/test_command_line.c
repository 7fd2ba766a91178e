/* SPDX-License-Identifier: MIT
 *
 * Arguments as a command line: Windows' own function takes apart what was put
 * together.
 */
#include "check.h"
#include "command_line.h"
#include "text.h"

#include <shellapi.h>

static void round_trip(const char *const *arguments, uint32_t count)
{
    WCHAR line[8 + RM_COMMAND_LINE_MAX + 1] = L"program ", one[RM_COMMAND_LINE_MAX + 1], **found;
    int n;

    CHECK(rm_command_line_join(arguments, count, line + 8) >= 0);
    found = CommandLineToArgvW(line, &n);
    CHECK(found);
    CHECK_EQUAL(n, 1 + count);
    for (uint32_t i = 0; i < count; i++) {
        rm_text_from_bytes(arguments[i], one, RM_COMMAND_LINE_MAX);
        CHECK(!wcscmp(found[1 + i], one));
    }
    LocalFree(found);
}

static void test_round_trips(void)
{
    static const char *const arguments[] = {
        "plain", "", "with space", "tab\there", "\"", "\\", "\\\\", "a\\b", "ends\\", "ends with space \\",
        "\\\"", "\\\\\" x", "a\"b c\"d", "\xc3\xa9\xf0\x9f\x90\x8d", "\xed\xa0\x80", " ", "  \\\\", "x\ny",
    };
    const uint32_t count = sizeof arguments / sizeof *arguments;

    round_trip(arguments, 0);
    round_trip(arguments, count);
    for (uint32_t i = 0; i < count; i++)
        round_trip(arguments + i, 1);
}

/* All texts of six characters out of these four. */
static void test_every_short_text(void)
{
    for (unsigned n = 0; n < 4096; n++) {
        char text[7] = {0};
        const char *const arguments[] = {text, text};

        for (int i = 0; i < 6; i++)
            text[i] = "a \"\\"[n >> 2 * i & 3];
        round_trip(arguments, 2);
    }
}

static void test_limits(void)
{
    char text[RM_COMMAND_LINE_MAX + 2] = {0};
    const char *arguments[] = {text, NULL};
    WCHAR line[RM_COMMAND_LINE_MAX + 1];

    memset(text, 'x', RM_COMMAND_LINE_MAX);
    CHECK_EQUAL(rm_command_line_join(arguments, 1, line), RM_COMMAND_LINE_MAX);
    CHECK_EQUAL(rm_command_line_join(arguments, 2, line), -EINVAL);
    text[5] = ' ';
    CHECK_EQUAL(rm_command_line_join(arguments, 1, line), -E2BIG); /* for the quotes */
    memset(text, 'x', RM_COMMAND_LINE_MAX + 1);
    CHECK_EQUAL(rm_command_line_join(arguments, 1, line), -E2BIG);
}

static DWORD register_restart(uint32_t flags, uint32_t count, uint32_t environment, const char *directory)
{
    static const char *const arguments[] = {"--again", "x y"}, *const variables[] = {"A=b"};
    const RMX_RELAUNCH how = {.size = sizeof how, .flags = flags, .arguments = arguments, .argument_count = count,
                              .environment = variables, .environment_count = environment, .directory = directory};

    return RmxRegisterApplicationRestart(&how);
}

static void test_registering(void)
{
    CHECK_EQUAL(register_restart(0, 2, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(register_restart(RMX_RELAUNCH_NO_PATCH, 0, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(register_restart(0, 2, 1, NULL), ERROR_CALL_NOT_IMPLEMENTED); /* Windows keeps arguments alone */
    CHECK_EQUAL(register_restart(0, 2, 0, "C:\\"), ERROR_CALL_NOT_IMPLEMENTED);
    CHECK_EQUAL(register_restart(1, 2, 0, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxRegisterApplicationRestart(&(RMX_RELAUNCH){.size = 8}), ERROR_BAD_ARGUMENTS);
}

int main(void)
{
    RUN(test_round_trips);
    RUN(test_every_short_text);
    RUN(test_limits);
    RUN(test_registering);
    return 0;
}
