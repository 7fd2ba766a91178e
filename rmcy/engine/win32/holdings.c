/* SPDX-License-Identifier: MIT
 *
 * The open files and the modules of one process.
 *
 * An open file is asked about through a copy of its handle.  Only disk files
 * are: a question about a pipe waits for whoever reads from it.
 *
 * A module has a path and nothing else, so a file that was moved away under it
 * is not found (ours; the tests have none).
 */
#include "pass.h"

#include "error.h"
#include "file.h"
#include "procref.h"

#include <errno.h>
#include <stdlib.h>
#include <tlhelp32.h>
#include <wchar.h>

static int add(struct rm_pass *p, const struct rm_found *found)
{
    if (p->found_count == p->found_space) {
        size_t space = p->found_space ? p->found_space * 2 : 16;
        struct rm_found *larger = realloc(p->found, space * sizeof(*larger));
        if (!larger)
            return -ENOMEM;
        p->found = larger;
        p->found_space = space;
    }
    p->found[p->found_count++] = *found;
    return 0;
}

static int match(struct rm_pass *p, const struct rm_identity *id, uint8_t kind)
{
    const struct rm_resources *resources = p->scan->resources;
    int r = 0;
    for (uint32_t file = rm_resources_find(resources, id->inode); r == 0 && file != RM_NO_FILE;
         file = rm_resources_next(resources, file)) {
        const struct rm_identity registered = rm_resources_identity(resources, file);
        if (rm_identity_equal(&registered, id))
            r = add(p, &(struct rm_found){
                           .file = file, .kind = kind, .device = id->device, .inode = id->inode});
    }
    return r;
}

/* ---- open files ---- */

int rm_holdings_files(struct rm_pass *p, HANDLE process, uint32_t pid)
{
    size_t count;
    const struct rm_handle *handles = rm_handles_of(&p->handles, pid, &count);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct rm_identity id;
        HANDLE copy;
        /* Closed meanwhile, or one that nobody may copy. */
        if (!DuplicateHandle(process, handles[i].value, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
            continue;
        if (GetFileType(copy) == FILE_TYPE_DISK && rm_file_identify(copy, &id) == 0)
            r = match(p, &id, RMX_USE_OPEN);
        CloseHandle(copy);
        rm_answer_counts(p->answer)->descriptors++;
    }
    return r;
}

/* ---- modules ---- */

static int identify(struct rm_pass *p, const WCHAR *path, const struct rm_module **ret)
{
    for (size_t i = 0; i < p->module_count; i++)
        if (wcscmp(p->modules[i].path, path) == 0) {
            *ret = &p->modules[i];
            return 0;
        }
    if (p->module_count == p->module_space) {
        size_t space = p->module_space ? p->module_space * 2 : 64;
        struct rm_module *larger = realloc(p->modules, space * sizeof(*larger));
        if (!larger)
            return -ENOMEM;
        p->modules = larger;
        p->module_space = space;
    }
    struct rm_module *module = &p->modules[p->module_count];
    *module = (struct rm_module){.path = _wcsdup(path)};
    if (!module->path)
        return -ENOMEM;
    p->module_count++;
    HANDLE file = CreateFileW(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0,
                              NULL);
    if (file == INVALID_HANDLE_VALUE || rm_file_identify(file, &module->id) < 0)
        module->id = (struct rm_identity){.flags = RM_ID_MISSING};
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    *ret = module;
    return 0;
}

/* The first one is the program itself. */
static int take(struct rm_pass *p, const WCHAR *path, bool first)
{
    const struct rm_module *module;
    int r = identify(p, path, &module);
    if (r < 0 || module->id.flags & RM_ID_MISSING)
        return r;
    return match(p, &module->id, first ? RMX_USE_EXECUTABLE : RMX_USE_MAPPED);
}

static HANDLE open_modules(uint32_t pid)
{
    /* ERROR_BAD_LENGTH: it loads something just now. */
    for (int attempt = 0; attempt < 100; attempt++) {
        HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE | TH32CS_SNAPMODULE32, pid);
        if (snapshot != INVALID_HANDLE_VALUE || GetLastError() != ERROR_BAD_LENGTH)
            return snapshot;
    }
    return INVALID_HANDLE_VALUE;
}

int rm_holdings_modules(struct rm_pass *p, uint32_t pid)
{
    MODULEENTRY32W entry = {.dwSize = sizeof(entry)};
    HANDLE snapshot = open_modules(pid);
    if (snapshot == INVALID_HANDLE_VALUE)
        return rm_last_error();
    int r = 0;
    bool first = true;
    for (BOOL more = Module32FirstW(snapshot, &entry); r == 0 && more; more = Module32NextW(snapshot, &entry)) {
        r = take(p, entry.szExePath, first);
        first = false;
        rm_answer_counts(p->answer)->maps++;
    }
    CloseHandle(snapshot);
    return r;
}

void rm_holdings_done(struct rm_pass *p)
{
    for (size_t i = 0; i < p->module_count; i++)
        free(p->modules[i].path);
    free(p->modules);
    free(p->found);
}
