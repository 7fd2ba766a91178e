/* SPDX-License-Identifier: MIT
 *
 * systemd names control groups after slices and units:
 * /system.slice/nginx.service, and for what a user's own manager runs
 * /user.slice/user-1000.slice/user@1000.service/app.slice/editor.service.
 * What a unit does with the groups below its own is its affair, so the
 * outermost unit counts.
 */
#include "unit.h"

#include "host.h"
#include "procfs.h"
#include "restartmanager_ext.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One part of a path; not terminated. */
struct part {
    const char *text;
    size_t length;
};

static bool ends_with(struct part p, const char *suffix)
{
    size_t n = strlen(suffix);
    return p.length > n && memcmp(p.text + p.length - n, suffix, n) == 0;
}

static bool is(struct part p, const char *text)
{
    return p.length == strlen(text) && memcmp(p.text, text, p.length) == 0;
}

static bool is_name(struct part p)
{
    static const char others[] = ":-_.\\@";
    if (!p.length || p.length > RM_UNIT_NAME_MAX)
        return false;
    for (size_t i = 0; i < p.length; i++) {
        char c = p.text[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!plain && !memchr(others, c, sizeof(others) - 1))
            return false;
    }
    return true;
}

/* Of those that have processes. */
static bool is_unit(struct part p)
{
    static const char *const suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};
    if (!is_name(p))
        return false;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (ends_with(p, suffixes[i]))
            return true;
    return false;
}

/* The next part of the path, without the "_" that systemd puts before names that the kernel could mistake. */
static bool next_part(const char **at, const char *end, struct part *ret)
{
    const char *p = *at;
    while (p < end && *p == '/')
        p++;
    const char *slash = memchr(p, '/', (size_t)(end - p));
    *at = slash ? slash : end;
    *ret = (struct part){p, (size_t)(*at - p)};
    if (ret->length && *ret->text == '_') {
        ret->text++;
        ret->length--;
    }
    return *at > p;
}

static bool next_below_slices(const char **at, const char *end, struct part *ret)
{
    while (next_part(at, end, ret))
        if (!ends_with(*ret, ".slice"))
            return true;
    return false;
}

/* The user whose manager that service is. */
static bool manager_of(struct part unit, uint32_t *ret)
{
    static const char prefix[] = "user@", suffix[] = ".service";
    const size_t before = sizeof(prefix) - 1, after = sizeof(suffix) - 1;
    uint64_t uid;
    if (unit.length <= before + after || memcmp(unit.text, prefix, before) != 0 || !ends_with(unit, suffix))
        return false;
    if (rm_procfs_number(unit.text + before, unit.length - before - after, RMX_NO_UID - 1, &uid) < 0)
        return false;
    *ret = (uint32_t)uid;
    return true;
}

static int from_path(const char *path, const char *end, struct rm_unit *ret)
{
    static const char dead[] = " (deleted)";
    struct part unit, inner;
    uint32_t uid = RMX_NO_UID;
    if ((size_t)(end - path) >= sizeof(dead) && memcmp(end - (sizeof(dead) - 1), dead, sizeof(dead) - 1) == 0)
        end -= sizeof(dead) - 1;
    /* Seen from inside a control group namespace, others start with "/..". */
    while (end - path >= 3 && memcmp(path, "/..", 3) == 0 && (end - path == 3 || path[3] == '/'))
        path += 3;
    if (!next_below_slices(&path, end, &unit) || !is_unit(unit))
        return -ENOENT;
    if (manager_of(unit, &uid)) {
        if (next_below_slices(&path, end, &inner) && is_unit(inner) && !is(inner, "init.scope"))
            unit = inner;
        else
            uid = RMX_NO_UID;
    }
    memcpy(ret->name, unit.text, unit.length);
    ret->name[unit.length] = '\0';
    ret->manager_uid = uid;
    return 0;
}

/* Lines are ID:CONTROLLERS:PATH.  Where systemd has a hierarchy of its own (version 1), that one counts. */
int rm_unit_parse(const char *cgroup, struct rm_unit *ret)
{
    struct part named = {0}, unified = {0};
    for (const char *line = cgroup; *line;) {
        const char *end = strchrnul(line, '\n'), *path = NULL;
        size_t length = (size_t)(end - line);
        const char *colon = memchr(line, ':', length);
        if (colon)
            path = memchr(colon + 1, ':', (size_t)(end - colon - 1));
        if (path) {
            struct part controllers = {colon + 1, (size_t)(path - colon - 1)};
            struct part value = {path + 1, (size_t)(end - path - 1)};
            if (is(controllers, "name=systemd") && !is(value, "/"))
                named = value;
            else if (!controllers.length && colon == line + 1 && *line == '0')
                unified = value;
        }
        line = *end ? end + 1 : end;
    }
    struct part p = named.length ? named : unified;
    return p.length ? from_path(p.text, p.text + p.length, ret) : -ENOENT;
}

int rm_unit_read(int dir, struct rm_unit *ret)
{
    /* A path is up to 4096 bytes, and there can be a line for each of a dozen hierarchies. */
    size_t size = 65536;
    char *text = malloc(size);
    if (!text)
        return -ENOMEM;
    long n = rm_procfs_read(dir, "cgroup", text, size);
    int r = n < 0 ? (int)n : rm_unit_parse(text, ret);
    free(text);
    return r;
}

bool rm_unit_is_name(const char *name)
{
    return is_name((struct part){name, strlen(name)});
}

bool rm_unit_is_kind(const char *name, const char *suffix)
{
    return ends_with((struct part){name, strlen(name)}, suffix);
}

bool rm_unit_is_service(const char *name)
{
    return rm_unit_is_kind(name, ".service");
}

bool rm_host_unit_is_service(const char *name)
{
    return rm_unit_is_service(name);
}

bool rm_unit_is(const struct rm_unit *unit, const char *asked)
{
    size_t length = strlen(asked);
    return strncmp(unit->name, asked, length) == 0 &&
           (!unit->name[length] || strcmp(unit->name + length, ".service") == 0);
}

/* As rm_entry_relaunch_unit names them: rmcy-PID-START.service. */
bool rm_unit_is_relaunched(const char *name)
{
    static const char prefix[] = "rmcy-", digits[] = "0123456789";
    if (strncmp(name, prefix, strlen(prefix)) != 0)
        return false;
    name += strlen(prefix);
    size_t pid = strspn(name, digits), start = pid && name[pid] == '-' ? strspn(name + pid + 1, digits) : 0;
    return start && strcmp(name + pid + 1 + start, ".service") == 0;
}
