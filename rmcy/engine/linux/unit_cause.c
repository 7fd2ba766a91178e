/* SPDX-License-Identifier: MIT
 *
 * Why a unit may not be stopped that holds nothing itself and would go down
 * with another one.
 */
#include "family.h"
#include "host.h"
#include "procfs.h"
#include "vital.h"

int rm_host_unit_cause(const char *name, uint32_t manager_uid, uint32_t *ret)
{
    struct rm_family family;
    struct rm_procfs proc;
    int r;
    if (rm_vital_unit(name, manager_uid)) {
        *ret = RMX_CAUSE_CRITICAL;
        return 0;
    }
    r = rm_procfs_open("/proc", &proc);
    if (r < 0)
        return r;
    r = rm_family_read(proc.fd, proc.self, true, &family);
    rm_procfs_done(&proc);
    if (r < 0)
        return r;
    *ret = rm_family_has_service(&family, name, manager_uid) ? RMX_CAUSE_SELF : RMX_CAUSE_NONE;
    rm_family_done(&family);
    return 0;
}
