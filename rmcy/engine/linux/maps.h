/* SPDX-License-Identifier: MIT
 *
 * The memory maps of a process that are backed by a file, by the PROCMAP_QUERY
 * ioctl (Linux 6.11) or from the text that older kernels have.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rm_map {
    uint64_t start, end;
    uint64_t device; /* major << 32 | minor */
    uint64_t inode;
};

#define RM_MAPS_SIZE 65536 /* longer than any line: a path of 4096 bytes, each escaped, and the numbers */

struct rm_maps {
    int fd;
    bool query;
    uint64_t address; /* query: where to go on */
    char *buffer;     /* text: what was read and not yet used is at..used */
    size_t at, used;
    bool end;
    const char *path; /* text: of the map that came last, still escaped */
    size_t path_length;
};

/* Does this kernel have the ioctl?  Asked once. */
bool rm_maps_can_query(void);

int rm_maps_open(struct rm_maps *m, int dir, const char *name, bool query);
void rm_maps_done(struct rm_maps *m);
/* 1, 0 at the end, -ESRCH when the memory is gone, -EBADMSG for what cannot be understood. */
int rm_maps_next(struct rm_maps *m, struct rm_map *ret);
/* The path of the map that came last, as the process's mount namespace shows it, " (deleted)" included. */
int rm_maps_path(struct rm_maps *m, const struct rm_map *map, char *buffer, size_t size);

/* One line, without its newline. */
int rm_maps_parse(const char *line, size_t length, struct rm_map *ret, const char **ret_path, size_t *ret_path_length);
/* Undoes \012, the only escape in maps. */
int rm_maps_unescape(const char *text, size_t length, char *buffer, size_t size);
