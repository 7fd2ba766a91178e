/* SPDX-License-Identifier: MIT
 *
 * Registering.  Windows takes everything into the registry and fails with
 * ERROR_WRITE_FAULT past a ceiling that nobody has written down: so files go in
 * batches, and a batch that is refused goes in halves.  What an earlier batch
 * has registered stays so when a later one fails, for nothing can be taken back.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define BATCH 1000
#define PATH_LIMIT 32767 /* units; a longer name can name nothing */
#define SERVICE_LIMIT 256

struct files {
    LPCWSTR *names;
    BYTE *states; /* RMX_FILE_* of each */
    UINT count;
};

static bool is_name(LPCWSTR name, size_t limit)
{
    size_t units = wcsnlen(name, limit + 1);

    return units && units <= limit;
}

/* Before anything is registered. */
static DWORD look(const struct files *files, DWORD flags, UINT *ret_bad)
{
    for (UINT i = 0; i < files->count; i++) {
        *ret_bad = i;
        if (!files->names[i]) {
            files->states[i] = RMX_FILE_IGNORED;
            continue;
        }
        if (!is_name(files->names[i], PATH_LIMIT))
            return ERROR_BAD_ARGUMENTS; /* ours */
        files->states[i] = rm_file_state(files->names[i]);
        if (files->states[i] == RMX_FILE_DIRECTORY && flags & RMX_REGISTER_REFUSE_DIRECTORIES)
            return ERROR_DIRECTORY;
    }
    return ERROR_SUCCESS;
}

static DWORD check_services(UINT count, LPCWSTR names[], UINT *ret_bad)
{
    for (UINT i = 0; i < count; i++) {
        *ret_bad = i;
        if (names[i] && !is_name(names[i], SERVICE_LIMIT))
            return ERROR_BAD_ARGUMENTS;
    }
    return ERROR_SUCCESS;
}

static bool is_left_out(BYTE state, DWORD flags)
{
    return state == RMX_FILE_IGNORED || (state == RMX_FILE_DIRECTORY && flags & RMX_REGISTER_SKIP_DIRECTORIES);
}

/* *any: something has been registered. */
static DWORD register_halves(DWORD handle, LPCWSTR names[], UINT count, bool *any)
{
    DWORD code = RmRegisterResources(handle, count, names, 0, NULL, 0, NULL);
    UINT half = count / 2;

    *any |= code == ERROR_SUCCESS;
    if (code != ERROR_WRITE_FAULT || count < 2)
        return code;
    code = register_halves(handle, names, half, any);
    return code == ERROR_SUCCESS ? register_halves(handle, names + half, count - half, any) : code;
}

static DWORD register_batches(DWORD handle, const struct files *files, DWORD flags, bool *any)
{
    LPCWSTR batch[BATCH];
    WCHAR *made[BATCH];
    DWORD code = ERROR_SUCCESS;
    UINT n = 0;

    for (UINT i = 0; code == ERROR_SUCCESS && i < files->count; i++) {
        if (!is_left_out(files->states[i], flags)) {
            batch[n] = rm_file_resolve(files->names[i], &made[n]);
            n++;
        }
        if (n == BATCH || (n && i + 1 == files->count)) {
            code = register_halves(handle, batch, n, any);
            while (n)
                free(made[--n]);
        }
    }
    return code;
}

static bool remember(struct rm_session *session, const struct files *files, DWORD flags)
{
    for (UINT i = 0; i < files->count; i++) {
        if (files->states[i] == RMX_FILE_STORED || is_left_out(files->states[i], flags))
            continue;
        if (!rm_names_add(&session->odd, files->names[i]))
            return false;
    }
    return true;
}

/* What is remembered cannot get lost when it has been registered. */
static DWORD register_files(struct rm_session *session, const struct files *files, DWORD flags)
{
    struct rm_names before = session->odd;
    DWORD code = ERROR_OUTOFMEMORY;
    bool any = false;

    if (remember(session, files, flags))
        code = register_batches(session->handle, files, flags, &any);
    if (code != ERROR_SUCCESS && !any)
        rm_names_cut(&session->odd, &before);
    return code;
}

DWORD RmxRegisterResources(DWORD handle, UINT nFiles, LPCWSTR rgsFileNames[], UINT nApplications,
                           RM_UNIQUE_PROCESS rgApplications[], UINT nServices, LPCWSTR rgsServiceNames[],
                           DWORD flags, ULONG timeout_ms, BYTE *file_state, UINT *ret_bad)
{
    struct rm_deadline deadline = rm_deadline_in(timeout_ms, RM_LIST_TIMEOUT_MS);
    struct files files = {.names = rgsFileNames, .states = file_state, .count = nFiles};
    struct rm_session *session;
    UINT bad = UINT32_MAX;
    DWORD code;

    if (ret_bad)
        *ret_bad = UINT32_MAX;
    if ((nFiles && !rgsFileNames) || (nApplications && !rgApplications) || (nServices && !rgsServiceNames) ||
        !RM_KNOWN_FLAGS(flags, RMX_REGISTER_REFUSE_DIRECTORIES | RMX_REGISTER_SKIP_DIRECTORIES))
        return ERROR_BAD_ARGUMENTS;
    /* A bad handle costs no look at any file. */
    code = rm_session_check_primary(handle);
    if (code == ERROR_INVALID_HANDLE)
        return code;
    if (nFiles && !file_state && !(files.states = malloc(nFiles)))
        return ERROR_OUTOFMEMORY;
    code = look(&files, flags, &bad);
    if (code == ERROR_SUCCESS)
        code = check_services(nServices, rgsServiceNames, &bad);
    if (code != ERROR_SUCCESS) {
        if (ret_bad)
            *ret_bad = bad;
        goto out;
    }
    code = rm_session_enter(handle, &deadline, &session);
    if (code != ERROR_SUCCESS)
        goto out;
    if (nApplications || nServices)
        code = RmRegisterResources(handle, 0, NULL, nApplications, rgApplications, nServices, rgsServiceNames);
    if (code == ERROR_SUCCESS)
        code = register_files(session, &files, flags);
    rm_session_leave(session);
out:
    if (files.states != file_state)
        free(files.states);
    return code;
}
