/* SPDX-License-Identifier: MIT
 *
 * Waiting for one of several descriptors, as wait.h has it for one.
 */
#pragma once

#include "wait.h"

#include <poll.h>

/* Waits until one of `count` descriptors is ready, and says so in their `revents`; there is room for one more behind
 * them.  0, -ETIMEDOUT, -ECANCELED or -EINTR. */
int rm_wait_for_any(const struct rm_wait *wait, struct pollfd polled[], uint32_t count);
