/* SPDX-License-Identifier: MIT
 *
 * A parent that ends while this is read leaves its child to another one, so
 * the child is asked again.
 */
#include "family.h"

#include "pidref.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GENERATIONS 4096 /* ours: no more are read; whoever nests deeper is not stopped by one of the first either */
#define ATTEMPTS 10      /* ours: times that a parent may end while it is looked for */

void rm_family_done(struct rm_family *family)
{
    free(family->processes);
    free(family->services);
    *family = (struct rm_family){0};
}

bool rm_family_has(const struct rm_family *family, const RM_UNIQUE_PROCESS *process)
{
    for (size_t i = 0; i < family->process_count; i++)
        if (memcmp(&family->processes[i], process, sizeof(*process)) == 0)
            return true;
    return false;
}

bool rm_family_has_service(const struct rm_family *family, const char *name, uint32_t manager_uid)
{
    for (size_t i = 0; i < family->service_count; i++)
        if (family->services[i].manager_uid == manager_uid && strcmp(family->services[i].name, name) == 0)
            return true;
    return false;
}

static int reserve(void **array, size_t *space, size_t count, size_t item)
{
    if (count < *space)
        return 0;
    void *larger = reallocarray(*array, *space ? *space * 2 : 8, item);
    if (!larger)
        return -ENOMEM;
    *array = larger;
    *space = *space ? *space * 2 : 8;
    return 0;
}

static int add_service(struct rm_family *f, const struct rm_pidref *ref)
{
    struct rm_unit unit;
    int r = rm_unit_read(ref->dir, &unit);
    if (r == -ENOENT || r == -ESRCH)
        return 0;
    if (r < 0 || !rm_unit_is_service(unit.name) || rm_family_has_service(f, unit.name, unit.manager_uid))
        return r;
    r = reserve((void **)&f->services, &f->service_space, f->service_count, sizeof(*f->services));
    if (r == 0)
        f->services[f->service_count++] = unit;
    return r;
}

static int add(struct rm_family *f, const struct rm_pidref *ref, bool with_units)
{
    int r = reserve((void **)&f->processes, &f->process_space, f->process_count, sizeof(*f->processes));
    if (r < 0)
        return r;
    f->processes[f->process_count++] = rm_pidref_process(ref);
    return with_units ? add_service(f, ref) : 0;
}

/* -ESRCH: there is none, or none that this tree shows. */
static int open_parent(int proc, const struct rm_pidref *child, struct rm_pidref *ret)
{
    struct rm_status status;
    int r = -ESRCH;
    for (int attempt = 0; r == -ESRCH && attempt < ATTEMPTS; attempt++) {
        r = rm_status_read(child->dir, &status);
        if (r == 0)
            r = status.parent ? rm_pidref_open(proc, status.parent, ret) : -ENOENT;
    }
    /* Hidden from the caller, who may do nothing to it then. */
    return r == -ENOENT || r == -EACCES || r == -EPERM ? -ESRCH : r;
}

int rm_family_read(int proc, uint32_t self, bool with_units, struct rm_family *ret)
{
    struct rm_family family = {0};
    struct rm_pidref ref, parent;
    int r = self ? rm_pidref_open(proc, self, &ref) : -ESRCH;
    for (int n = 0; r == 0 && n < GENERATIONS; n++) {
        r = add(&family, &ref, with_units);
        if (r == 0)
            r = open_parent(proc, &ref, &parent);
        rm_pidref_done(&ref);
        if (r == 0)
            ref = parent;
    }
    if (r == 0)
        rm_pidref_done(&ref);
    if (r < 0 && r != -ESRCH) {
        rm_family_done(&family);
        return r;
    }
    *ret = family;
    return 0;
}
