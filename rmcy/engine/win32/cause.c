/* SPDX-License-Identifier: MIT
 *
 * Why a program may not be stopped:
 *
 * - it is the caller;
 * - it is one of the critical system services that Microsoft lists, by the
 *   program's or the service's name (ours: whoever has that name), or what a
 *   caller added;
 * - the caller may not end it, or (ours: as much as that) it is in another
 *   session than the caller.
 */
#include "critical.h"
#include "pass.h"
#include "procref.h"

#include <wchar.h>

static const WCHAR *const programs[] = {
    L"smss.exe", L"csrss.exe", L"wininit.exe", L"logonui.exe", L"lsass.exe", L"services.exe", L"winlogon.exe", L"System",
};

/* What the svchost processes run that are on that list: RPCSS, Dcom and PnP. */
static const char *const services[] = {"RpcSs", "RpcEptMapper", "DcomLaunch", "PlugPlay"};

static bool is_critical_program(const WCHAR *path)
{
    const WCHAR *slash = wcsrchr(path, L'\\');
    const WCHAR *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
        if (_wcsicmp(programs[i], name) == 0)
            return true;
    return false;
}

bool rm_cause_is_critical_service(const char *name)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
        if (_stricmp(services[i], name) == 0)
            return true;
    return false;
}

static bool may_end(uint32_t pid)
{
    HANDLE process;
    int r = rm_process_open(pid, PROCESS_TERMINATE, &process);
    if (r == 0)
        CloseHandle(process);
    return r == 0;
}

static bool is_elsewhere(const struct rm_program *program)
{
    DWORD mine, theirs;
    return ProcessIdToSessionId(GetCurrentProcessId(), &mine) &&
           ProcessIdToSessionId(program->process.dwProcessId, &theirs) && mine != theirs;
}

void rm_cause_find(const struct rm_pass *p, struct rm_details *d)
{
    struct rm_program *program = &d->program;
    bool added = p->scan->critical && rm_critical_has(p->scan->critical, program);
    d->reason = RmRebootReasonNone;
    if (program->process.dwProcessId == GetCurrentProcessId()) {
        program->cause = RMX_CAUSE_SELF;
        d->reason = RmRebootReasonDetectedSelf;
    } else if (program->unit && (added || rm_cause_is_critical_service(program->unit))) {
        program->cause = RMX_CAUSE_CRITICAL;
        d->reason = RmRebootReasonCriticalService;
    } else if (added || is_critical_program(d->path)) {
        program->cause = RMX_CAUSE_CRITICAL;
        d->reason = RmRebootReasonCriticalProcess;
    } else if (program->unit) { /* its manager tells whether it may be stopped */
        program->cause = RMX_CAUSE_NONE;
    } else if (is_elsewhere(program)) {
        program->cause = RMX_CAUSE_PERMISSION;
        d->reason = RmRebootReasonSessionMismatch;
    } else if (!may_end(program->process.dwProcessId)) {
        program->cause = RMX_CAUSE_PERMISSION;
        d->reason = RmRebootReasonPermissionDenied;
    }
}
