/* SPDX-License-Identifier: MIT
 *
 * Many names looked up in a worker, since each look may wait for a server that
 * is gone.  A few names whose files the kernel has at hand are looked up where
 * they are asked for: a thread would cost more than they do.
 *
 * The names and what is found are the caller's, and touched within the lock
 * only; a worker has a copy of the name that it is at.
 */
#include "host.h"
#include "inode.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FEW 32 /* ours: for more, a thread costs little */
#define PATH_SIZE 4097

struct lookup {
    /* Within the lock. */
    const struct rm_names *names; /* the caller's */
    uint32_t *at;                 /* the caller's: the name that is being looked up */
    const char *text;             /* of the name to be looked up next */
    uint32_t next;
    bool without; /* go on without a name that cannot be looked up */
};

/* Within the lock: takes the next name. */
static bool next_name(struct lookup *l, char path[PATH_SIZE])
{
    if (l->next == l->names->count)
        return false;
    size_t size = strlen(l->text) + 1;
    memcpy(path, l->text, size < PATH_SIZE ? size : PATH_SIZE);
    path[PATH_SIZE - 1] = '\0';
    l->text += size;
    *l->at = l->next++;
    return true;
}

static int work(struct rm_worker *me, void *context)
{
    struct lookup *l = context;
    char path[PATH_SIZE];
    if (!rm_worker_enter(me))
        return 0;
    while (next_name(l, path)) {
        struct rm_identity id = {.flags = RM_ID_DENIED};
        uint32_t at = *l->at;
        int r = 0;
        bool known = l->without && rm_stuck_is_name(path);
        rm_worker_at(me, 0, 0, path);
        rm_worker_leave(me);
        if (!known)
            r = rm_host_identify(path, &id);
        if (!rm_worker_enter(me))
            return 0;
        if (r < 0) {
            rm_worker_leave(me);
            return r;
        }
        l->names->ids[at] = id;
    }
    rm_worker_leave(me);
    return 0;
}

static int give_up(void *context, const struct rm_stuck *at, bool all)
{
    struct lookup *l = context;
    const struct rm_identity denied = {.flags = RM_ID_DENIED};
    if (!l->without)
        return 1;
    if (at)
        l->names->ids[*l->at] = denied;
    while (all && l->next < l->names->count)
        l->names->ids[l->next++] = denied;
    return 0;
}

/* How many from the start could be looked up without waiting. */
static uint32_t look_at_few(const struct rm_names *names, const char **ret_rest)
{
    const char *path = names->text;
    uint32_t n = 0;
    for (; n < names->count && names->count <= FEW; n++, path += strlen(path) + 1) {
        struct rm_inode inode;
        int r = rm_inode_cached(AT_FDCWD, path, &inode);
        if (r == -ENOENT || r == -ENOTDIR)
            inode.id = (struct rm_identity){.flags = RM_ID_MISSING};
        else if (r < 0 || !(inode.id.device >> 32)) /* its file system might have to be asked what it is */
            break;
        else
            inode.id.flags |= RM_ID_LOCAL;
        names->ids[n] = inode.id;
    }
    *ret_rest = path;
    return n;
}

int rm_host_identify_all(struct rm_names *names, bool without, const struct rm_wait *wait, uint32_t *ret_at)
{
    static const struct rm_task task = {.work = work, .give_up = give_up, .free = free};
    if (!names->count)
        return 0;
    free(names->ids);
    names->ids = calloc(names->count, sizeof(*names->ids));
    if (!names->ids)
        return -ENOMEM;
    const char *rest;
    uint32_t done = look_at_few(names, &rest), at = done;
    if (done == names->count)
        return rm_wait_check(wait);
    struct lookup *l = malloc(sizeof(*l));
    if (!l)
        return -ENOMEM;
    *l = (struct lookup){.names = names, .at = &at, .text = rest, .next = done, .without = without};
    int r = rm_watch_take(&task, l, wait);
    if (r < 0)
        *ret_at = at;
    return r;
}
