/* SPDX-License-Identifier: MIT
 *
 * The registered services of one pass, and the long names of services: what
 * control groups cannot tell and only a service manager can.
 */
#pragma once

#include "properties.h"
#include "pass.h"

struct rm_services;

/* Asks what the registered services are.  Without a service manager on this system none of them is. */
int rm_services_new(const struct rm_pass *p, struct rm_services **ret);
void rm_services_free(struct rm_services *s);

/* Is that unit registered, by its own name or by an alias? */
bool rm_services_has(const struct rm_services *s, const struct rm_unit *unit);
/* A process of that unit has been listed. */
void rm_services_saw(struct rm_services *s, const struct rm_unit *unit);

/* The unit's long name; NULL if it cannot be had in a second. */
int rm_services_title(struct rm_services *s, const struct rm_unit *unit, const char **ret);

/* Adds to the answer what no process stands for. */
int rm_services_conclude(struct rm_services *s, struct rm_answer *answer);
