/* SPDX-License-Identifier: MIT */
#include "command_line.h"

#include "text.h"

#include <errno.h>
#include <stdbool.h>

struct line {
    WCHAR *units;
    size_t used;
};

static bool put(struct line *line, WCHAR unit)
{
    if (line->used == RM_COMMAND_LINE_MAX)
        return false;
    line->units[line->used++] = unit;
    return true;
}

static bool put_backslashes(struct line *line, size_t count)
{
    while (count--)
        if (!put(line, '\\'))
            return false;
    return true;
}

/* An argument that is there already, from `first` on, gets what makes it one: quotes round it if it is empty or has
 * spaces, and a backslash before each quote of its own and before each backslash that stands before a quote. */
static bool quote(struct line *line, const WCHAR *argument, size_t units)
{
    size_t backslashes = 0;
    bool quoted = !units;

    for (size_t i = 0; i < units; i++)
        quoted |= argument[i] == ' ' || argument[i] == '\t';
    if (quoted && !put(line, '"'))
        return false;
    for (size_t i = 0; i < units; i++) {
        if (argument[i] == '"' && !put_backslashes(line, backslashes + 1))
            return false;
        if (!put(line, argument[i]))
            return false;
        backslashes = argument[i] == '\\' ? backslashes + 1 : 0;
    }
    return !quoted || (put_backslashes(line, backslashes) && put(line, '"'));
}

long rm_command_line_join(const char *const *arguments, uint32_t count,
                          WCHAR line[RM_COMMAND_LINE_MAX + 1])
{
    struct line to = {.units = line};
    WCHAR argument[RM_COMMAND_LINE_MAX + 3]; /* two more than fit, for a character of two units is not cut */

    for (uint32_t i = 0; i < count; i++) {
        if (!arguments[i])
            return -EINVAL;
        if (i && !put(&to, ' '))
            return -E2BIG;
        if (!quote(&to, argument, rm_text_from_bytes(arguments[i], argument, RM_COMMAND_LINE_MAX + 2)))
            return -E2BIG;
    }
    line[to.used] = 0;
    return (long)to.used;
}
