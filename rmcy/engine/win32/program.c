/* SPDX-License-Identifier: MIT
 *
 * What a program is to the one who asks: its name, and what kind.
 *
 * Ours: a program with a window on the caller's desktop is of that kind; one
 * without, that was linked for the console, is a console program.
 */
#include "file.h"
#include "pass.h"
#include "text.h"
#include "wished.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* As much as it takes; nothing where it does not fit. */
static void to_bytes(const WCHAR *text, char *to, size_t size)
{
    long n = wcslen(text) * 3 < size ? rm_text_to_bytes(text, to, size - 1) : -1;
    to[n > 0 ? n : 0] = '\0';
}

static void read_path(HANDLE process, struct rm_details *d)
{
    DWORD size = RM_NAME_UNITS;
    if (!QueryFullProcessImageNameW(process, 0, d->path, &size))
        d->path[0] = 0;
    to_bytes(d->path, d->exe, sizeof(d->exe));
    if (d->exe[0])
        d->program.exe = d->exe;
}

static HANDLE open_program(const WCHAR *path, DWORD access)
{
    return *path ? CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                               OPEN_EXISTING, 0, NULL)
                 : INVALID_HANDLE_VALUE;
}

static struct rm_identity identify(const WCHAR *path)
{
    struct rm_identity id = {.flags = RM_ID_MISSING};
    HANDLE file = open_program(path, 0);
    if (file == INVALID_HANDLE_VALUE)
        return id;
    if (rm_file_identify(file, &id) < 0)
        id = (struct rm_identity){.flags = RM_ID_DENIED};
    CloseHandle(file);
    return id;
}

static bool read_at(HANDLE file, LONG offset, void *to, DWORD size)
{
    DWORD n;
    return SetFilePointer(file, offset, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER &&
           ReadFile(file, to, size, &n, NULL) && n == size;
}

/* The subsystem stands at the same place for 32 and 64 bits. */
static bool is_for_console(const WCHAR *path)
{
    IMAGE_DOS_HEADER dos;
    IMAGE_NT_HEADERS64 nt;
    HANDLE file = open_program(path, GENERIC_READ);
    bool yes = file != INVALID_HANDLE_VALUE && read_at(file, 0, &dos, sizeof(dos)) &&
               dos.e_magic == IMAGE_DOS_SIGNATURE && read_at(file, dos.e_lfanew, &nt, sizeof(nt)) &&
               nt.Signature == IMAGE_NT_SIGNATURE && nt.OptionalHeader.Subsystem == IMAGE_SUBSYSTEM_WINDOWS_CUI;
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    return yes;
}

static RM_APP_TYPE find_type(const struct rm_pass *p, const struct rm_details *d)
{
    const WCHAR *slash = wcsrchr(d->path, L'\\');
    if (d->program.cause)
        return RmCritical;
    if (d->program.unit)
        return RmService;
    if (slash && _wcsicmp(slash + 1, L"explorer.exe") == 0)
        return RmExplorer;
    RM_APP_TYPE type = rm_desktop_type(&p->desktop, d->program.process.dwProcessId);
    return type == RmUnknownApp && is_for_console(d->path) ? RmConsole : type;
}

/* ---- its name ---- */

/* "FileDescription" of the version resource, in the first of its languages. */
static bool read_description(const WCHAR *path, char *to, size_t size)
{
    struct {
        WORD language, page;
    } *translation;
    WCHAR query[64], *text;
    DWORD length = *path ? GetFileVersionInfoSizeW(path, NULL) : 0;
    void *block = length ? malloc(length) : NULL;
    UINT n;
    bool found = block && GetFileVersionInfoW(path, 0, length, block) &&
                 VerQueryValueW(block, L"\\VarFileInfo\\Translation", (void **)&translation, &n) &&
                 n >= sizeof(*translation);
    if (found) {
        swprintf(query, sizeof(query) / sizeof(*query), L"\\StringFileInfo\\%04x%04x\\FileDescription",
                 translation->language, translation->page);
        found = VerQueryValueW(block, query, (void **)&text, &n) && n > 1 && *text;
    }
    if (found)
        to_bytes(text, to, size);
    free(block);
    return found && *to;
}

static void find_name(const struct rm_service *service, struct rm_details *d)
{
    const WCHAR *slash = wcsrchr(d->path, L'\\');
    d->program.name = d->name;
    if (service)
        to_bytes(service->title, d->name, sizeof(d->name));
    else if (!read_description(d->path, d->name, sizeof(d->name)))
        to_bytes(slash ? slash + 1 : d->path, d->name, sizeof(d->name));
}

/* ---- the whole ---- */

int rm_details_read(const struct rm_pass *p, HANDLE process, const RM_UNIQUE_PROCESS *known,
                    const struct rm_service *service, struct rm_details *ret)
{
    DWORD session;
    *ret = (struct rm_details){
        .program = {
            .process = *known,
            .uid = RMX_NO_UID,
            .manager_uid = RMX_NO_UID,
            .status = RmStatusRunning,
            .ts_session = (DWORD)RM_INVALID_TS_SESSION,
        },
    };
    struct rm_program *program = &ret->program;
    read_path(process, ret);
    program->exe_identity = identify(ret->path);
    if (service) {
        to_bytes(service->name, ret->unit, sizeof(ret->unit));
        program->unit = ret->unit;
    }
    find_name(service, ret);
    rm_cause_find(p, ret);
    program->type = find_type(p, ret);
    program->restartable =
        program->type == RmService || (program->type != RmCritical && rm_wished(known));
    if (program->type != RmService && program->type != RmCritical &&
        ProcessIdToSessionId(known->dwProcessId, &session))
        program->ts_session = session;
    return 0;
}
