/* SPDX-License-Identifier: MIT
 *
 * One line a mount: "36 35 98:0 /root /point rw,noatime ...": its number, the
 * number of the mount that it is mounted on, the device, what of the file
 * system is shown, and where.  White space and backslashes are octal.
 */
#include "mounts.h"

#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 16384 /* of about a hundred mounts */

void rm_mounts_done(struct rm_mounts *m)
{
    free(m->text);
    free(m->all);
    *m = (struct rm_mounts){0};
}

/* A number up to `end`, which is stepped over. */
static int number(const char **at, char end, uint64_t max, uint64_t *ret)
{
    const char *stop = strchr(*at, end);
    if (!stop || rm_procfs_number(*at, (size_t)(stop - *at), max, ret) < 0)
        return -EBADMSG;
    *at = stop + 1;
    return 0;
}

static bool is_octal(const char *s)
{
    return s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7';
}

/* In place, up to the end of the word: what follows it, or NULL. */
static char *unescape(char *word)
{
    char *from = word, *to = word;
    for (; *from != ' '; to++) {
        if (!*from)
            return NULL;
        if (is_octal(from)) {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
    return from + 1;
}

static int parse_line(char *line, struct rm_mount *ret)
{
    const char *at = line;
    uint64_t major, minor;
    struct rm_mount m;
    if (number(&at, ' ', UINT64_MAX, &m.id) < 0 || number(&at, ' ', UINT64_MAX, &m.parent) < 0 ||
        number(&at, ':', UINT32_MAX, &major) < 0 || number(&at, ' ', UINT32_MAX, &minor) < 0)
        return -EBADMSG;
    char *point = strchr(at, ' ');
    if (!point || point[1] != '/' || !unescape(point + 1))
        return -EBADMSG;
    m.device = major << 32 | minor;
    m.point = point + 1;
    m.point_length = strlen(m.point);
    *ret = m;
    return 0;
}

static int add(struct rm_mounts *m, size_t *space, const struct rm_mount *mount)
{
    if (m->count == *space) {
        size_t larger = *space ? *space * 2 : 64;
        struct rm_mount *all = reallocarray(m->all, larger, sizeof(*all));
        if (!all)
            return -ENOMEM;
        m->all = all;
        *space = larger;
    }
    m->all[m->count++] = *mount;
    return 0;
}

int rm_mounts_parse_take(char *text, size_t length, struct rm_mounts *ret)
{
    size_t space = 0;
    char *end;
    *ret = (struct rm_mounts){.text = text};
    for (char *line = text; line < text + length; line = end + 1) {
        struct rm_mount mount;
        end = memchr(line, '\n', (size_t)(text + length - line));
        if (!end)
            return -EBADMSG;
        *end = '\0';
        int r = parse_line(line, &mount);
        if (r == 0)
            r = add(ret, &space, &mount);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The thread's table, which may have mounts that the rest of the process has not. */
static int read_text(int proc, char **ret_give, size_t *ret_length)
{
    for (size_t size = FIRST_SIZE;; size *= 2) {
        char *text = malloc(size);
        if (!text)
            return -ENOMEM;
        long n = rm_procfs_read(proc, "thread-self/mountinfo", text, size);
        if (n >= 0) {
            *ret_give = text;
            *ret_length = (size_t)n;
            return 0;
        }
        free(text);
        if (n != -EFBIG)
            return (int)n;
    }
}

int rm_mounts_read(int proc, struct rm_mounts *ret)
{
    struct rm_mounts m = {0};
    struct rm_inode root;
    char *text = NULL;
    size_t length = 0;
    int r = rm_inode_at(AT_FDCWD, "/", &root);
    if (r == 0 && !root.has_mount)
        r = -EOPNOTSUPP;
    if (r == 0)
        r = read_text(proc, &text, &length);
    if (r < 0)
        return r;
    r = rm_mounts_parse_take(text, length, &m);
    if (r < 0) {
        rm_mounts_done(&m);
        return r;
    }
    m.root = root;
    *ret = m;
    return 0;
}

static bool is_at(const struct rm_mount *mount, const char *name)
{
    return !strncmp(mount->point, name, mount->point_length) &&
           (name[mount->point_length] == '/' || !name[mount->point_length]);
}

int rm_mounts_find(const struct rm_mounts *m, const char *name, struct rm_mount *ret)
{
    const struct rm_mount root = {
        .id = m->root.mount, .device = m->root.id.device, .point = "/", .point_length = 1};
    const struct rm_mount *at = &root;
    /* From mount to mount as the name goes on; no more steps than there are mounts, whatever the table says. */
    for (size_t step = 0; step <= m->count; step++) {
        const struct rm_mount *next = NULL;
        /* What is mounted on the root directory itself is not seen from there; elsewhere it covers. */
        size_t from = at->point_length + (at == &root);
        for (size_t i = 0; i < m->count; i++) {
            const struct rm_mount *mount = &m->all[i];
            if (mount->parent == at->id && mount->point_length >= from && is_at(mount, name) &&
                (!next || mount->point_length < next->point_length))
                next = mount;
        }
        if (!next) {
            *ret = *at;
            return at == &root && !m->root.mount_root ? -EXDEV : 0;
        }
        at = next;
    }
    return -ELOOP;
}
