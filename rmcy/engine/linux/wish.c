/* SPDX-License-Identifier: MIT */
#include "wish.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "rmcy-w1\n";

struct header {
    char magic[8];
    uint32_t flags, uid, gid;
    uint32_t group_count, argument_count, environment_count;
    uint32_t text_size;
    uint32_t reserved;
};

/* ---- writing ---- */

static size_t sum_up(const char *const *texts, uint32_t count)
{
    size_t size = 0;
    for (uint32_t i = 0; i < count && size <= RM_WISH_TEXT_MAX; i++)
        size += strlen(texts[i]) + 1;
    return size;
}

static char *put(char *to, const char *const *texts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t size = strlen(texts[i]) + 1;
        memcpy(to, texts[i], size);
        to += size;
    }
    return to;
}

static bool is_path(const char *path)
{
    return *path == '/' && strlen(path) < RM_WISH_PATH_MAX;
}

int rm_wish_pack(const struct rm_wish *wish, void **ret, size_t *ret_size)
{
    const char *paths[] = {wish->exe, wish->directory};
    size_t text_size = sum_up(paths, 2) + sum_up(wish->arguments, wish->argument_count) +
                       sum_up(wish->environment, wish->environment_count);
    if (!is_path(wish->exe) || !is_path(wish->directory) || !wish->argument_count || text_size > RM_WISH_TEXT_MAX ||
        wish->group_count > RM_WISH_GROUPS_MAX)
        return -EINVAL;
    struct header header = {
        .flags = wish->flags,
        .uid = wish->uid,
        .gid = wish->gid,
        .group_count = wish->group_count,
        .argument_count = wish->argument_count,
        .environment_count = wish->environment_count,
        .text_size = (uint32_t)text_size,
    };
    memcpy(header.magic, magic, sizeof(header.magic));
    size_t groups_size = wish->group_count * sizeof(*wish->groups), size = sizeof(header) + groups_size + text_size;
    char *data = malloc(size), *at = data + sizeof(header);
    if (!data)
        return -ENOMEM;
    memcpy(data, &header, sizeof(header));
    if (groups_size)
        memcpy(at, wish->groups, groups_size);
    at = put(at + groups_size, paths, 2);
    at = put(at, wish->arguments, wish->argument_count);
    put(at, wish->environment, wish->environment_count);
    *ret = data;
    *ret_size = size;
    return 0;
}

/* ---- reading ---- */

static bool is_header(const struct header *h, size_t size)
{
    /* The counts come first: with them in bounds nothing below overflows. */
    return memcmp(h->magic, magic, sizeof(h->magic)) == 0 && !h->reserved && h->group_count <= RM_WISH_GROUPS_MAX &&
           h->text_size <= RM_WISH_TEXT_MAX && h->argument_count >= 1 && h->argument_count <= h->text_size &&
           h->environment_count <= h->text_size &&
           size == sizeof(*h) + h->group_count * sizeof(uint32_t) + h->text_size;
}

/* Exactly so many texts, the last with its NUL? */
static bool has_texts(const char *text, size_t size, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < size; i++)
        found += !text[i];
    return found == count && size && !text[size - 1];
}

/* Points `to` at the texts, with a NULL behind them; gives what follows. */
static const char *point(const char *text, uint32_t count, const char **to)
{
    for (uint32_t i = 0; i < count; i++, text += strlen(text) + 1)
        to[i] = text;
    to[count] = NULL;
    return text;
}

static bool is_sound(const struct rm_wish *wish)
{
    for (uint32_t i = 0; i < wish->environment_count; i++) {
        const char *equals = strchr(wish->environment[i], '=');
        if (!equals || equals == wish->environment[i])
            return false;
    }
    return is_path(wish->exe) && is_path(wish->directory);
}

int rm_wish_parse(const void *data, size_t size, struct rm_wish **ret)
{
    struct header h;
    if (size < sizeof(h))
        return -EBADMSG;
    memcpy(&h, data, sizeof(h));
    if (!is_header(&h, size))
        return -EBADMSG;
    size_t groups_size = h.group_count * sizeof(uint32_t);
    size_t pointers = (size_t)h.argument_count + 1 + h.environment_count + 1;
    const char *source = (const char *)data + sizeof(h);
    if (!has_texts(source + groups_size, h.text_size, pointers))
        return -EBADMSG;

    /* The widest first, so that each is aligned; texts are two more than arguments and environment, as the NULLs are. */
    struct rm_wish *wish = malloc(sizeof(*wish) + pointers * sizeof(char *) + groups_size + h.text_size);
    if (!wish)
        return -ENOMEM;
    const char **arguments = (const char **)(wish + 1), **environment = arguments + h.argument_count + 1;
    uint32_t *groups = (uint32_t *)(arguments + pointers);
    char *text = (char *)(groups + h.group_count);
    memcpy(groups, source, groups_size + h.text_size);
    *wish = (struct rm_wish){
        .flags = h.flags,
        .uid = h.uid,
        .gid = h.gid,
        .group_count = h.group_count,
        .groups = groups,
        .exe = text,
        .directory = text + strlen(text) + 1,
        .argument_count = h.argument_count,
        .environment_count = h.environment_count,
        .arguments = arguments,
        .environment = environment,
    };
    const char *at = point(wish->directory + strlen(wish->directory) + 1, h.argument_count, arguments);
    point(at, h.environment_count, environment);
    if (!is_sound(wish)) {
        free(wish);
        return -EBADMSG;
    }
    *ret = wish;
    return 0;
}
