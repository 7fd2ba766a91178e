/* SPDX-License-Identifier: MIT
 *
 * What a program is to the one who asks: its name, whose it is, what kind, and
 * whether it could be stopped.
 *
 * Types are ours: a process of a *.service unit is a service; process 1, the
 * caller itself, and what the caller may not signal are critical; all others
 * are console programs, for Linux does not tell windows.
 */
#include "pass.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PIDFD_SEND_SIGNAL 424 /* as OPENAT2: one number for all */
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
    if (syscall(PIDFD_SEND_SIGNAL, ref->dir, 0, NULL, 0) == 0)
        return true;
    return p->no_signal_query && rule_allows(status);
}

bool rm_details_can_ask(const struct rm_pass *p)
{
    int self = openat(p->proc.fd, "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool can = self >= 0 && syscall(PIDFD_SEND_SIGNAL, self, 0, NULL, 0) == 0;
    if (self >= 0)
        close(self);
    return can;
}

static uint32_t session_of(const struct rm_pidref *ref)
{
    char text[32];
    uint64_t value;
    long n = rm_procfs_read(ref->dir, "sessionid", text, sizeof(text));
    if (n < 0 || rm_procfs_number(text, strcspn(text, "\n"), UINT32_MAX, &value) < 0)
        return (DWORD)RM_INVALID_TS_SESSION;
    return (uint32_t)value; /* "none" is 4294967295, which is RM_INVALID_TS_SESSION */
}

/* Links to programs without a name end in " (deleted)"; so may names. */
static void strip_deleted(char *path, const struct rm_pidref *ref, const struct rm_inode *exe)
{
    static const char mark[] = " (deleted)";
    size_t length = strlen(path);
    struct rm_inode named;
    if (length < sizeof(mark) || strcmp(path + length - (sizeof(mark) - 1), mark) != 0)
        return;
    if (!exe->nameless) {
        int root = openat(ref->dir, "root", O_PATH | O_CLOEXEC);
        bool real = root >= 0 && rm_inode_cached(root, path, &named) == 0 && rm_identity_equal(&named.id, &exe->id);
        if (root >= 0)
            close(root);
        if (real)
            return;
    }
    path[length - (sizeof(mark) - 1)] = '\0';
}

static void read_exe(const struct rm_pidref *ref, const struct rm_inode *exe, struct rm_details *d)
{
    ssize_t n = readlinkat(ref->dir, "exe", d->exe, sizeof(d->exe) - 1);
    if (n <= 0)
        return;
    d->exe[n] = '\0';
    strip_deleted(d->exe, ref, exe);
    d->program.exe = d->exe;
}

static void classify(const struct rm_pass *p, const struct rm_pidref *ref, const struct rm_status *status,
                     struct rm_details *d)
{
    struct rm_program *program = &d->program;
    if (ref->pid == p->proc.self)
        d->reason |= RmRebootReasonDetectedSelf;
    else if (!may_signal(p, ref, status))
        d->reason |= RmRebootReasonPermissionDenied;
    if (ref->pid == 1)
        d->reason |= RmRebootReasonCriticalProcess;
    program->ts_session = (DWORD)RM_INVALID_TS_SESSION;
    if (d->reason) {
        program->type = RmCritical;
    } else if (program->unit && rm_unit_is_service(program->unit)) {
        program->type = RmService;
        program->restartable = 1;
    } else {
        program->type = RmConsole;
        program->ts_session = session_of(ref);
    }
}

int rm_details_read(const struct rm_pass *p, const struct rm_pidref *ref, const struct rm_inode *exe,
                    const struct rm_unit *unit, struct rm_details *ret)
{
    struct rm_status status;
    int r = rm_status_read(ref->dir, &status);
    if (r < 0)
        return r;
    *ret = (struct rm_details){
        .program = {
            .process = rm_pidref_process(ref),
            .uid = status.effective_uid,
            .exe_identity = exe->id,
            .manager_uid = RMX_NO_UID,
            .status = RmStatusRunning,
        },
    };
    if (unit) {
        memcpy(ret->unit, unit->name, sizeof(ret->unit));
        ret->program.unit = ret->unit;
        ret->program.manager_uid = unit->manager_uid;
    }
    read_exe(ref, exe, ret);
    classify(p, ref, &status, ret);
    const char *slash = ret->program.exe ? strrchr(ret->program.exe, '/') : NULL;
    if (ret->program.type == RmService)
        ret->program.name = ret->unit;
    else if (slash && slash[1])
        ret->program.name = slash + 1;
    else
        ret->program.name = ref->stat.comm;
    return 0;
}
