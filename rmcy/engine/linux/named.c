/* SPDX-License-Identifier: MIT
 *
 * Is it held by the name that was registered?  That is asked where device and
 * inode number are the registered ones, and whether the name still leads there
 * could only be asked of a server, which may be gone.  A file that shows a birth
 * time on one side alone needs more than a name.
 *
 * What /proc tells as a name is not enough: a name in mounts that are no
 * longer ours, were never, or lie below others reads the same.  So it must be
 * reached through the very mount that the name leads into, as the table of
 * mounts has it, which knows without a server.
 *
 * Of maps, those who may not look into map_files learn no mount.  Ours: there
 * it is enough that names mean to the process what they mean to us, and that the
 * name leads into that file system.
 */
#include "pass.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The mount that the registered name leads into, if that is the path. */
static bool find_mount(struct rm_pass *p, uint32_t file, const char *path, struct rm_mount *ret)
{
    static const char deleted[] = " (deleted)";
    const char *name = rm_resources_path(p->scan->resources, file);
    size_t size = strlen(name), tail = sizeof(deleted) - 1;
    /* What the kernel says of a file without a name can also be the name of another one. */
    if (strcmp(path, name) != 0 || (size > tail && strcmp(name + size - tail, deleted) == 0))
        return false;
    if (!p->knows_mounts && rm_mounts_read(p->proc.fd, &p->mounts) < 0)
        return false;
    p->knows_mounts = true;
    return rm_mounts_find(&p->mounts, name, ret) == 0;
}

/* Do names mean to that thread what they mean to us?  A mount is in one namespace only, so the root directory tells. */
static bool same_root(const struct rm_inode *ours, int dir)
{
    struct rm_inode its;
    return rm_inode_at(dir, "root", &its) == 0 && its.has_mount && its.mount == ours->mount &&
           rm_identity_equal(&its.id, &ours->id);
}

bool rm_named_link(struct rm_pass *p, uint32_t file, const struct rm_inode *inode, int dir, const char *link)
{
    char path[RM_PATH_MAX + 1];
    struct rm_mount mount;
    const struct rm_identity id = rm_resources_identity(p->scan->resources, file);
    if (!link || !inode->has_mount || (id.flags | inode->id.flags) & RM_ID_BTIME)
        return false;
    ssize_t n = readlinkat(dir, link, path, sizeof(path));
    if (n < 0 || n == (ssize_t)sizeof(path))
        return false;
    path[n] = '\0';
    return find_mount(p, file, path, &mount) && mount.id == inode->mount;
}

bool rm_named_map(struct rm_pass *p, uint32_t file, struct rm_maps *maps, const struct rm_map *map, int dir)
{
    char path[RM_PATH_MAX + 1];
    struct rm_mount mount;
    const struct rm_identity id = rm_resources_identity(p->scan->resources, file);
    if (id.flags & RM_ID_BTIME || rm_maps_path(maps, map, path, sizeof(path)) < 0)
        return false;
    /* In the text, a newline and the four characters that stand for it read the same. */
    if (!maps->query && strchr(path, '\n'))
        return false;
    return find_mount(p, file, path, &mount) && mount.device == id.device && same_root(&p->mounts.root, dir);
}
