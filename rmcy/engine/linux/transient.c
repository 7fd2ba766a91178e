/* SPDX-License-Identifier: MIT */
#include "transient.h"

#include <errno.h>

bool rm_transient_has_manager(uint32_t uid)
{
    (void)uid;
    return false;
}

int rm_transient_start(const struct rm_wish *wish, const char *unit, uint32_t manager_uid, const struct rm_wait *wait,
                       RM_UNIQUE_PROCESS *ret)
{
    (void)wish, (void)unit, (void)manager_uid, (void)wait, (void)ret;
    return -EHOSTUNREACH;
}
