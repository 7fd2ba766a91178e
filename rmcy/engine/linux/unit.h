/* SPDX-License-Identifier: MIT
 *
 * Which systemd unit a process belongs to, from /proc/PID/cgroup.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RM_UNIT_NAME_MAX 255

struct rm_unit {
    char name[RM_UNIT_NAME_MAX + 1];
    uint32_t manager_uid; /* whose service manager runs it; RMX_NO_UID: the system's */
};

/* The outermost unit.  -ENOENT: it belongs to none. */
int rm_unit_parse(const char *cgroup, struct rm_unit *ret);
int rm_unit_read(int dir, struct rm_unit *ret);

/* Can a unit have that name? */
bool rm_unit_is_name(const char *name);
/* suffix: ".service" and the like. */
bool rm_unit_is_kind(const char *name, const char *suffix);
bool rm_unit_is_service(const char *name);
/* Is `asked`, with or without ".service", that unit? */
bool rm_unit_is(const struct rm_unit *unit, const char *asked);
/* Is it one in which a program has been started again?  Such a unit is a place and no service: it is gone with the
 * program, and whoever stops that once more finds a program. */
bool rm_unit_is_relaunched(const char *name);
