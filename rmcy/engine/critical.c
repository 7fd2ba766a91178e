/* SPDX-License-Identifier: MIT */
#include "critical.h"

#include "filter.h"
#include "host.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_LIMIT 255

void rm_critical_done(struct rm_critical *critical)
{
    for (size_t i = 0; i < critical->count; i++)
        free(critical->patterns[i].text);
    free(critical->patterns);
    *critical = (struct rm_critical){0};
}

static int add(struct rm_critical *critical, const char *text, const struct rm_identity *module)
{
    size_t size = strlen(text) + 1;

    if (critical->count == critical->capacity) {
        size_t capacity = critical->capacity * 2 + 8;
        struct rm_pattern *patterns = realloc(critical->patterns, capacity * sizeof *patterns);

        if (!patterns)
            return -ENOMEM;
        critical->patterns = patterns;
        critical->capacity = capacity;
    }
    struct rm_pattern *pattern = &critical->patterns[critical->count];
    *pattern = (struct rm_pattern){.text = malloc(size), .module = *module};
    if (!pattern->text)
        return -ENOMEM;
    memcpy(pattern->text, text, size);
    critical->count++;
    return 0;
}

/* A path that cannot be looked up is known by its name alone. */
static int identify(const char *path, struct rm_identity *ret)
{
    struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
    struct rm_names names = {0};
    uint32_t at;
    int e = rm_names_add(&names, path);

    if (e >= 0)
        e = rm_host_identify_all(&names, true, &wait, &at);
    if (e >= 0)
        *ret = names.ids[0];
    rm_names_done(&names);
    return e;
}

int rm_critical_add(struct rm_critical *critical, const char *pattern)
{
    struct rm_identity module = {.flags = RM_ID_MISSING};
    bool path = rm_host_is_absolute(pattern);
    size_t length = strlen(pattern);
    int e = 0;

    if (!length || length > (path ? RM_PATH_LIMIT : UNIT_LIMIT) || (!path && strchr(pattern, '/')))
        return -EINVAL;
    if (path)
        e = identify(pattern, &module);
    if (e < 0)
        return e;
    for (size_t i = 0; i < critical->count; i++)
        if (!strcmp(critical->patterns[i].text, pattern)) {
            critical->patterns[i].module = module;
            return 0;
        }
    return add(critical, pattern, &module);
}

int rm_critical_copy(const struct rm_critical *critical, struct rm_critical *ret)
{
    struct rm_critical copy = {0};

    for (size_t i = 0; i < critical->count; i++) {
        int e = add(&copy, critical->patterns[i].text, &critical->patterns[i].module);

        if (e < 0) {
            rm_critical_done(&copy);
            return e;
        }
    }
    *ret = copy;
    return 0;
}

/* After a mismatch the last * takes one character more; what came before it need not be looked at again. */
static bool matches(const char *pattern, const char *name, const char *end)
{
    const char *star = NULL, *from = NULL;

    while (name < end) {
        if (*pattern == '*') {
            star = pattern++;
            from = name;
        } else if (*pattern == '?' || (*pattern && *pattern == *name)) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star + 1;
            name = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

bool rm_critical_matches(const char *pattern, const char *name)
{
    return matches(pattern, name, name + strlen(name));
}

static bool means_unit(const char *pattern, const char *unit)
{
    static const char suffix[] = ".service";
    size_t length = strlen(unit), rest = sizeof suffix - 1;

    return rm_critical_matches(pattern, unit) ||
           (length > rest && !strcmp(unit + length - rest, suffix) && matches(pattern, unit, unit + length - rest));
}

bool rm_critical_has(const struct rm_critical *critical, const struct rm_program *program)
{
    for (size_t i = 0; i < critical->count; i++) {
        const struct rm_pattern *p = &critical->patterns[i];

        if (rm_host_is_absolute(p->text) ? rm_program_runs(program, p->text, &p->module)
                                         : program->unit && means_unit(p->text, program->unit))
            return true;
    }
    return false;
}
