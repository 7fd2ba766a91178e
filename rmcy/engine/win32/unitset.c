/* SPDX-License-Identifier: MIT
 *
 * Services that depend on one that is to be stopped go down before it.  They
 * are found by what the registry says that each running service needs:
 * EnumDependentServices and QueryServiceConfig, which would tell, say nothing
 * of it where this runs.  Groups of services are not followed (ours).
 *
 * Nothing here starts a service that somebody stopped, so there are no
 * triggers.
 */
#include "members.h"

#include "error.h"
#include "host.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NEEDS L"DependOnService"

int rm_host_unitset_new(struct rm_unitset **ret)
{
    struct rm_unitset *set = calloc(1, sizeof(*set));
    if (!set)
        return -ENOMEM;
    *ret = set;
    return 0;
}

static void forget(struct rm_unitset *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        free(set->units[i]->needs);
        free(set->units[i]);
    }
    set->count = 0;
}

void rm_host_unitset_free(struct rm_unitset *set)
{
    if (!set)
        return;
    forget(set);
    free(set->units);
    free(set->asked);
    free(set);
}

int rm_host_unitset_add(struct rm_unitset *set, const char *name, uint32_t manager_uid)
{
    WCHAR wide[RM_SERVICE_UNITS + 1];
    size_t length = rm_text_from_bytes(name, wide, RM_SERVICE_UNITS);
    (void)manager_uid; /* there is one */
    if (!length || length == RM_SERVICE_UNITS || wcschr(wide, L'/') || wcschr(wide, L'\\'))
        return -EINVAL;
    forget(set);
    for (uint32_t i = 0; i < set->asked_count; i++)
        if (_wcsicmp(set->asked[i], wide) == 0)
            return 0;
    void *larger = realloc(set->asked, (set->asked_count + 1) * sizeof(*set->asked));
    if (!larger)
        return -ENOMEM;
    set->asked = larger;
    wcscpy(set->asked[set->asked_count++], wide);
    return 0;
}

/* ---- one of them ---- */

static int add(struct rm_unitset *set, const WCHAR *name, struct rm_unit **ret)
{
    if (set->count == set->space) {
        uint32_t space = set->space ? set->space * 2 : 8;
        struct rm_unit **larger = realloc(set->units, space * sizeof(*larger));
        if (!larger)
            return -ENOMEM;
        set->units = larger;
        set->space = space;
    }
    struct rm_unit *unit = calloc(1, sizeof(*unit));
    if (!unit)
        return -ENOMEM;
    wcsncpy(unit->wide, name, RM_SERVICE_UNITS - 1);
    rm_text_to_bytes(unit->wide, unit->name, sizeof(unit->name) - 1);
    snprintf(unit->title, sizeof(unit->title), "%s", unit->name);
    unit->member = (struct rm_unit_member){
        .name = unit->name,
        .title = unit->title,
        .manager_uid = RMX_NO_UID,
        .because = UINT32_MAX,
    };
    set->units[set->count++] = unit;
    *ret = unit;
    return 0;
}

/* From where the service manager keeps it. */
static int read_needs(struct rm_unit *unit)
{
    WCHAR key[RM_SERVICE_UNITS + 64];
    DWORD size = 0;
    _snwprintf(key, sizeof(key) / sizeof(*key), L"System\\CurrentControlSet\\Services\\%ls", unit->wide);
    if (RegGetValueW(HKEY_LOCAL_MACHINE, key, NEEDS, RRF_RT_REG_MULTI_SZ, NULL, NULL, &size) != ERROR_SUCCESS)
        return 0;
    unit->needs = calloc(1, size + 2 * sizeof(*unit->needs));
    if (!unit->needs)
        return -ENOMEM;
    /* It may have become another list meanwhile: what does not fit is none. */
    if (RegGetValueW(HKEY_LOCAL_MACHINE, key, NEEDS, RRF_RT_REG_MULTI_SZ, NULL, unit->needs, &size) != ERROR_SUCCESS)
        unit->needs[0] = unit->needs[1] = 0;
    return 0;
}

static int read_config(SC_HANDLE service, struct rm_unit *unit)
{
    QUERY_SERVICE_CONFIGW *config = NULL;
    DWORD size = 0;
    for (int attempt = 0; attempt < 2; attempt++) {
        DWORD needed = 0;
        if (QueryServiceConfigW(service, config, size, &needed))
            break;
        free(config);
        config = NULL;
        if (GetLastError() != ERROR_INSUFFICIENT_BUFFER || attempt)
            return rm_last_error();
        size = needed;
        config = calloc(1, size);
        if (!config)
            return -ENOMEM;
    }
    unit->member.startable = config->dwStartType != SERVICE_DISABLED;
    unit->own = config->dwServiceType & SERVICE_WIN32_OWN_PROCESS;
    if (config->lpDisplayName && *config->lpDisplayName && wcslen(config->lpDisplayName) < RM_SERVICE_UNITS) {
        long n = rm_text_to_bytes(config->lpDisplayName, unit->title, sizeof(unit->title) - 1);
        unit->title[n > 0 ? n : 0] = '\0';
    }
    free(config);
    return read_needs(unit);
}

static bool may_stop(SC_HANDLE manager, const WCHAR *name)
{
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_STOP);
    if (service)
        CloseServiceHandle(service);
    return service || GetLastError() != ERROR_ACCESS_DENIED;
}

static void judge(SC_HANDLE manager, const struct rm_unit_state *state, struct rm_unit *unit)
{
    struct rm_unit_member *member = &unit->member;
    member->active = state->state != SERVICE_STOPPED;
    member->stopping = state->state == SERVICE_STOP_PENDING;
    if (member->active && state->pid)
        rm_host_process(state->pid, &member->main_process);
    if (member->active && !member->stopping && !may_stop(manager, unit->wide))
        member->cause = RMX_CAUSE_PERMISSION;
    else if (state->state == SERVICE_RUNNING && !(state->controls & SERVICE_ACCEPT_STOP))
        member->cause = RMX_CAUSE_REFUSES;
}

/* 1: it is there, 0: no such service. */
static int read_unit(SC_HANDLE manager, const WCHAR *name, struct rm_unitset *set, struct rm_unit **ret)
{
    struct rm_unit_state state;
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG);
    if (!service && GetLastError() != ERROR_ACCESS_DENIED)
        return 0;
    int r = add(set, name, ret);
    if (r == 0 && service)
        r = rm_unit_state_ask(service, &state);
    if (r == 0 && service)
        r = read_config(service, *ret);
    if (r == 0 && service)
        judge(manager, &state, *ret);
    if (service)
        CloseServiceHandle(service);
    if (r == -ENOMEM)
        return r;
    if (r < 0 || !service)
        (*ret)->member.cause = service ? RMX_CAUSE_UNREACHABLE : RMX_CAUSE_PERMISSION;
    return 1;
}

/* ---- all of them ---- */

static bool has(const struct rm_unitset *set, const WCHAR *name)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (_wcsicmp(set->units[i]->wide, name) == 0)
            return true;
    return false;
}

/* The member that goes down with it, or UINT32_MAX. */
static uint32_t find_needed(const struct rm_unitset *set, const struct rm_unit *unit)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->units[i]->member.active && rm_unit_needs(unit, set->units[i]))
            return i;
    return UINT32_MAX;
}

static int move_in(struct rm_unitset *set, struct rm_unit *from)
{
    struct rm_unit *unit;
    int r = add(set, from->wide, &unit);
    if (r < 0)
        return r;
    struct rm_unit_member member = unit->member;
    *unit = *from;
    from->needs = NULL;
    member.part = RM_UNIT_DEPENDENT;
    member.because = from->member.because;
    member.cause = from->member.cause;
    member.active = from->member.active;
    member.stopping = from->member.stopping;
    member.startable = from->member.startable;
    member.main_process = from->member.main_process;
    unit->member = member;
    return 0;
}

static int add_dependents(struct rm_unitset *set, SC_HANDLE manager, const struct rm_wait *wait)
{
    struct rm_services services;
    struct rm_unitset others = {0};
    struct rm_unit *unit;
    bool more = true;
    int r = rm_services_read(&services);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    for (size_t i = 0; r >= 0 && i < services.count; i++) {
        if (services.at[i].pid && !has(set, services.at[i].name))
            r = read_unit(manager, services.at[i].name, &others, &unit);
        if (r >= 0 && rm_wait_check(wait) == -ECANCELED)
            r = -ECANCELED;
    }
    while (r >= 0 && more) {
        more = false;
        for (uint32_t i = 0; r >= 0 && i < others.count; i++) {
            struct rm_unit *other = others.units[i];
            other->member.because = has(set, other->wide) ? UINT32_MAX : find_needed(set, other);
            if (other->member.because == UINT32_MAX)
                continue;
            r = move_in(set, other);
            more = true;
        }
    }
    forget(&others);
    free(others.units);
    rm_services_done(&services);
    return r < 0 ? r : 0;
}

static int add_unreachable(struct rm_unitset *set)
{
    struct rm_unit *unit;
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < set->asked_count; i++) {
        r = add(set, set->asked[i], &unit);
        if (r == 0)
            unit->member.cause = RMX_CAUSE_UNREACHABLE;
    }
    return r;
}

int rm_host_unitset_resolve(struct rm_unitset *set, const struct rm_wait *wait)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
    struct rm_unit *unit;
    bool active = false;
    int r = 0;
    forget(set);
    if (!manager)
        return add_unreachable(set);
    for (uint32_t i = 0; r >= 0 && i < set->asked_count; i++) {
        r = read_unit(manager, set->asked[i], set, &unit);
        active |= r > 0 && unit->member.active;
    }
    if (r >= 0 && active)
        r = add_dependents(set, manager, wait);
    CloseServiceHandle(manager);
    return r < 0 ? r : 0;
}

uint32_t rm_host_unitset_count(const struct rm_unitset *set)
{
    return set->count;
}

const struct rm_unit_member *rm_host_unitset_at(const struct rm_unitset *set, uint32_t index)
{
    return &set->units[index]->member;
}

uint32_t rm_host_unitset_find(const struct rm_unitset *set, const char *name, uint32_t manager_uid)
{
    WCHAR wide[RM_SERVICE_UNITS + 1];
    (void)manager_uid;
    rm_text_from_bytes(name, wide, RM_SERVICE_UNITS);
    for (uint32_t i = 0; i < set->count; i++)
        if (_wcsicmp(set->units[i]->wide, wide) == 0)
            return i;
    return UINT32_MAX;
}
