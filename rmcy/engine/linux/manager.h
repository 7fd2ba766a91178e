/* SPDX-License-Identifier: MIT
 *
 * What systemd says of its units, asked on the bus: never by a command, which
 * may not load in the middle of an upgrade, and never by an address from the
 * environment.
 */
#pragma once

#include "unit.h"
#include "wait.h"

#include <stdbool.h>
#include <stdint.h>

#define RM_TITLE_SIZE 1024 /* more than the 255 UTF-16 units that are shown */

struct rm_manager;

enum rm_load_state {
    RM_LOAD_UNKNOWN, /* the manager did not say: see `error` */
    RM_LOAD_ABSENT,  /* there is no unit of that name */
    RM_LOAD_FOUND
};

/* A question, and what is known after it. */
struct rm_unit_info {
    char asked[RM_UNIT_NAME_MAX + 1]; /* whole, with its suffix */

    int error; /* -errno: why the manager did not say */
    enum rm_load_state load;
    bool active;                   /* active or reloading */
    char id[RM_UNIT_NAME_MAX + 1]; /* what the unit is called itself: `asked` may be an alias */
    char title[RM_TITLE_SIZE];     /* Description=, UTF-8, perhaps cut; "" if there is none */
    uint32_t main_pid;             /* 0: none */
};

/* uid: whose service manager; RMX_NO_UID: the system's.  Waits for nothing; whether it can be reached shows later.
 * -EHOSTUNREACH: it cannot. */
int rm_manager_open(uint32_t uid, struct rm_manager **ret);
void rm_manager_free(struct rm_manager *m);

/* Fills in `load` and what follows for each unit, or `error`: -ETIMEDOUT for those without an answer at the deadline.
 * Fails only with -ECANCELED, -EINTR and -ENOMEM. */
int rm_manager_ask(struct rm_manager *m, struct rm_unit_info *units, uint32_t count, const struct rm_wait *wait);
