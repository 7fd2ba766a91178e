/* SPDX-License-Identifier: MIT
 *
 * Two ways to the same list.  Query: one call a map, only maps that files
 * back.  Text: one read gives at most a page, and the path has to be printed
 * by the kernel for each line.
 */
#include "maps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct query { /* struct procmap_query of linux/fs.h since 6.11 */
    uint64_t size, flags, address;
    uint64_t start, end, vma_flags, page_size, offset, inode;
    uint32_t major, minor, name_size, build_id_size;
    uint64_t name, build_id;
};
_Static_assert(sizeof(struct query) == 104, "the kernel's size");

#define QUERY _IOWR('f', 17, struct query)
#define COVERING_OR_NEXT 0x10u
#define FILE_BACKED 0x20u

static bool can_query;

static void probe(void)
{
    struct query q = {.size = sizeof(q), .flags = COVERING_OR_NEXT};
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    can_query = fd >= 0 && ioctl(fd, QUERY, &q) == 0;
    if (fd >= 0)
        close(fd);
}

bool rm_maps_can_query(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, probe);
    return can_query;
}

int rm_maps_open(struct rm_maps *m, int dir, const char *name, bool query)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    char *buffer = query ? NULL : malloc(RM_MAPS_SIZE);
    if (!query && !buffer) {
        close(fd);
        return -ENOMEM;
    }
    *m = (struct rm_maps){.fd = fd, .query = query, .buffer = buffer};
    return 0;
}

void rm_maps_done(struct rm_maps *m)
{
    if (m->fd >= 0)
        close(m->fd);
    free(m->buffer);
    *m = (struct rm_maps){.fd = -1};
}

static int hex(const char **at, const char *end, char stop, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    const char *p = *at;
    for (; p < end && *p != stop; p++) {
        unsigned digit;
        if (*p >= '0' && *p <= '9')
            digit = (unsigned)(*p - '0');
        else if (*p >= 'a' && *p <= 'f')
            digit = (unsigned)(*p - 'a' + 10);
        else
            return -EBADMSG;
        if (value > (max - digit) / 16)
            return -EBADMSG;
        value = value * 16 + digit;
    }
    if (p == end || p == *at)
        return -EBADMSG;
    *at = p + 1;
    *ret = value;
    return 0;
}

static int decimal(const char **at, const char *end, uint64_t *ret)
{
    uint64_t value = 0;
    const char *p = *at;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return -EBADMSG;
        value = value * 10 + digit;
    }
    if (p == *at || (p < end && *p != ' '))
        return -EBADMSG;
    *at = p;
    *ret = value;
    return 0;
}

int rm_maps_parse(const char *line, size_t length, struct rm_map *ret, const char **ret_path, size_t *ret_path_length)
{
    const char *at = line, *end = line + length;
    uint64_t start, stop, offset, major, minor, inode;
    if (hex(&at, end, '-', UINT64_MAX, &start) < 0 || hex(&at, end, ' ', UINT64_MAX, &stop) < 0 || stop <= start)
        return -EBADMSG;
    if (end - at < 5 || at[4] != ' ')
        return -EBADMSG;
    at += 5;
    if (hex(&at, end, ' ', UINT64_MAX, &offset) < 0 || hex(&at, end, ':', UINT32_MAX, &major) < 0 ||
        hex(&at, end, ' ', UINT32_MAX, &minor) < 0 || decimal(&at, end, &inode) < 0)
        return -EBADMSG;
    while (at < end && *at == ' ')
        at++;
    *ret = (struct rm_map){.start = start, .end = stop, .device = major << 32 | minor, .inode = inode};
    *ret_path = at;
    *ret_path_length = (size_t)(end - at);
    return 0;
}

int rm_maps_unescape(const char *text, size_t length, char *buffer, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (length - i >= 4 && memcmp(text + i, "\\012", 4) == 0) {
            c = '\n';
            i += 3;
        }
        if (used + 1 >= size)
            return -ENAMETOOLONG;
        buffer[used++] = c;
    }
    if (used >= size)
        return -ENAMETOOLONG;
    buffer[used] = '\0';
    return 0;
}

/* Makes room, then reads until there is a whole line or the end. */
static int next_line(struct rm_maps *m, const char **ret, size_t *ret_length)
{
    for (;;) {
        char *line = m->buffer + m->at, *newline = memchr(line, '\n', m->used - m->at);
        if (newline) {
            *ret = line;
            *ret_length = (size_t)(newline - line);
            m->at = (size_t)(newline - m->buffer) + 1;
            return 1;
        }
        if (m->end)
            return m->at == m->used ? 0 : -EBADMSG;
        memmove(m->buffer, line, m->used - m->at);
        m->used -= m->at;
        m->at = 0;
        if (m->used == RM_MAPS_SIZE)
            return -EBADMSG;
        ssize_t n = read(m->fd, m->buffer + m->used, RM_MAPS_SIZE - m->used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        m->end = n == 0;
        m->used += (size_t)n;
    }
}

static int next_by_text(struct rm_maps *m, struct rm_map *ret)
{
    const char *line = NULL;
    size_t length = 0;
    int r;
    while ((r = next_line(m, &line, &length)) > 0) {
        struct rm_map map;
        r = rm_maps_parse(line, length, &map, &m->path, &m->path_length);
        if (r < 0)
            return r;
        if (!map.inode)
            continue;
        *ret = map;
        return 1;
    }
    return r;
}

static int next_by_query(struct rm_maps *m, struct rm_map *ret)
{
    struct query q = {.size = sizeof(q), .flags = COVERING_OR_NEXT | FILE_BACKED, .address = m->address};
    int r;
    do
        r = ioctl(m->fd, QUERY, &q);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return errno == ENOENT ? 0 : -errno;
    if (q.end <= m->address)
        return -EBADMSG;
    m->address = q.end;
    *ret = (struct rm_map){
        .start = q.start, .end = q.end, .device = (uint64_t)q.major << 32 | q.minor, .inode = q.inode};
    return 1;
}

int rm_maps_next(struct rm_maps *m, struct rm_map *ret)
{
    return m->query ? next_by_query(m, ret) : next_by_text(m, ret);
}

int rm_maps_path(struct rm_maps *m, const struct rm_map *map, char *buffer, size_t size)
{
    if (!m->query)
        return rm_maps_unescape(m->path, m->path_length, buffer, size);
    struct query q = {.size = sizeof(q), .flags = FILE_BACKED, .address = map->start,
                      .name = (uintptr_t)buffer, .name_size = (uint32_t)size};
    if (ioctl(m->fd, QUERY, &q) < 0)
        return errno == ENOENT ? -EAGAIN : -errno;
    if (q.inode != map->inode || q.start != map->start)
        return -EAGAIN;
    return 0;
}
