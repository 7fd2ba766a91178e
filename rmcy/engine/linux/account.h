/* SPDX-License-Identifier: MIT
 *
 * What /etc/passwd and /etc/group say of a user.  Ours: they are read
 * themselves and no name service is asked, for that may wait for a network.
 */
#pragma once

#include "wish.h"

#include <stdbool.h>

/* The environment that a program begins with, with nothing of the caller's: a usual PATH, who the user is as far as /etc/passwd says, and over these what the program asked for.  One block, to
 * be freed. */
int rm_account_environment(const struct rm_wish *wish, char ***ret);

/* Is the program's group the one that its user has at a login? */
bool rm_account_has_usual_group(const struct rm_wish *wish);
/* Which of the program's groups have a name: true or false for each; to be freed. */
int rm_account_named_groups(const struct rm_wish *wish, bool **ret);
