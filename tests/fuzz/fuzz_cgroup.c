/* SPDX-License-Identifier: MIT
 *
 * /proc/PID/cgroup, as any bytes: the unit is a name that systemd could have
 * given, whole, out of a path that stands there.
 */
#include "unit.h"

#include "restartmanager_ext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Does it stand there between two slashes, whatever the first part may have before it? */
static int is_part(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name)) {
        const char *end = at + length;

        if ((at == text || !strchr("/_:", at[-1])))
            continue;
        if (!*end || *end == '/' || *end == '\n' || strncmp(end, " (deleted)", 10) == 0)
            return 1;
    }
    return 0;
}

static void check(const char *text, const struct rm_unit *unit)
{
    static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";
    const char *dot = memchr(unit->name, 0, sizeof unit->name) ? strrchr(unit->name, '.') : NULL;
    char manager[40];

    if (!dot || dot == unit->name || strspn(unit->name, plain) != strlen(unit->name))
        abort();
    if (strcmp(dot, ".service") != 0 && strcmp(dot, ".scope") != 0 && strcmp(dot, ".socket") != 0 &&
        strcmp(dot, ".mount") != 0 && strcmp(dot, ".swap") != 0)
        abort();
    if (rm_unit_is_service(unit->name) != (strcmp(dot, ".service") == 0) || !rm_unit_is(unit, unit->name))
        abort();
    if (!is_part(text, unit->name))
        abort();
    if (unit->manager_uid == RMX_NO_UID)
        return;
    /* A number may have zeros before it. */
    (void)snprintf(manager, sizeof manager, "%u.service", unit->manager_uid);
    if (!strstr(text, "user@") || !strstr(text, manager))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rm_unit unit, before;
    char *text = malloc(size + 1);

    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    memset(&unit, 0xA5, sizeof unit);
    before = unit;
    if (rm_unit_parse(text, &unit) == 0)
        check(text, &unit);
    else if (memcmp(&before, &unit, sizeof unit) != 0)
        abort();
    free(text);
    return 0;
}
