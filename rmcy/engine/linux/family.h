/* SPDX-License-Identifier: MIT
 *
 * The caller and what it descends from: its shell, its login, the program that
 * started it, up to process 1; and the services that they are in.  To stop one
 * of these would stop the caller, or whoever waits for it.
 */
#pragma once

#include "restartmanager.h"
#include "unit.h"

struct rm_family {
    RM_UNIQUE_PROCESS *processes;
    size_t process_count, process_space;
    struct rm_unit *services; /* each once */
    size_t service_count, service_space;
};

/* self: the caller's number in the tree `proc`; 0: it is not in it, and has no family there.  with_units: systemd
 * manages services here. */
int rm_family_read(int proc, uint32_t self, bool with_units, struct rm_family *ret);
void rm_family_done(struct rm_family *family);

bool rm_family_has(const struct rm_family *family, const RM_UNIQUE_PROCESS *process);
bool rm_family_has_service(const struct rm_family *family, const char *name, uint32_t manager_uid);
