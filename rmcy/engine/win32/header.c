/* SPDX-License-Identifier: MIT */
#include "header.h"

#include "error.h"
#include "frame.h"
#include "host.h"
#include "store.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define UNFINISHED "session.new"

static const char magic[8] = "rmcyW/1";

static uint64_t checksum_of(const struct rm_header *header)
{
    return rm_frame_checksum(&header->magic, sizeof *header - offsetof(struct rm_header, magic), 0);
}

static uint64_t start_of(const RM_UNIQUE_PROCESS *process)
{
    return (uint64_t)process->ProcessStartTime.dwHighDateTime << 32 | process->ProcessStartTime.dwLowDateTime;
}

int rm_header_init(struct rm_header *header, uint32_t slot, const char *label)
{
    RM_UNIQUE_PROCESS self;
    int e = rm_host_process(GetCurrentProcessId(), &self);

    if (e < 0)
        return e;
    *header = (struct rm_header){
        .slot = slot, .owner_pid = self.dwProcessId, .owner_start = start_of(&self), .started = time(NULL)};
    memcpy(header->magic, magic, sizeof magic);
    strncpy(header->label, label, sizeof header->label - 1);
    header->checksum = checksum_of(header);
    return 0;
}

int rm_header_write(const WCHAR *folder, struct rm_header *header)
{
    WCHAR from[RM_STORE_PATH_SIZE], to[RM_STORE_PATH_SIZE];
    HANDLE file;
    int e = rm_store_open_file(folder, UNFINISHED, GENERIC_WRITE, CREATE_ALWAYS, &file);

    if (e < 0)
        return e;
    e = rm_store_write(file, header, sizeof *header, 0);
    CloseHandle(file);
    if (e >= 0)
        e = rm_store_join(folder, UNFINISHED, from);
    if (e >= 0)
        e = rm_store_join(folder, RM_HEADER_FILE, to);
    if (e >= 0 && !MoveFileExW(from, to, 0))
        e = rm_last_error();
    return e;
}

int rm_header_read(const WCHAR *folder, struct rm_header *ret)
{
    struct rm_header header;
    HANDLE file;
    int e = rm_store_open_file(folder, RM_HEADER_FILE, GENERIC_READ, OPEN_EXISTING, &file);

    if (e < 0)
        return e;
    e = rm_store_read(file, &header, sizeof header, 0);
    CloseHandle(file);
    if (e < 0)
        return e == -ENODATA ? -EBADMSG : e;
    if (header.checksum != checksum_of(&header) || memcmp(header.magic, magic, sizeof magic) ||
        header.slot >= RM_SLOTS || header.label[RM_LABEL_SIZE - 1])
        return -EBADMSG;
    *ret = header;
    return 0;
}

uint32_t rm_header_state(const struct rm_header *header)
{
    RM_UNIQUE_PROCESS owner;
    int e = rm_host_process(header->owner_pid, &owner);

    if (e == -ESRCH || (e >= 0 && start_of(&owner) != header->owner_start))
        return RMX_SESSION_ABANDONED;
    return e < 0 ? RMX_SESSION_FOREIGN : RMX_SESSION_LIVE;
}
