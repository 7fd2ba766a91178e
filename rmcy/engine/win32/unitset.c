/* SPDX-License-Identifier: MIT
 *
 * Not there yet.
 */
#include "unitset.h"

#include <errno.h>
#include <stddef.h>

int rm_host_unitset_new(struct rm_unitset **ret)
{
    (void)ret;
    return -ENOSYS;
}

void rm_host_unitset_free(struct rm_unitset *set)
{
    (void)set;
}

int rm_host_unitset_add(struct rm_unitset *set, const char *name, uint32_t manager_uid)
{
    (void)set, (void)name, (void)manager_uid;
    return -ENOSYS;
}

int rm_host_unitset_resolve(struct rm_unitset *set, const struct rm_wait *wait)
{
    (void)set, (void)wait;
    return -ENOSYS;
}

uint32_t rm_host_unitset_count(const struct rm_unitset *set)
{
    (void)set;
    return 0;
}

const struct rm_unit_member *rm_host_unitset_at(const struct rm_unitset *set, uint32_t index)
{
    (void)set, (void)index;
    return NULL;
}

uint32_t rm_host_unitset_find(const struct rm_unitset *set, const char *name, uint32_t manager_uid)
{
    (void)set, (void)name, (void)manager_uid;
    return UINT32_MAX;
}

int rm_host_unitset_run(struct rm_unitset *set, enum rm_unit_job job, const uint32_t members[], uint32_t count,
                        const struct rm_wait *wait, rm_unit_done done, void *context)
{
    (void)set, (void)job, (void)members, (void)count, (void)wait, (void)done, (void)context;
    return -ENOSYS;
}

int rm_host_unitset_is_up(struct rm_unitset *set, uint32_t index, const struct rm_wait *wait, bool *ret_up,
                          RM_UNIQUE_PROCESS *ret_main)
{
    (void)set, (void)index, (void)wait, (void)ret_up, (void)ret_main;
    return -ENOSYS;
}
