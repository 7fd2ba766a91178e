/* SPDX-License-Identifier: MIT
 *
 * Why a program may not be stopped.  All of it is ours, but that the caller
 * itself is one:
 *
 * - the caller, and what it descends from;
 * - a service that holds one of these: it is stopped as one.  The others in a
 *   scope, such as a login's, are stopped one by one, so they are not meant;
 * - process 1, and what the system or somebody's login needs (vital.c);
 * - what the caller added (critical.h);
 * - what the caller may not signal.
 */
#include "calls.h"
#include "pass.h"
#include "unit.h"
#include "vital.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define CAP_KILL_BIT 5
#define CAPABILITY_VERSION 0x20080522u

static bool has_cap_kill(void)
{
    struct {
        uint32_t version;
        int pid;
    } header = {.version = CAPABILITY_VERSION};
    struct {
        uint32_t effective, permitted, inheritable;
    } data[2] = {0};
    return syscall(SYS_capget, &header, data) == 0 && data[0].effective & 1u << CAP_KILL_BIT;
}

/* kill(2)'s rule, for sandboxes where the question itself is refused. */
static bool rule_allows(const struct rm_status *status)
{
    uid_t effective = geteuid(), real = getuid();
    return has_cap_kill() || effective == status->real_uid || effective == status->saved_uid ||
           real == status->real_uid || real == status->saved_uid;
}

/* Signal 0 asks and sends nothing; a pin is as good as a pidfd for it. */
static bool may_signal(const struct rm_pass *p, const struct rm_pidref *ref, const struct rm_status *status)
{
    if (!p->proc.live)
        return rule_allows(status);
    if (syscall(RM_CALL_PIDFD_SEND_SIGNAL, ref->dir, 0, NULL, 0) == 0)
        return true;
    return p->no_signal_query && rule_allows(status);
}

bool rm_cause_can_ask(const struct rm_pass *p)
{
    int self = openat(p->proc.fd, "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool can = self >= 0 && syscall(RM_CALL_PIDFD_SEND_SIGNAL, self, 0, NULL, 0) == 0;
    if (self >= 0)
        close(self);
    return can;
}

static uint32_t reason_of_unit(const struct rm_program *program)
{
    return program->unit && rm_unit_is_service(program->unit) ? RmRebootReasonCriticalService
                                                              : RmRebootReasonCriticalProcess;
}

/* The caller, what it descends from, and the services that hold one of them. */
static uint32_t judge_family(const struct rm_pass *p, const struct rm_program *program)
{
    if (rm_family_has(&p->family, &program->process) ||
        (program->unit && rm_family_has_service(&p->family, program->unit, program->manager_uid)))
        return reason_of_unit(program);
    return 0;
}

uint32_t rm_cause_of_service(const struct rm_pass *p, const struct rm_program *program)
{
    bool critical = rm_vital_unit(program->unit, program->manager_uid) ||
                    (p->scan->critical && rm_critical_has(p->scan->critical, program));
    return critical ? RMX_CAUSE_CRITICAL : RMX_CAUSE_NONE;
}

/* Somebody's login: what sshd started to serve it.  Where no service manager could start the first sshd again, that
 * one counts as well: without it nobody comes in any more. */
static bool is_login(const struct rm_pass *p, const struct rm_program *program, const struct rm_inode *exe,
                     uint32_t parent)
{
    char name[16], path[RM_PATH_MAX + 1];
    struct rm_inode inode;
    if (!rm_vital_is_login(program->exe, exe))
        return false;
    if (!program->unit || !rm_unit_is_service(program->unit))
        return true;
    snprintf(name, sizeof(name), "%u", parent);
    int dir = openat(p->proc.fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return false;
    ssize_t n = readlinkat(dir, "exe", path, sizeof(path) - 1);
    bool known = n > 0 && rm_inode_at(dir, "exe", &inode) == 0;
    close(dir);
    if (!known)
        return false;
    path[n] = '\0';
    return rm_vital_is_login(path, &inode);
}

static uint32_t judge(const struct rm_pass *p, const struct rm_program *program, const struct rm_inode *exe,
                      uint32_t parent)
{
    if (program->process.dwProcessId == 1)
        return RmRebootReasonCriticalProcess;
    if (program->unit && rm_vital_unit(program->unit, program->manager_uid))
        return RmRebootReasonCriticalService;
    if (is_login(p, program, exe, parent))
        return RmRebootReasonCriticalProcess;
    if (p->scan->critical && rm_critical_has(p->scan->critical, program))
        return reason_of_unit(program);
    return 0;
}

/* Of several causes the nearest to the caller counts; each has its reason in the answer. */
void rm_cause_find(const struct rm_pass *p, const struct rm_pidref *ref, const struct rm_inode *exe,
                   const struct rm_status *status, struct rm_details *d)
{
    struct rm_program *program = &d->program;
    bool self = ref->pid == p->proc.self;
    uint32_t critical = judge(p, program, exe, status->parent), family = self ? 0 : judge_family(p, program);
    bool may = self || may_signal(p, ref, status);
    d->reason = critical | family;
    if (self)
        d->reason |= RmRebootReasonDetectedSelf;
    if (!may)
        d->reason |= RmRebootReasonPermissionDenied;
    if (self || (family && ref->pid != 1))
        program->cause = RMX_CAUSE_SELF;
    else if (critical)
        program->cause = RMX_CAUSE_CRITICAL;
    else if (!may)
        program->cause = RMX_CAUSE_PERMISSION;
}

int rm_cause_prepare(struct rm_pass *p)
{
    if (p->knows_family)
        return 0;
    int r = rm_family_read(p->proc.fd, p->proc.self, p->way->units, &p->family);
    p->knows_family = r == 0;
    return r;
}
