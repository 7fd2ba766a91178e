/* SPDX-License-Identifier: MIT
 *
 * A pin, as this folder sees it: one pidfd.  A pidfd is the process itself for
 * ever, so its directory in /proc need not be held as well: it is opened by
 * number when it is wanted, and the pidfd tells afterwards whether the number
 * was still this process's.  That halves the descriptors of a list of
 * thousands.
 */
#pragma once

#include "pidref.h"
#include "pin.h"

/* Can processes be pinned by the numbers that this tree gives them?  -ENOSYS. */
int rm_pin_check(const struct rm_procfs *proc);

/* For a process that the caller has looked at: it must look again afterwards (rm_pidref_refresh), and the pin is of
 * this process if that still answers and -ESRCH otherwise. */
int rm_pin_open(const struct rm_pidref *ref, struct rm_pin **ret);

/* Its directory in /proc, to be closed by the caller.  -ESRCH: it has ended. */
int rm_pin_open_directory(const struct rm_pin *pin);

int rm_pin_fd(const struct rm_pin *pin);
