/* SPDX-License-Identifier: MIT
 *
 * Many names looked up in a worker, since each look may wait for a server that
 * is gone; in two where there are processors for them, and names enough, since
 * the kernel's part of a look is nearly all of it.  A few names whose files the kernel has at hand are looked up where
 * they are asked for: a thread would cost more than they do.
 *
 * The names and what is found are the caller's, and touched within the lock
 * only; a worker has a copy of the name that it is at, whose number stands where
 * others have a start time.
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

#define SHARE_FROM 256 /* ours: for fewer, the time in which a second worker begins is long */
#define WORKERS 2
#define NO_NAME UINT32_MAX

struct lookup {
    /* Within the lock. */
    const struct rm_names *names; /* the caller's */
    uint32_t *at;                 /* the caller's: the first name that is being looked up, or the one that failed */
    const char *text;             /* of the name to be looked up next */
    uint32_t next;
    uint32_t busy[WORKERS]; /* the names that are being looked up */
    bool without;           /* go on without a name that cannot be looked up */
    bool shared;            /* a second worker has been asked for */
};

/* Within the lock: `was` is done, `is` has begun. */
static void turn_to(struct lookup *l, uint32_t was, uint32_t is)
{
    bool turned = was == is;
    uint32_t first = NO_NAME;
    for (int i = 0; i < WORKERS; i++) {
        if (!turned && l->busy[i] == was) {
            l->busy[i] = is;
            turned = true;
        }
        first = l->busy[i] < first ? l->busy[i] : first;
    }
    if (first != NO_NAME)
        *l->at = first;
}

/* Within the lock: takes the next name. */
static bool next_name(struct lookup *l, char path[PATH_SIZE], uint32_t *at)
{
    uint32_t was = *at;
    if (l->next == l->names->count) {
        turn_to(l, was, NO_NAME);
        return false;
    }
    size_t size = strlen(l->text) + 1;
    memcpy(path, l->text, size < PATH_SIZE ? size : PATH_SIZE);
    path[PATH_SIZE - 1] = '\0';
    l->text += size;
    *at = l->next++;
    turn_to(l, was, *at);
    return true;
}

/* Within the lock. */
static void share(struct rm_worker *me, struct lookup *l)
{
    if (l->shared || l->names->count - l->next < SHARE_FROM || !rm_worker_can_share())
        return;
    l->shared = true;
    rm_worker_recruit(me);
}

static int work(struct rm_worker *me, void *context)
{
    struct lookup *l = context;
    char path[PATH_SIZE];
    uint32_t at = NO_NAME;
    if (!rm_worker_enter(me))
        return 0;
    share(me, l);
    while (next_name(l, path, &at)) {
        struct rm_identity id = {.flags = RM_ID_DENIED};
        int r = 0;
        bool known = l->without && rm_stuck_is_name(path);
        rm_worker_at(me, 0, at, path);
        rm_worker_leave(me);
        if (!known)
            r = rm_host_identify(path, &id);
        if (!rm_worker_enter(me))
            return 0;
        if (r < 0) {
            /* Whoever else is at work finds the door closed, so this stays. */
            *l->at = at;
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
    /* One that has begun no name yet is stuck at none. */
    if (at && at->name) {
        uint32_t stuck = (uint32_t)at->start;
        l->names->ids[stuck] = denied;
        turn_to(l, stuck, NO_NAME);
    }
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
    for (int i = 0; i < WORKERS; i++)
        l->busy[i] = NO_NAME;
    int r = rm_watch_take(&task, l, wait);
    if (r < 0)
        *ret_at = at;
    return r;
}
