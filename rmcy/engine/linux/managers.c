/* SPDX-License-Identifier: MIT */
#include "managers.h"

#include <errno.h>
#include <stdlib.h>

static int make_room(struct rm_managers *set)
{
    if (set->count < set->space)
        return 0;
    if (set->count >= RM_MANAGERS_MAX)
        return -EHOSTUNREACH;
    uint32_t space = set->space ? set->space * 2 : 4;
    struct rm_manager **managers = reallocarray(set->managers, space, sizeof(struct rm_manager *));
    if (!managers)
        return -ENOMEM;
    set->managers = managers;
    struct rm_reach *reaches = reallocarray(set->reaches, space, sizeof(*reaches));
    if (!reaches)
        return -ENOMEM;
    set->reaches = reaches;
    set->space = space;
    return 0;
}

int rm_managers_get(struct rm_managers *set, uint32_t uid, const struct rm_wait *wait, struct rm_manager **ret)
{
    uint32_t i = 0;
    while (i < set->count && set->reaches[i].uid != uid)
        i++;
    if (i == set->count) {
        struct rm_manager *m = NULL;
        int r = make_room(set);
        if (r == 0)
            r = rm_manager_open(uid, wait, &m);
        if (r == -ENOMEM || r == -ECANCELED || r == -EINTR || i == set->space)
            return r;
        set->managers[i] = m;
        set->reaches[i] = (struct rm_reach){uid, r};
        set->count++;
    }
    if (set->managers[i])
        *ret = set->managers[i];
    return set->reaches[i].error;
}

void rm_managers_done(struct rm_managers *set)
{
    for (uint32_t i = 0; i < set->count; i++)
        rm_manager_free(set->managers[i]);
    free(set->managers);
    free(set->reaches);
    *set = (struct rm_managers){0};
}
