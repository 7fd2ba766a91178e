/* SPDX-License-Identifier: MIT
 *
 * The descriptors and the maps of one task.  Nothing here opens what a process
 * has open, and nothing is allocated for a descriptor or a map.
 */
#include "pass.h"

#include <errno.h>
#include <unistd.h>

int rm_holdings_descriptors(struct rm_pass *p, int dir, const char *name)
{
    struct rm_entries entries;
    const char *entry;
    uint32_t number;
    int r = rm_entries_open(&entries, dir, name);
    if (r < 0)
        return r;
    while ((r = rm_entries_next(&entries, &entry, &number)) > 0) {
        struct rm_inode inode;
        r = rm_inode_at(entries.fd, entry, &inode);
        if (r == -ENOENT) /* closed meanwhile */
            continue;
        if (r == 0)
            r = rm_match_inode(p, &inode, entries.fd, entry, RMX_USE_OPEN);
        if (r < 0)
            break;
        p->descriptors++;
        rm_worker_beat(p->beats);
    }
    rm_entries_done(&entries);
    return r;
}

int rm_holdings_maps(struct rm_pass *p, int dir, int range_dir)
{
    struct rm_maps maps;
    struct rm_map map;
    int r = rm_maps_open(&maps, dir, "maps", p->way->query);
    if (r < 0)
        return r;
    while ((r = rm_maps_next(&maps, &map)) > 0) {
        p->maps++;
        rm_worker_beat(p->beats);
        r = rm_mapped_match(p, &maps, &map, dir, range_dir);
        if (r < 0)
            break;
    }
    rm_maps_done(&maps);
    return r;
}
