/* SPDX-License-Identifier: MIT
 *
 * Not there yet.
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

int rm_host_relaunch_start(const void *wish, size_t size, const char *unit, const struct rm_wait *wait,
                           RM_UNIQUE_PROCESS *ret)
{
    (void)wish, (void)size, (void)unit, (void)wait, (void)ret;
    return -ENOSYS;
}
