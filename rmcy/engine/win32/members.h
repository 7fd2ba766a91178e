/* SPDX-License-Identifier: MIT
 *
 * The members of a set of services, as they are found (unitset.c) and as jobs
 * are done with them (unitrun.c).
 */
#pragma once

#include "services.h"
#include "unitset.h"

struct rm_unit {
    struct rm_unit_member member; /* points into what follows */
    char name[RM_SERVICE_BYTES];
    char title[RM_SERVICE_BYTES];
    char detail[160];
    WCHAR wide[RM_SERVICE_UNITS];
    WCHAR *needs;   /* names of the services that it depends on, one after the other, and an empty one */
    bool own;       /* it has its process for itself */
};

struct rm_unitset {
    WCHAR (*asked)[RM_SERVICE_UNITS];
    uint32_t asked_count;
    struct rm_unit **units;
    uint32_t count, space;
};

/* Does the first depend on the second? */
bool rm_unit_needs(const struct rm_unit *unit, const struct rm_unit *other);

/* ---- unitstate.c: what the service manager says of one service ---- */

struct rm_unit_state {
    DWORD state, pid, controls;
};

int rm_unit_state_ask(SC_HANDLE service, struct rm_unit_state *ret);
