/* SPDX-License-Identifier: MIT */
#include "host.h"
#include "pass.h"

/* The service manager has nothing else. */
bool rm_host_unit_is_service(const char *name)
{
    (void)name;
    return true;
}

int rm_host_unit_cause(const char *name, uint32_t manager_uid, uint32_t *ret)
{
    struct rm_services services;
    (void)manager_uid;
    if (rm_cause_is_critical_service(name)) {
        *ret = RMX_CAUSE_CRITICAL;
        return 0;
    }
    int r = rm_services_read(&services);
    if (r < 0)
        return r;
    const struct rm_service *service = rm_services_find(&services, name);
    *ret = service && service->pid == GetCurrentProcessId() ? RMX_CAUSE_SELF : RMX_CAUSE_NONE;
    rm_services_done(&services);
    return 0;
}
