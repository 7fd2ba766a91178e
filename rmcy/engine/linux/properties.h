/* SPDX-License-Identifier: MIT
 *
 * What systemd says of its units.
 */
#pragma once

#include "manager.h"
#include "unit.h"

#include <stddef.h>

#define RM_TITLE_SIZE 1024 /* more than the 255 UTF-16 units that are shown */

/* Names, each with the NUL that ends it. */
struct rm_name_list {
    char *text;
    size_t used, space;
};

int rm_name_list_add(struct rm_name_list *list, const char *name);

/* The units that one unit moves. */
struct rm_unit_links {
    struct rm_name_list dependents; /* they are stopped with it */
    struct rm_name_list triggers;   /* they start it */
};

void rm_unit_links_done(struct rm_unit_links *links);

enum rm_load_state {
    RM_LOAD_UNKNOWN, /* the manager did not say: see `error` */
    RM_LOAD_ABSENT,  /* there is no unit of that name */
    RM_LOAD_FOUND
};

/* A question, and what is known after it.  Texts may be cut. */
struct rm_unit_info {
    char asked[RM_UNIT_NAME_MAX + 1]; /* whole, with its suffix */
    struct rm_unit_links *links;      /* to be filled in, or NULL */

    int error; /* -errno: why the manager did not say */
    enum rm_load_state load;
    bool active;                   /* active or reloading */
    char id[RM_UNIT_NAME_MAX + 1]; /* what the unit is called itself: `asked` may be an alias */
    char title[RM_TITLE_SIZE];     /* Description=, UTF-8; "" if there is none */
    uint32_t main_pid;             /* 0: none */

    char loaded[24], state[16], substate[32]; /* LoadState, ActiveState, SubState */
    char type[16], result[32];                /* Type= of a service; Result of its last run */
    int can_start, can_stop, refuses_start, refuses_stop, transient, remains, accepts, conditions_hold;
    int exit_code, exit_status;     /* of the main process: CLD_EXITED, ..., or 0 */
};

/* "nginx" is "nginx.service".  false: no unit can have that name. */
bool rm_unit_info_name(struct rm_unit_info *info, const char *name);

/* It runs, or will: it is starting, or waits to be started again after a failure. */
bool rm_unit_info_is_moving(const struct rm_unit_info *info);
bool rm_unit_info_is_down(const struct rm_unit_info *info);

/* One question, asked on its own. */
struct rm_question {
    struct rm_call call; /* first: a call is a question */
    struct rm_unit_info *info;
    void (*answered)(struct rm_question *question); /* or NULL */
};

/* One GetAll.  A unit that is not loaded is loaded for it, as by "systemctl show"; that needs no right and starts
 * nothing. */
int rm_question_send(struct rm_question *question, struct rm_manager *m);

/* Fills in `load` and what follows for each unit, or `error`: -ETIMEDOUT for those without an answer at the deadline.
 * Fails only with -ECANCELED, -EINTR and -ENOMEM. */
int rm_units_ask(struct rm_manager *m, struct rm_unit_info *units, uint32_t count, const struct rm_wait *wait);
