/* SPDX-License-Identifier: MIT
 *
 * Is an inode that a process holds one of the registered files?  Device, inode
 * number and birth time decide.  Where a birth time is missing, the registered
 * name must still lead there.  A server that would have to be asked about that
 * is not, for it may be gone: then what is held must have that very name, as
 * the kernel has it, in our mounts.  Else it is "unsure", never a guess.
 */
#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* As far as the kernel has the name at hand: does it lead into that file system?  At the latest the root of the file
 * system is at hand, and tells that nothing else has been mounted there since. */
static bool leads_into(const char *name, uint64_t device)
{
    struct rm_inode inode;
    char path[RM_PATH_MAX + 1];
    size_t size = strlen(name);
    int r = -EAGAIN;
    if (size >= sizeof(path))
        return false;
    memcpy(path, name, size + 1);
    while (r == -EAGAIN) {
        char *slash = strrchr(path, '/');
        if (!slash || slash == path)
            return false;
        *slash = '\0';
        r = rm_inode_cached(AT_FDCWD, path, &inode);
    }
    return r == 0 && inode.id.device == device;
}

/* Does the process at hand see the mounts that we see?  In others the same path means something else. */
static bool same_mounts(const struct rm_pass *p)
{
    struct stat its, ours;
    return fstatat(p->dir, "ns/mnt", &its, 0) == 0 && fstatat(p->proc.fd, "self/ns/mnt", &ours, 0) == 0 &&
           its.st_dev == ours.st_dev && its.st_ino == ours.st_ino;
}

bool rm_match_is_name(const struct rm_pass *p, uint32_t file, const char *path)
{
    static const char deleted[] = " (deleted)";
    const char *name = rm_resources_path(p->scan->resources, file);
    size_t size = strlen(name), tail = sizeof(deleted) - 1;
    /* What the kernel says of a file without a name can also be the name of another one. */
    if (strcmp(path, name) != 0 || (size > tail && strcmp(name + size - tail, deleted) == 0))
        return false;
    return leads_into(name, rm_resources_identity(p->scan->resources, file).device) && same_mounts(p);
}

static bool has_name(const struct rm_pass *p, uint32_t file, int dir, const char *link)
{
    char path[RM_PATH_MAX + 1];
    ssize_t n = link ? readlinkat(dir, link, path, sizeof(path)) : -1;
    if (n < 0 || n == (ssize_t)sizeof(path))
        return false;
    path[n] = '\0';
    return rm_match_is_name(p, file, path);
}

enum rm_verdict rm_match_compare(const struct rm_pass *p, uint32_t file, const struct rm_inode *inode, int dir,
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
    bool timeless = !((id.flags | inode->id.flags) & RM_ID_BTIME);
    return r == -EAGAIN && timeless && has_name(p, file, dir, link) ? RM_YES : RM_UNSURE;
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
