/* SPDX-License-Identifier: MIT
 *
 * What a server says does not stay valid for long: a second with most FUSE
 * file systems, seconds to a minute with NFS.  So a file that was registered a
 * while ago could not be told from another that has its number by now, if
 * nobody asked.  Only names that were registered are asked about, and only
 * when somebody holds a file of that number.
 *
 * Who asks may wait for ever, and is left behind then (watch.h).  The process
 * that it was reading is not what is stuck: it is read again, and that server
 * is asked no more, neither in this pass, nor by anybody as long as that
 * thread waits.
 */
#include "pass.h"

#include <errno.h>

#define ROOM (sizeof(((struct rm_silence *)0)->devices) / sizeof(uint64_t))

void rm_silence_add(struct rm_silence *s, uint64_t device)
{
    if (s->count < ROOM)
        s->devices[s->count] = device;
    s->count += s->count <= ROOM;
}

static bool is_silent(const struct rm_silence *s, uint64_t device)
{
    for (unsigned i = 0; i < s->count && i < ROOM; i++)
        if (s->devices[i] == device)
            return true;
    return s->count > ROOM || rm_stuck_is_device(device);
}

int rm_server_look(const struct rm_pass *p, uint64_t device, const char *path, struct rm_inode *ret)
{
    struct rm_inode inode;
    if (!rm_worker_enter(p->worker))
        return -EOWNERDEAD;
    bool silent = is_silent(p->silence, device);
    if (!silent)
        rm_worker_asks(p->worker, device);
    rm_worker_leave(p->worker);
    if (silent)
        return -EAGAIN;
    int r = rm_inode_look(path, &inode);
    if (!rm_worker_enter(p->worker))
        return -EOWNERDEAD;
    rm_worker_asks(p->worker, 0);
    rm_worker_leave(p->worker);
    if (r == 0)
        *ret = inode;
    return r;
}
