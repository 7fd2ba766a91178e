/* SPDX-License-Identifier: MIT
 *
 * A map whose inode number is that of a registered file.  The device that maps
 * show is the file system's own, which btrfs and (before Linux 6.8) overlayfs
 * do not show in stat; and a number alone may have been given to another file.
 * So a hit is confirmed:
 *
 * - by /proc/PID/map_files, for those who may: statx of the mapped file itself;
 * - else by what is alive.  A mapped inode is, so no other file of its file
 *   system has its number.  If the registered name, looked up after the map
 *   was seen, still leads to the registered identity, then that is the mapped
 *   file; so it is if it was mapped by that name and a server would have to be
 *   asked about it, if the process runs that file as its program (which is
 *   looked at again when all is read), or if the map's own path leads there;
 * - else it stays uncertain.
 */
#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The kernel's own file system of memfd, shared anonymous and System V memory: nothing there has a name. */
static uint64_t memory_device;

static void find_memory_device(void)
{
    struct stat st;
    int fd = memfd_create("rmcy", MFD_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0)
        memory_device = (uint64_t)major(st.st_dev) << 32 | minor(st.st_dev);
    if (fd >= 0)
        close(fd);
}

static bool anonymous(const struct rm_map *map)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_memory_device);
    return memory_device && map->device == memory_device;
}

#define RANGE_SIZE 64

static int by_range(struct rm_pass *p, const struct rm_map *map, int range_dir, char name[RANGE_SIZE],
                    struct rm_inode *ret)
{
    snprintf(name, RANGE_SIZE, "map_files/%" PRIx64 "-%" PRIx64, map->start, map->end);
    int r = rm_inode_at(range_dir, name, ret);
    if (r == -EPERM)
        p->no_map_files = true;
    return r;
}

/* What the map's own path means inside the process's root. */
static int by_path(struct rm_maps *maps, const struct rm_map *map, int dir, struct rm_inode *ret)
{
    char path[RM_PATH_MAX + 1];
    int r = rm_maps_path(maps, map, path, sizeof(path));
    if (r < 0)
        return r;
    if (path[0] != '/')
        return -ENOENT;
    int root = openat(dir, "root", O_PATH | O_CLOEXEC);
    if (root < 0)
        return -errno;
    r = rm_inode_cached(root, path, ret);
    close(root);
    return r;
}

/* The use of that file as the process's program, or NULL. */
static const struct rm_found *find_program(const struct rm_pass *p, uint32_t file)
{
    for (size_t i = 0; i < p->found_count; i++)
        if (p->found[i].file == file && p->found[i].kind == RMX_USE_EXECUTABLE)
            return &p->found[i];
    return NULL;
}

static enum rm_verdict by_life(struct rm_pass *p, struct rm_maps *maps, const struct rm_map *map, int dir,
                               uint32_t file, struct rm_inode *ret)
{
    const struct rm_identity id = rm_resources_identity(p->scan->resources, file);
    if (id.device == map->device) {
        int r = rm_match_fresh(p, file, ret);
        if (r == 0 && rm_identity_equal(&ret->id, &id))
            return RM_YES;
        if (r == -EAGAIN && rm_named_map(p, file, maps, map, dir)) {
            *ret = (struct rm_inode){.id = id};
            return RM_YES;
        }
    }
    const struct rm_found *program = id.device == map->device ? find_program(p, file) : NULL;
    if (program) {
        *ret = (struct rm_inode){.id = id, .nameless = program->deleted};
        return RM_YES;
    }
    if (by_path(maps, map, dir, ret) < 0 || ret->id.inode != map->inode)
        return RM_UNSURE;
    return rm_match_compare(p, file, ret, -1, NULL);
}

int rm_mapped_match(struct rm_pass *p, struct rm_maps *maps, const struct rm_map *map, int dir, int range_dir)
{
    const struct rm_resources *resources = p->scan->resources;
    struct rm_inode inode;
    char name[RANGE_SIZE];
    bool asked = false;
    uint32_t file = rm_resources_find(resources, map->inode);
    for (; file != RM_NO_FILE; file = rm_resources_next(resources, file)) {
        const struct rm_identity id = rm_resources_identity(resources, file);
        bool same_device = id.device == map->device;
        if (!same_device && (!(id.flags & RM_ID_ODD_DEVICE) || anonymous(map)))
            continue;
        if (!asked && !p->no_map_files) {
            int r = by_range(p, map, range_dir, name, &inode);
            if (r < 0 && r != -EPERM && r != -EACCES)
                return r == -ENOENT ? -EAGAIN : r;
            asked = r == 0;
        }
        enum rm_verdict verdict =
            asked ? rm_match_compare(p, file, &inode, range_dir, name) : by_life(p, maps, map, dir, file, &inode);
        if (verdict == RM_UNSURE)
            p->unsure = true;
        int r = verdict == RM_YES ? rm_match_add(p, file, &inode, RMX_USE_MAPPED) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}
