/* SPDX-License-Identifier: MIT
 *
 * What another process registered about its coming back, found through that
 * process: in its own user's store, for the program that it runs now.
 */
#pragma once

#include "credentials.h"
#include "wish.h"

#include <stdint.h>

/* dir: of the process, in /proc.  -ENOENT: nothing, or nothing for after a patch.  Ours: nothing either if it has
 * changed its user or group, is in another namespace of processes or of time, or has another root. */
int rm_wished_read(int dir, uint32_t pid, struct rm_credentials *ret_credentials, struct rm_wish **ret);
/* Has it registered anything?  1 or 0; -ENOMEM. */
int rm_wished(int dir, uint32_t pid);
