/* SPDX-License-Identifier: MIT
 *
 * What a program registered about its coming back.
 */
#include "relaunch.h"

#include <errno.h>

int rm_host_relaunch_register(const RMX_RELAUNCH *how)
{
    (void)how;
    return -ENOSYS;
}

int rm_host_relaunch_read(const struct rm_pin *pin, void **ret, size_t *ret_size)
{
    (void)pin, (void)ret, (void)ret_size;
    return -ENOENT;
}
