/* SPDX-License-Identifier: MIT
 *
 * A plan while it is made.
 */
#pragma once

#include "plan.h"

/* Is it to be stopped, as far as is known? */
bool rm_plan_stops(const struct rm_item *item);
/* Asks the managers, adds what goes with the services that are there, and says how each is stopped and comes back. */
int rm_plan_services(struct rm_plan *plan, const struct rm_session *session, const RMX_ACCOUNT *only,
                     const struct rm_wait *wait);
