/* SPDX-License-Identifier: MIT
 *
 * Reading a proc file system through a descriptor of its root, so that every
 * reader works on a recorded tree as well.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rm_procfs {
    int fd;
    uint32_t self; /* the calling process as this tree numbers it; 0: not in it */
    bool live;     /* a proc file system that numbers processes as system calls do here, not a recorded tree */
};

int rm_procfs_open(const char *path, struct rm_procfs *ret);
void rm_procfs_done(struct rm_procfs *p);

/* Are there processes that the caller cannot see here: in other pid namespaces, or hidden by the mount's hidepid? */
bool rm_procfs_hides(const struct rm_procfs *p);

/* A small file as a string; returns its length.  -EFBIG if it does not fit. */
long rm_procfs_read(int dir, const char *name, char *buffer, size_t size);
long rm_procfs_read_fd(int fd, char *buffer, size_t size); /* from the start, however often */

/* A decimal number and nothing else: -EINVAL. */
int rm_procfs_number(const char *text, size_t length, uint64_t max, uint64_t *ret);

/* Entries of a directory that are numbers, in its order. */
struct rm_entries {
    int fd;
    char *buffer; /* the reader's own */
    size_t used, at;
};
#define RM_ENTRIES_SIZE 32768

int rm_entries_open(struct rm_entries *e, int dir, const char *name);
void rm_entries_done(struct rm_entries *e);
/* 1 and a name that lives until the next call, 0 at the end, or -errno. */
int rm_entries_next(struct rm_entries *e, const char **ret_name, uint32_t *ret_number);

/* ---- /proc/PID/stat and status ---- */

#define RM_STAT_SIZE 2048

struct rm_stat {
    char comm[64]; /* cut if it is longer, as kernel threads' may be */
    char state;
    bool kernel_thread;
    bool exiting; /* on its way out: the memory may be gone already while descriptors are still open */
    uint64_t threads;
    uint64_t start; /* since boot, in units of 100 ns */
    uint64_t stack; /* where it begins: elsewhere after each execution; 0 if that is not told */
};

int rm_stat_parse(const char *text, size_t length, struct rm_stat *ret);

/* Ended, though its parent or its other threads still keep the entry. */
static inline bool rm_stat_ended(const struct rm_stat *s)
{
    return s->state == 'Z' || s->state == 'X' || s->state == 'x';
}

struct rm_status {
    uint32_t tgid, real_uid, effective_uid, saved_uid;
    uint32_t parent; /* 0: none that this tree shows */
};

int rm_status_parse(const char *text, struct rm_status *ret);
int rm_status_read(int dir, struct rm_status *ret);
