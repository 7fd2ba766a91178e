/* SPDX-License-Identifier: MIT
 *
 * Not there yet.
 */
#include "host.h"

#include <errno.h>

int rm_host_unit_cause(const char *name, uint32_t manager_uid, uint32_t *ret)
{
    (void)name, (void)manager_uid, (void)ret;
    return -ENOSYS;
}
