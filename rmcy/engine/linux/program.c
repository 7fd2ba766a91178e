/* SPDX-License-Identifier: MIT
 *
 * What a program is to the one who asks: its name, whose it is, and what kind.
 *
 * Types are ours: what may not be stopped is critical; else a process of a
 * *.service unit is a service; all others are console programs, for Linux does
 * not tell windows.
 */
#include "pass.h"
#include "unit.h"
#include "wished.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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

static int classify(const struct rm_pass *p, const struct rm_pidref *ref, const struct rm_inode *exe,
                     const struct rm_status *status, struct rm_details *d)
{
    struct rm_program *program = &d->program;
    rm_cause_find(p, ref, exe, status, d);
    program->ts_session = (DWORD)RM_INVALID_TS_SESSION;
    if (program->cause) {
        program->type = RmCritical;
    } else if (program->unit && rm_unit_is_service(program->unit)) {
        program->type = RmService;
        program->restartable = 1;
    } else {
        program->type = RmConsole;
        program->ts_session = session_of(ref);
        int r = p->proc.live ? rm_wished(ref->dir, ref->pid) : 0;
        if (r < 0)
            return r;
        program->restartable = r;
    }
    return 0;
}

int rm_details_read(struct rm_pass *p, const struct rm_pidref *ref, const struct rm_inode *exe,
                    const struct rm_unit *unit, struct rm_details *ret)
{
    struct rm_status status;
    int r = rm_status_read(ref->dir, &status);
    if (r == 0)
        r = rm_cause_prepare(p);
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
    if (unit && !rm_unit_is_relaunched(unit->name)) {
        memcpy(ret->unit, unit->name, sizeof(ret->unit));
        ret->program.unit = ret->unit;
        ret->program.manager_uid = unit->manager_uid;
    }
    read_exe(ref, exe, ret);
    r = classify(p, ref, exe, &status, ret);
    if (r < 0)
        return r;
    const char *slash = ret->program.exe ? strrchr(ret->program.exe, '/') : NULL;
    if (ret->program.type == RmService)
        ret->program.name = ret->unit;
    else if (slash && slash[1])
        ret->program.name = slash + 1;
    else
        ret->program.name = ref->stat.comm;
    return 0;
}
