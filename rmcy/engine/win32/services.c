/* SPDX-License-Identifier: MIT */
#include "services.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <wchar.h>

/* The whole list, in one block: services may come while it is asked for. */
static int ask(SC_HANDLE manager, void **ret, DWORD *ret_count)
{
    DWORD size = 1 << 16, needed, count, resume;
    void *block = NULL;
    for (;;) {
        void *larger = realloc(block, size);
        if (!larger) {
            free(block);
            return -ENOMEM;
        }
        block = larger;
        resume = 0;
        if (EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_STATE_ALL, block, size,
                                  &needed, &count, &resume, NULL)) {
            *ret = block;
            *ret_count = count;
            return 0;
        }
        if (GetLastError() != ERROR_MORE_DATA) {
            free(block);
            return -EIO;
        }
        size += needed + (1 << 14);
    }
}

int rm_services_read(struct rm_services *ret)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
    struct rm_services s = {0};
    DWORD count = 0;
    if (!manager) {
        *ret = s;
        return 0;
    }
    int r = ask(manager, &s.block, &count);
    CloseServiceHandle(manager);
    if (r == 0)
        s.at = calloc((size_t)count + 1, sizeof(*s.at));
    if (r < 0 || !s.at) {
        free(s.block);
        return r < 0 ? r : -ENOMEM;
    }
    const ENUM_SERVICE_STATUS_PROCESSW *entries = s.block;
    for (s.count = 0; s.count < count; s.count++) {
        const ENUM_SERVICE_STATUS_PROCESSW *entry = &entries[s.count];
        bool runs = entry->ServiceStatusProcess.dwCurrentState != SERVICE_STOPPED;
        s.at[s.count] = (struct rm_service){
            .name = entry->lpServiceName,
            .title = entry->lpDisplayName && *entry->lpDisplayName ? entry->lpDisplayName : entry->lpServiceName,
            .pid = runs ? entry->ServiceStatusProcess.dwProcessId : 0,
        };
    }
    *ret = s;
    return 0;
}

void rm_services_done(struct rm_services *services)
{
    free(services->at);
    free(services->block);
    *services = (struct rm_services){0};
}

const struct rm_service *rm_services_find(const struct rm_services *services, const char *name)
{
    WCHAR wide[RM_SERVICE_UNITS];
    rm_text_from_bytes(name, wide, RM_SERVICE_UNITS - 1);
    for (size_t i = 0; i < services->count; i++)
        if (_wcsicmp(services->at[i].name, wide) == 0)
            return &services->at[i];
    return NULL;
}
