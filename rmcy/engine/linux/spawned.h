/* SPDX-License-Identifier: MIT
 *
 * Starting a program without a service manager.
 */
#pragma once

#include "restartmanager.h"
#include "wait.h"
#include "wish.h"

/* Called when the process is there and has not executed the program yet: it does so only if that returns 0. */
typedef int (*rm_spawn_before)(void *context, const RM_UNIQUE_PROCESS *process);

/* The caller is root or that user.  As -errno why it could not be executed; -ECHILD: it ended before it was. */
int rm_spawn(const struct rm_wish *wish, const struct rm_wait *wait, rm_spawn_before before, void *context,
             RM_UNIQUE_PROCESS *ret);
