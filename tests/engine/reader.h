/* SPDX-License-Identifier: MIT
 *
 * Those who ask: each in a directory of its own.
 */
#pragma once

#include "question.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static bool confirms; /* map_files may be read */

static inline bool reads_map_files(void)
{
    struct rm_maps maps;
    struct rm_map map;
    struct rm_inode inode;
    char name[96];
    CHECK(rm_maps_open(&maps, AT_FDCWD, "/proc/self/maps", false) == 0 && rm_maps_next(&maps, &map) == 1);
    rm_maps_done(&maps);
    snprintf(name, sizeof(name), "/proc/self/map_files/%llx-%llx", (unsigned long long)map.start,
             (unsigned long long)map.end);
    return rm_inode_at(AT_FDCWD, name, &inode) == 0;
}

/* In a child, so that what it gives up is gone for it alone. */
static inline void as(uid_t uid, bool query, void (*all)(void))
{
    char directory[] = "scan-XXXXXX";
    int status;
    CHECK(mkdtemp(directory) && chown(directory, uid, (gid_t)-1) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(chdir(directory) == 0);
        if (uid != geteuid()) {
            CHECK(setgroups(0, NULL) == 0 && setresuid(uid, uid, uid) == 0);
            /* A change of user makes a process as closed as a set-user-ID program. */
            CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
        }
        way.query = query;
        confirms = reads_map_files();
        printf("-- user %d, %s, %s\n", (int)uid, query ? "query" : "text", confirms ? "map_files" : "no map_files");
        all();
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(rmdir(directory) == 0);
}

/* By each way of reading maps, and as a user without privileges too. */
static inline void as_everybody(void (*all)(void))
{
    as(geteuid(), false, all);
    if (rm_maps_can_query())
        as(geteuid(), true, all);
    if (geteuid() == 0) {
        as(65534, false, all);
        if (rm_maps_can_query())
            as(65534, true, all);
    }
}
