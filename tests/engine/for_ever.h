/* SPDX-License-Identifier: MIT
 *
 * A wait that nothing but its own end ends: the test's time-out is the limit.
 */
#pragma once

#include "wait.h"

static const struct rm_wait for_ever = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
