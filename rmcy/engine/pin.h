/* SPDX-License-Identifier: MIT
 *
 * A process that the engine may have to stop.  A pin is taken while the list is
 * made, between two looks at the process, and is the process itself: a number
 * that is given to another one later means nothing here.
 */
#pragma once

#include "restartmanager.h"
#include "wait.h"

#include <stdbool.h>
#include <stdint.h>

struct rm_pin;

/* By number and start time, for what is not in a list (tests, recovery).  -ESRCH: there is none. */
int rm_host_pin(const RM_UNIQUE_PROCESS *process, struct rm_pin **ret);
void rm_host_pin_free(struct rm_pin *pin);
RM_UNIQUE_PROCESS rm_host_pin_process(const struct rm_pin *pin);

enum rm_request { RM_REQUEST_END, RM_REQUEST_KILL };

/* -ESRCH: it has ended; -EPERM. */
int rm_host_pin_ask(const struct rm_pin *pin, enum rm_request request);
/* Has it ended?  A zombie has. */
bool rm_host_pin_ended(const struct rm_pin *pin);
/* Waits until one more of them has ended, and marks it; NULL and marked ones are passed over.  -ETIMEDOUT, -ECANCELED,
 * -EINTR. */
int rm_host_pins_wait(struct rm_pin *const pins[], bool ended[], uint32_t count, const struct rm_wait *wait);
