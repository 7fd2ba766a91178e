/* SPDX-License-Identifier: MIT
 *
 * Is an inode that a process holds one of the registered files?  Device, inode
 * number and birth time decide.  Where a birth time is missing, the registered
 * name must still lead there.  A server that would have to be asked about that
 * is not, for it may be gone: then what is held must be held by that very name
 * (named.c).  Else it is "unsure", never a guess.
 */
#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

int rm_match_fresh(const struct rm_pass *p, uint32_t file, struct rm_inode *ret)
{
    const struct rm_identity id = rm_resources_identity(p->scan->resources, file);
    const char *path = rm_resources_path(p->scan->resources, file);
    int r = rm_inode_cached(AT_FDCWD, path, ret);
    /* Only names on local file systems are looked up in a way that may wait. */
    if ((r == -EAGAIN || r == -EOPNOTSUPP) && id.flags & RM_ID_LOCAL)
        r = rm_inode_look(path, ret);
    return r == -EOPNOTSUPP ? -EAGAIN : r;
}

static bool same_number(const struct rm_identity *a, const struct rm_identity *b)
{
    return a->device == b->device && a->inode == b->inode;
}

enum rm_verdict rm_match_compare(struct rm_pass *p, uint32_t file, const struct rm_inode *inode, int dir,
                                 const char *link)
{
    const struct rm_identity id = rm_resources_identity(p->scan->resources, file);
    struct rm_inode fresh;
    if (!same_number(&id, &inode->id))
        return RM_NO;
    if (id.flags & inode->id.flags & RM_ID_BTIME) {
        if (rm_identity_equal(&id, &inode->id))
            return RM_YES;
        /* Ours: the first write to a file of overlayfs's lower layer gives it the birth time of its copy.  It has
         * the name and the number still. */
        if (id.flags & RM_ID_ODD_DEVICE && rm_match_fresh(p, file, &fresh) == 0 &&
            rm_identity_equal(&fresh.id, &inode->id))
            return RM_YES;
        return RM_NO;
    }
    int r = rm_match_fresh(p, file, &fresh);
    if (r == 0)
        return same_number(&fresh.id, &inode->id) ? RM_YES : RM_UNSURE;
    return r == -EAGAIN && rm_named_link(p, file, inode, dir, link) ? RM_YES : RM_UNSURE;
}

int rm_match_add(struct rm_pass *p, uint32_t file, const struct rm_inode *inode, uint8_t kind)
{
    if (p->found_count == p->found_space) {
        size_t space = p->found_space ? p->found_space * 2 : 64;
        struct rm_found *larger = reallocarray(p->found, space, sizeof(*larger));
        if (!larger)
            return -ENOMEM;
        p->found = larger;
        p->found_space = space;
    }
    p->found[p->found_count++] = (struct rm_found){
        .file = file,
        .kind = kind,
        .deleted = inode->nameless,
        .device = inode->id.device,
        .inode = inode->id.inode,
    };
    return 0;
}

int rm_match_files(struct rm_pass *p, uint32_t file, const struct rm_inode *inode, int dir, const char *link,
                   uint8_t kind)
{
    for (; file != RM_NO_FILE; file = rm_resources_next(p->scan->resources, file)) {
        int r = 0;
        switch (rm_match_compare(p, file, inode, dir, link)) {
        case RM_YES:
            r = rm_match_add(p, file, inode, kind);
            break;
        case RM_UNSURE:
            p->unsure = true;
            break;
        case RM_NO:
            break;
        }
        if (r < 0)
            return r;
    }
    return 0;
}
