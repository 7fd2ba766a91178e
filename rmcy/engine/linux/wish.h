/* SPDX-License-Identifier: MIT
 *
 * How a program wants to be started, and as whom, as bytes: what its
 * registration and a journal keep.
 *
 * Layout, in the machine's byte order: a header, the groups, then texts, each
 * with its NUL: the program, its own name for itself, the directory, the
 * arguments, the environment.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Ours: together; the largest is an environment. */
#define RM_WISH_TEXT_MAX 65536u
#define RM_WISH_GROUPS_MAX 65536u /* the kernel's */
#define RM_WISH_PATH_MAX 4096u

struct rm_wish {
    uint32_t flags; /* RMX_RELAUNCH_* */
    uint32_t uid, gid;
    uint32_t group_count;
    const uint32_t *groups;
    const char *exe;       /* absolute */
    const char *directory; /* absolute */
    uint32_t argument_count;
    uint32_t environment_count;
    const char *const *arguments;   /* the first is the program's name for itself; NULL behind the last */
    const char *const *environment; /* NAME=VALUE, the same */
};

/* malloc'ed.  -EINVAL: more than there may be, or no such paths. */
int rm_wish_pack(const struct rm_wish *wish, void **ret, size_t *ret_size);
/* One block, to be freed; it keeps nothing of `data`.  -EBADMSG: not a wish (the bytes may come from anywhere). */
int rm_wish_parse(const void *data, size_t size, struct rm_wish **ret);
