/* SPDX-License-Identifier: MIT
 *
 * One pass over the processes.  The table of handles is read first, then the
 * list of processes: what comes up after that is not in the answer, as it would
 * not be in one that was asked for a moment earlier.
 *
 * A process is read through one handle, which keeps its number from being given
 * to another: nothing has to be looked at twice.
 *
 * RMX_GET_MINE is not for here: the twelve functions have no flags.
 */
#include "items.h"
#include "error.h"
#include "pass.h"
#include "pinned.h"
#include "procref.h"

#include <errno.h>
#include <stdlib.h>
#include <tlhelp32.h>

#define IDLE_PID 0
#define SYSTEM_PID 4 /* the kernel: it cannot be looked at, nor stopped */

const char *rm_host_scanner(void)
{
    return "handles";
}

const char *rm_host_scanners(void)
{
    return "handles";
}

/* ---- one process ---- */

struct reading {
    HANDLE process;
    RM_UNIQUE_PROCESS known;
    bool denied, registered;
};

static bool is_registered(const struct rm_pass *p, const RM_UNIQUE_PROCESS *process)
{
    const struct rm_resources *resources = p->scan->resources;
    for (uint32_t i = 0; i < rm_resources_process_count(resources); i++)
        if (rm_process_is_same(rm_resources_process(resources, i), process))
            return true;
    return false;
}

static bool is_registered_service(const struct rm_pass *p, const struct rm_service *service)
{
    const struct rm_resources *resources = p->scan->resources;
    for (uint32_t i = 0; i < rm_resources_service_count(resources); i++)
        if (rm_services_find(&p->services, rm_resources_service(resources, i)) == service)
            return true;
    return false;
}

static int add(struct rm_pass *p, const struct reading *d, const struct rm_service *service)
{
    struct rm_details *details = malloc(sizeof(*details));
    struct rm_pin *pin;
    int r = details ? rm_details_read(p, d->process, &d->known, service, details) : -ENOMEM;
    if (r == 0)
        r = rm_answer_add_program(p->answer, &details->program);
    for (size_t i = 0; r == 0 && i < p->found_count; i++) {
        const struct rm_found *f = &p->found[i];
        r = rm_answer_add_use(p->answer, f->file, f->kind, false, f->device, f->inode);
    }
    if (r == 0)
        rm_answer_add_reason(p->answer, details->reason);
    /* Services are their manager's to stop. */
    if (r == 0 && p->scan->pin && !service) {
        r = rm_pin_open(d->process, &d->known, &pin);
        if (r == 0)
            r = rm_answer_add_pin_take(p->answer, pin);
    }
    free(details);
    return r;
}

/* One row for each service that it runs; where it holds nothing itself, only for those that were asked for. */
static int add_services(struct rm_pass *p, const struct reading *d, bool *ret_any)
{
    bool all = p->found_count || d->registered;
    int r = 0;
    *ret_any = false;
    for (size_t i = 0; r == 0 && i < p->services.count; i++) {
        const struct rm_service *service = &p->services.at[i];
        if (service->pid != d->known.dwProcessId || (!all && !is_registered_service(p, service)))
            continue;
        *ret_any = true;
        r = add(p, d, service);
    }
    return r;
}

static int conclude(struct rm_pass *p, const struct reading *d)
{
    bool any;
    int r = 0;
    if (d->denied)
        r = rm_answer_add_skip(p->answer, RMX_SKIP_PERMISSION, d->known.dwProcessId);
    else
        rm_answer_counts(p->answer)->processes++;
    if (r == 0)
        r = add_services(p, d, &any);
    return r == 0 && !any && (p->found_count || d->registered) ? add(p, d, NULL) : r;
}

static bool looks_for_files(const struct rm_pass *p)
{
    return rm_resources_file_count(p->scan->resources) > rm_resources_odd_count(p->scan->resources);
}

/* What it may not be asked is left out, and said. */
static int open_to_read(uint32_t pid, struct reading *d)
{
    int r = rm_process_open(pid, PROCESS_DUP_HANDLE, &d->process);
    d->denied = r == -EACCES;
    if (d->denied)
        r = rm_process_open(pid, 0, &d->process);
    if (r < 0)
        return r;
    r = rm_process_identify(d->process, pid, &d->known);
    if (r < 0)
        CloseHandle(d->process);
    return r;
}

static int read_process(struct rm_pass *p, uint32_t pid)
{
    struct reading d = {0};
    int r = open_to_read(pid, &d);
    if (r == -ESRCH)
        return 0;
    if (r < 0)
        return r == -ENOMEM ? r
                            : rm_answer_add_skip(p->answer, r == -EACCES ? RMX_SKIP_PERMISSION : RMX_SKIP_ERROR, pid);
    p->found_count = 0;
    if (!d.denied && looks_for_files(p)) {
        r = rm_holdings_files(p, d.process, pid);
        if (r == 0)
            r = rm_holdings_modules(p, pid);
        /* Ours: what cannot be looked at because it begins or ends just now holds nothing. */
        if (r == -EACCES)
            d.denied = !rm_process_ended(d.process);
        else if (r == -EIO)
            r = rm_process_ended(d.process) ? 0 : rm_answer_add_skip(p->answer, RMX_SKIP_ERROR, pid);
        if (r == -EACCES || r == -ESRCH)
            r = 0;
    }
    d.registered = is_registered(p, &d.known);
    if (r == 0 && !rm_process_ended(d.process))
        r = conclude(p, &d);
    CloseHandle(d.process);
    return r;
}

/* ---- all of them ---- */

static int read_processes(struct rm_pass *p)
{
    PROCESSENTRY32W entry = {.dwSize = sizeof(entry)};
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        return rm_last_error();
    int r = 0;
    for (BOOL more = Process32FirstW(snapshot, &entry); r == 0 && more; more = Process32NextW(snapshot, &entry)) {
        uint32_t pid = entry.th32ProcessID;
        if (pid == IDLE_PID || pid == SYSTEM_PID ||
            (p->scan->flags & RMX_GET_SKIP_SELF && pid == GetCurrentProcessId()))
            continue;
        r = rm_wait_check(p->scan->wait);
        if (r == 0)
            r = read_process(p, pid);
    }
    CloseHandle(snapshot);
    return r;
}

static int add_missing_services(struct rm_pass *p)
{
    const struct rm_resources *resources = p->scan->resources;
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < rm_resources_service_count(resources); i++)
        if (!rm_services_find(&p->services, rm_resources_service(resources, i)))
            r = rm_answer_add_missing(p->answer, rm_resources_service(resources, i));
    return r;
}

int rm_host_scan(const struct rm_scan *scan, struct rm_answer *answer)
{
    struct rm_pass p = {.scan = scan, .answer = answer};
    int r = 0;
    if (!looks_for_files(&p) && !rm_resources_process_count(scan->resources) &&
        !rm_resources_service_count(scan->resources))
        return 0;
    r = rm_services_read(&p.services);
    if (r == 0 && looks_for_files(&p))
        r = rm_handles_read(&p.handles);
    if (r == 0)
        r = rm_desktop_read(&p.desktop);
    if (r == 0)
        r = read_processes(&p);
    if (r == 0)
        r = add_missing_services(&p);
    rm_holdings_done(&p);
    rm_desktop_done(&p.desktop);
    rm_handles_done(&p.handles);
    rm_services_done(&p.services);
    return r;
}
