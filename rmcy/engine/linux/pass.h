/* SPDX-License-Identifier: MIT
 *
 * One pass over the processes, as its parts see it.
 */
#pragma once

#include "critical.h"
#include "family.h"
#include "host.h"
#include "inode.h"
#include "maps.h"
#include "mounts.h"
#include "pidref.h"
#include "watch.h"

/* Where and how to look; tests choose, rm_host_scan asks the system. */
struct rm_way {
    const char *proc; /* "/proc", or a recorded tree */
    bool query;       /* by PROCMAP_QUERY */
    bool units;       /* systemd manages services here */
    bool managers;    /* and may be asked about them */
    uint32_t share_from; /* so many processes are shared with a second worker; 0: never */
};

struct rm_found {
    uint32_t file;
    uint8_t kind;
    bool deleted;
    uint64_t device, inode;
};

struct rm_services;

/* Each worker has one; what it points to outlives the worker, but for what is the caller's. */
struct rm_pass {
    const struct rm_scan *scan;
    const struct rm_way *way;
    struct rm_procfs proc;
    struct rm_worker *worker;
    atomic_uint *beats;
    const RM_UNIQUE_PROCESS *registered; /* sorted */
    uint32_t registered_count;

    /* The caller's: within the worker's lock only. */
    struct rm_answer *answer;
    struct rm_answer_counts *counts;
    struct rm_services *services;

    uint32_t uid;         /* effective */
    bool files;           /* something is looked for in descriptors and maps */
    bool no_map_files;    /* refused: only those with CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE may */
    bool no_kcmp;         /* this kernel has none */
    bool no_signal_query; /* signal 0 is refused by the kernel or a sandbox */
    bool by_number;       /* processes are opened by numbers that were registered: they may be those of threads */

    struct rm_family family; /* the caller's, read when somebody is listed */
    bool knows_family;

    struct rm_mounts mounts; /* the worker's, read when a name has to tell */
    bool knows_mounts;

    /* The process at hand; `found` and `unsure` start afresh each time that it is read. */
    struct rm_found *found;
    size_t found_count, found_space;
    bool unsure;
    bool vanished; /* it ended before it could be read */
    uint64_t descriptors, maps;
};

/* ---- match.c: is that inode a registered file? ---- */

enum rm_verdict { RM_NO, RM_YES, RM_UNSURE };

/* file: the first registered one of that number.  dir, link: the magic link that leads there. */
int rm_match_files(struct rm_pass *p, uint32_t file, const struct rm_inode *inode, int dir, const char *link,
                   uint8_t kind);
int rm_match_add(struct rm_pass *p, uint32_t file, const struct rm_inode *inode, uint8_t kind);
/* link: NULL if there is none. */
enum rm_verdict rm_match_compare(struct rm_pass *p, uint32_t file, const struct rm_inode *inode, int dir,
                                 const char *link);
/* What the registered name means now; -EAGAIN if that cannot be told without waiting. */
int rm_match_fresh(const struct rm_pass *p, uint32_t file, struct rm_inode *ret);

/* Nearly all that is held is not registered, which is known at once. */
static inline int rm_match_inode(struct rm_pass *p, const struct rm_inode *inode, int dir, const char *link,
                                 uint8_t kind)
{
    uint32_t file = rm_resources_find(p->scan->resources, inode->id.inode);
    return file == RM_NO_FILE ? 0 : rm_match_files(p, file, inode, dir, link, kind);
}

/* ---- named.c: is what has a registered file's number held by the registered name? ---- */

bool rm_named_link(struct rm_pass *p, uint32_t file, const struct rm_inode *inode, int dir, const char *link);
/* dir: of a thread whose map it is, in /proc. */
bool rm_named_map(struct rm_pass *p, uint32_t file, struct rm_maps *maps, const struct rm_map *map, int dir);

/* ---- holdings.c and mapped.c: what one task holds.  range_dir: where map_files is ----
 * -ENOENT, -ESRCH, -EAGAIN: something went away meanwhile, look again; -EACCES, -EPERM: not allowed to look. */

int rm_holdings_descriptors(struct rm_pass *p, int dir, const char *name);
int rm_holdings_maps(struct rm_pass *p, int dir, int range_dir);
int rm_mapped_match(struct rm_pass *p, struct rm_maps *maps, const struct rm_map *map, int dir, int range_dir);

/* ---- tasks.c ---- */

/* All that a process holds.  ret_exe: zeros if it has no executable. */
int rm_tasks_read(struct rm_pass *p, const struct rm_pidref *ref, struct rm_inode *ret_exe);
/* Which program it runs now. */
int rm_tasks_exe(struct rm_pass *p, const struct rm_pidref *ref, struct rm_inode *ret);

/* ---- program.c ---- */

#define RM_UNIT_MAX 256
#define RM_PATH_MAX 4096

struct rm_details {
    struct rm_program program; /* points into what follows */
    uint32_t reason;           /* RM_REBOOT_REASON */
    char exe[RM_PATH_MAX + 1];
    char unit[RM_UNIT_MAX];
};

struct rm_unit;
/* unit: NULL if it belongs to none. */
int rm_details_read(struct rm_pass *p, const struct rm_pidref *ref, const struct rm_inode *exe,
                    const struct rm_unit *unit, struct rm_details *ret);

/* ---- cause.c ---- */

/* Does the system tell whom the caller may signal? */
bool rm_cause_can_ask(const struct rm_pass *p);
/* Once, before causes are found. */
int rm_cause_prepare(struct rm_pass *p);
/* What speaks against stopping that program, from what is known of it: program.cause, and reason. */
void rm_cause_find(const struct rm_pass *p, const struct rm_pidref *ref, const struct rm_inode *exe,
                   const struct rm_status *status, struct rm_details *d);
/* The same for a service without a process: RMX_CAUSE_*. */
uint32_t rm_cause_of_service(const struct rm_pass *p, const struct rm_program *program);

/* ---- reading.c ---- */

/* One process, whatever becomes of it, into the answer. */
int rm_reading_do(struct rm_pass *p, uint32_t pid);

/* ---- scan.c ---- */

int rm_pass_compare_processes(const void *x, const void *y);

int rm_pass_run(const struct rm_scan *scan, const struct rm_way *way, struct rm_answer *answer);
