/* SPDX-License-Identifier: MIT
 *
 * The environment that a program begins with: nothing of the caller's.
 */
#pragma once

#include "wish.h"

/* A usual PATH, who the user is as far as /etc/passwd says, and over these what the program asked for.  One block, to
 * be freed. */
int rm_account_environment(const struct rm_wish *wish, char ***ret);
