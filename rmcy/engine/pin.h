/* SPDX-License-Identifier: MIT
 *
 * A process that the engine may have to stop.  A pin is taken while the list is
 * made, between two looks at the process, and is the process itself: a number
 * that is given to another one later means nothing here.
 */
#pragma once

#include "restartmanager_ext.h"
#include "wait.h"

#include <stdbool.h>
#include <stdint.h>

struct rm_pin;

/* By number and start time, for what is not in a list (tests, recovery).  -ESRCH: there is none; -ENOSYS: this system
 * or sandbox cannot pin. */
int rm_host_pin(const RM_UNIQUE_PROCESS *process, struct rm_pin **ret);
void rm_host_pin_free(struct rm_pin *pin);
/* An array of them, as a list has it, and itself; NULL entries are passed over. */
void rm_host_pins_free(struct rm_pin **pins, uint32_t count);
RM_UNIQUE_PROCESS rm_host_pin_process(const struct rm_pin *pin);

enum rm_request { RM_REQUEST_END, RM_REQUEST_KILL };

/* END: SIGTERM, and whoever is stopped is continued so that it can act on it.  KILL: SIGKILL.  -ESRCH: it has ended, be
 * it a zombie or gone; -EPERM. */
int rm_host_pin_ask(const struct rm_pin *pin, enum rm_request request);
/* Has it ended?  A zombie has. */
bool rm_host_pin_ended(const struct rm_pin *pin);
/* Waits until one more of them has ended, and marks each that has; NULL and marked ones are passed over.  With nobody
 * to wait for it waits for the deadline.  Of more than 256 it is the first 256 living ones that end the wait; the
 * others are seen when their turn comes, at the latest at the deadline.  -ETIMEDOUT: nobody; -ECANCELED, -EINTR. */
int rm_host_pins_wait(struct rm_pin *const pins[], bool ended[], uint32_t count, const struct rm_wait *wait);
