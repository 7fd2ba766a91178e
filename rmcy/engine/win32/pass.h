/* SPDX-License-Identifier: MIT
 *
 * One pass over the processes, as its parts see it.
 */
#pragma once

#include "handles.h"
#include "host.h"
#include "services.h"
#include "desktop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RM_NAME_UNITS 1024 /* of a path, in UTF-16 units; longer ones are no program's here (ours) */

struct rm_found {
    uint32_t file;
    uint8_t kind;
    uint64_t device, inode;
};

/* A module's path, and which file it was when it was first met in this pass. */
struct rm_module {
    WCHAR *path;
    struct rm_identity id;
};

struct rm_pass {
    const struct rm_scan *scan;
    struct rm_answer *answer;
    struct rm_handles handles;
    struct rm_services services;
    struct rm_desktop desktop;
    struct rm_module *modules;
    size_t module_count, module_space;

    /* The process at hand. */
    struct rm_found *found;
    size_t found_count, found_space;
};

/* ---- holdings.c: what a process holds, into `found` ---- */

/* -EACCES: it may not be looked at. */
int rm_holdings_files(struct rm_pass *p, HANDLE process, uint32_t pid);
int rm_holdings_modules(struct rm_pass *p, uint32_t pid);
void rm_holdings_done(struct rm_pass *p);

/* ---- program.c ---- */

struct rm_details {
    struct rm_program program; /* points into what follows */
    uint32_t reason;           /* RM_REBOOT_REASON */
    WCHAR path[RM_NAME_UNITS];
    char exe[3 * RM_NAME_UNITS];
    char name[3 * (CCH_RM_MAX_APP_NAME + 1)];
    char unit[RM_SERVICE_BYTES];
};

/* service: the one that it is listed as, or NULL. */
int rm_details_read(const struct rm_pass *p, HANDLE process, const RM_UNIQUE_PROCESS *known,
                    const struct rm_service *service, struct rm_details *ret);

/* ---- cause.c: why it may not be stopped ---- */

/* From what is known of it: its cause and its type, and the reason for a reboot. */
void rm_cause_find(const struct rm_pass *p, struct rm_details *d);
/* Is that a service that the system cannot do without? */
bool rm_cause_is_critical_service(const char *name);
