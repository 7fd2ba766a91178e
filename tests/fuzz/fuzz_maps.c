/* SPDX-License-Identifier: MIT
 *
 * /proc/PID/maps as text: any file is read to its end or refused, and the
 * C library's scanner reads the same numbers from a line that is taken.
 */
#include "in_a_file.h"
#include "maps.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *path, size_t length)
{
    char *buffer = malloc(length + 1);
    int r;

    if (!buffer)
        abort();
    r = rm_maps_unescape(path, length, buffer, length + 1); /* it never grows */
    if (r < 0 || memchr(buffer, 0, length + 1) == NULL)
        abort();
    if (length && !memchr(path, '\\', length) && rm_maps_unescape(path, length, buffer, length) != -ENAMETOOLONG)
        abort();
    free(buffer);
}

static void check_line(const uint8_t *data, size_t size)
{
    char *line = malloc(size + 1);
    struct rm_map map, before;
    const char *path;
    size_t length;
    unsigned long long start, end, offset, inode;
    unsigned major, minor;
    char mode[4] = {0};

    memset(&map, 0xA5, sizeof map);
    before = map;
    line = line ? line : (abort(), NULL);
    memcpy(line, data, size);
    line = realloc(line, size ? size : 1); /* just that size for the parser; it is given a NUL for the library */
    if (rm_maps_parse(line, size, &map, &path, &length) < 0) {
        if (memcmp(&before, &map, sizeof map) != 0)
            abort();
        free(line);
        return;
    }
    if (path < line || path + length != line + size || map.end <= map.start)
        abort();
    check_path(path, length);
    line = realloc(line, size + 1);
    line[size] = '\0';
    int n = sscanf(line, "%llx-%llx %4c %llx %x:%x %llu", &start, &end, mode, &offset, &major, &minor, &inode);
    for (size_t i = 0; i < sizeof mode; i++)
        if (n < 3 || !mode[i] || isspace((unsigned char)mode[i])) /* it stops there, or passes over it */
            goto out;
    if (n != 7 || map.start != start || map.end != end || map.device != ((uint64_t)major << 32 | minor) ||
        map.inode != inode)
        abort();
out:
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rm_maps maps;
    struct rm_map map;
    const uint8_t *newline = memchr(data, '\n', size);
    size_t count = 0, lines = 1;
    char path[64];
    int r;

    check_line(data, newline ? (size_t)(newline - data) : size);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    write_file("maps", data, size);
    if (rm_maps_open(&maps, dir_fd, "maps", false) < 0)
        abort();
    while ((r = rm_maps_next(&maps, &map)) > 0) {
        if (map.end <= map.start || !map.inode || ++count > lines)
            abort();
        check_path(maps.path, maps.path_length);
        r = rm_maps_path(&maps, &map, path, sizeof path);
        if (r < 0 && r != -ENAMETOOLONG)
            abort();
    }
    if (r < 0 && r != -EBADMSG)
        abort();
    rm_maps_done(&maps);
    return 0;
}
