/* SPDX-License-Identifier: MIT
 *
 * The library that all contenders call.  Alone it does nothing and says that
 * all went well, so that what is timed is the way there; or it passes every
 * call on to the engine.  Asked to, it keeps a copy of the texts and processes
 * that it was given, so that a contender's effect can be checked.
 *
 * It defines the functions by the names that rmcy's extension modules ask for,
 * and is loaded before them with RTLD_GLOBAL, so that they find these first.
 * One thread at a time.  wide.c makes another library of it.
 */
#include "restartmanager_ext.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static struct {
    DWORD (*start)(DWORD *, DWORD, WCHAR *);
    DWORD (*join)(DWORD *, const WCHAR *);
    DWORD (*end)(DWORD);
    DWORD (*registers)(DWORD, UINT, LPCWSTR *, UINT, RM_UNIQUE_PROCESS *, UINT, LPCWSTR *);
    DWORD (*list)(DWORD, UINT *, UINT *, RM_PROCESS_INFO *, DWORD *);
    DWORD (*start_x)(DWORD *, DWORD, const char *, ULONG, WCHAR *);
    DWORD (*join_x)(DWORD *, const WCHAR *, DWORD, ULONG);
    DWORD (*end_x)(DWORD, DWORD, ULONG);
    DWORD (*registers_x)(DWORD, UINT, LPCWSTR *, UINT, RM_UNIQUE_PROCESS *, UINT, LPCWSTR *, DWORD, ULONG, BYTE *,
                         UINT *);
    DWORD (*list_x)(DWORD, DWORD, ULONG, RMX_LIST **);
    void (*free_x)(RMX_LIST *);
    DWORD (*left_x)(DWORD, UINT *);
} engine;

static int through;

static struct {
    int on, failed;
    char *bytes;
    size_t used, room;
} seen;

static struct {
    RM_PROCESS_INFO *rows;
    RMX_APP *apps;
    RMX_LIST list;
} answer;

/* ---- what the harness asks for ----------------------------------------- */

/* Find the engine's functions; 0, or -1 where one is missing. */
RM_API int stand_in_find_engine(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return -1;
    *(void **)&engine.start = dlsym(library, "RmStartSession");
    *(void **)&engine.join = dlsym(library, "RmJoinSession");
    *(void **)&engine.end = dlsym(library, "RmEndSession");
    *(void **)&engine.registers = dlsym(library, "RmRegisterResources");
    *(void **)&engine.list = dlsym(library, "RmGetList");
    *(void **)&engine.start_x = dlsym(library, "RmxStartSession");
    *(void **)&engine.join_x = dlsym(library, "RmxJoinSession");
    *(void **)&engine.end_x = dlsym(library, "RmxEndSession");
    *(void **)&engine.registers_x = dlsym(library, "RmxRegisterResources");
    *(void **)&engine.list_x = dlsym(library, "RmxGetList");
    *(void **)&engine.free_x = dlsym(library, "RmxFreeList");
    *(void **)&engine.left_x = dlsym(library, "RmxGetLeftStopped");
    for (size_t n = 0; n < sizeof engine / sizeof(void *); n++)
        if (!((void **)&engine)[n])
            return -1;
    return 0;
}

RM_API void stand_in_pass_on(int on) {
    through = on;
}

/* Begin to keep, or stop keeping, what is given. */
RM_API void stand_in_watch(int on) {
    seen.on = on;
    if (on)
        seen.used = 0, seen.failed = 0;
}

/* What was given since: its length, or -1 where memory ran out. */
RM_API long stand_in_seen(const char **ret_bytes) {
    *ret_bytes = seen.bytes;
    return seen.failed ? -1 : (long)seen.used;
}

/* Whatever width WCHAR has. */
static void spell(WCHAR *ret, const char *text) {
    while ((*ret++ = (WCHAR)*text++))
        ;
}

/* Make the answer to lists: so many programs, each with a name; 0 or -1. */
RM_API int stand_in_answer(UINT count) {
    RM_PROCESS_INFO *rows = calloc(count, sizeof *rows);
    RMX_APP *apps = calloc(count, sizeof *apps);

    if (!rows || !apps) {
        free(rows);
        free(apps);
        return -1;
    }
    for (UINT n = 0; n < count; n++) {
        static const char name[] = "program number ";
        size_t at = 0;
        rows[n].Process.dwProcessId = 1000 + n;
        rows[n].Process.ProcessStartTime.dwLowDateTime = 7 * n;
        rows[n].Process.ProcessStartTime.dwHighDateTime = 1;
        for (; name[at]; at++)
            rows[n].strAppName[at] = (WCHAR)name[at];
        for (UINT rest = 10000 + n % 80000; rest; rest /= 10)
            rows[n].strAppName[at++] = (WCHAR)('0' + rest % 10);
        spell(rows[n].strServiceShortName, "a-unit.service");
        rows[n].ApplicationType = RmService;
        rows[n].AppStatus = RmStatusRunning;
        rows[n].TSSessionId = (DWORD)RM_INVALID_TS_SESSION;
        rows[n].bRestartable = 1;
        apps[n] = (RMX_APP){ .uid = n % 1000, .manager_uid = RMX_NO_UID, .unit = "a-unit.service" };
    }
    free(answer.rows);
    free(answer.apps);
    answer.rows = rows;
    answer.apps = apps;
    answer.list = (RMX_LIST){ .size = sizeof answer.list, .flags = RMX_LIST_COMPLETE, .app_count = count,
                              .rows = rows, .apps = apps, .processes = count, .scanner = "none" };
    return 0;
}

/* ---- the least that the work can cost ---------------------------------- */

/* Widen texts into one array with a pointer each and pass it on: what packing is in C alone. */
RM_API DWORD floor_register(DWORD handle, const unsigned char *const *texts, const size_t *lengths, UINT count,
                            WCHAR *room, LPCWSTR *pointers) {
    for (UINT n = 0; n < count; n++) {
        const unsigned char *text = texts[n];
        size_t length = lengths[n];
        if (n + 8 < count)
            __builtin_prefetch(texts[n + 8]);
        for (size_t i = 0; i < length; i++)
            room[i] = text[i];
        room[length] = 0;
        pointers[n] = room;
        room += length + 1;
    }
    return RmRegisterResources(handle, count, pointers, 0, NULL, 0, NULL);
}

/* Join by each of these keys, which follow each other, and leave again; keys are widened each time. */
RM_API DWORD floor_join(const char *keys, UINT count) {
    for (UINT n = 0; n < count; n++, keys += CCH_RM_SESSION_KEY) {
        WCHAR key[CCH_RM_SESSION_KEY + 1] = { 0 };
        DWORD handle, code;
        for (int i = 0; i < CCH_RM_SESSION_KEY; i++)
            key[i] = (WCHAR)(unsigned char)keys[i];
        code = RmJoinSession(&handle, key);
        if (!code)
            code = RmEndSession(handle);
        if (code)
            return code;
    }
    return 0;
}

/* Look at each row of an answer: its numbers, and how long its two texts are. */
RM_API uint64_t floor_decode(DWORD handle) {
    RMX_LIST *list = NULL;
    uint64_t sum = 0;

    if (RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list))
        return 0;
    for (UINT n = 0; n < list->app_count; n++) {
        const RM_PROCESS_INFO *row = &list->rows[n];
        size_t name = 0, unit = 0;
        while (row->strAppName[name])
            name++;
        while (row->strServiceShortName[unit])
            unit++;
        sum += (uint64_t)row->Process.dwProcessId + row->AppStatus + row->TSSessionId + name + unit;
    }
    RmxFreeList(list);
    return sum;
}

/* ---- the functions of the header --------------------------------------- */

static void keep(const void *bytes, size_t size) {
    if (seen.room - seen.used < size) {
        size_t room = 2 * seen.room + size;
        char *more = realloc(seen.bytes, room);
        if (!more) {
            seen.failed = 1;
            return;
        }
        seen.bytes = more;
        seen.room = room;
    }
    memcpy(seen.bytes + seen.used, bytes, size);
    seen.used += size;
}

static void keep_text(LPCWSTR text) {
    size_t n = 0;

    while (text[n])
        n++;
    keep(text, (n + 1) * sizeof *text);
}

static void keep_resources(UINT files, LPCWSTR *names, UINT count, RM_UNIQUE_PROCESS *processes, UINT services,
                           LPCWSTR *units) {
    for (UINT n = 0; n < files; n++)
        keep_text(names[n]);
    keep(processes, count * sizeof *processes);
    for (UINT n = 0; n < services; n++)
        keep_text(units[n]);
}

static void no_key(WCHAR *ret_key) {
    for (int n = 0; n < CCH_RM_SESSION_KEY; n++)
        ret_key[n] = u'0';
    ret_key[CCH_RM_SESSION_KEY] = 0;
}

DWORD RmStartSession(DWORD *ret_handle, DWORD flags, WCHAR ret_key[]) {
    if (through)
        return engine.start(ret_handle, flags, ret_key);
    *ret_handle = 0;
    no_key(ret_key);
    return ERROR_SUCCESS;
}

DWORD RmJoinSession(DWORD *ret_handle, const WCHAR key[]) {
    if (through)
        return engine.join(ret_handle, key);
    if (seen.on)
        keep_text(key);
    *ret_handle = 0;
    return ERROR_SUCCESS;
}

DWORD RmEndSession(DWORD handle) {
    return through ? engine.end(handle) : ERROR_SUCCESS;
}

DWORD RmRegisterResources(DWORD handle, UINT files, LPCWSTR names[], UINT count, RM_UNIQUE_PROCESS processes[],
                          UINT services, LPCWSTR units[]) {
    if (through)
        return engine.registers(handle, files, names, count, processes, services, units);
    if (seen.on)
        keep_resources(files, names, count, processes, services, units);
    return ERROR_SUCCESS;
}

DWORD RmGetList(DWORD handle, UINT *ret_needed, UINT *room, RM_PROCESS_INFO rows[], DWORD *ret_reasons) {
    UINT given = *room;

    if (through)
        return engine.list(handle, ret_needed, room, rows, ret_reasons);
    *ret_needed = answer.list.app_count;
    *ret_reasons = 0;
    *room = given < answer.list.app_count ? given : answer.list.app_count;
    memcpy(rows, answer.rows, *room * sizeof *rows);
    return given < answer.list.app_count ? ERROR_MORE_DATA : ERROR_SUCCESS;
}

DWORD RmxStartSession(DWORD *ret_handle, DWORD flags, const char *label, ULONG timeout_ms, WCHAR ret_key[]) {
    if (through)
        return engine.start_x(ret_handle, flags, label, timeout_ms, ret_key);
    *ret_handle = 0;
    if (ret_key)
        no_key(ret_key);
    return ERROR_SUCCESS;
}

DWORD RmxGetLeftStopped(DWORD handle, UINT *ret_count) {
    if (through)
        return engine.left_x(handle, ret_count);
    *ret_count = 0;
    return ERROR_SUCCESS;
}

DWORD RmxJoinSession(DWORD *ret_handle, const WCHAR key[], DWORD flags, ULONG timeout_ms) {
    if (through)
        return engine.join_x(ret_handle, key, flags, timeout_ms);
    if (seen.on)
        keep_text(key);
    *ret_handle = 0;
    return ERROR_SUCCESS;
}

DWORD RmxEndSession(DWORD handle, DWORD flags, ULONG timeout_ms) {
    return through ? engine.end_x(handle, flags, timeout_ms) : ERROR_SUCCESS;
}

DWORD RmxRegisterResources(DWORD handle, UINT files, LPCWSTR names[], UINT count, RM_UNIQUE_PROCESS processes[],
                           UINT services, LPCWSTR units[], DWORD flags, ULONG timeout_ms, BYTE *file_state, UINT *ret_bad) {
    if (through)
        return engine.registers_x(handle, files, names, count, processes, services, units, flags, timeout_ms, file_state,
                                  ret_bad);
    if (seen.on)
        keep_resources(files, names, count, processes, services, units);
    return ERROR_SUCCESS;
}

DWORD RmxGetList(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_LIST **ret_list) {
    if (through)
        return engine.list_x(handle, flags, timeout_ms, ret_list);
    *ret_list = &answer.list;
    return ERROR_SUCCESS;
}

void RmxFreeList(RMX_LIST *list) {
    if (through && list != &answer.list)
        engine.free_x(list);
}
