/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include "host.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* systemd takes no longer name. */
#define SERVICE_LIMIT 255

static BYTE state_of(const struct rm_identity *id)
{
    if (id->flags & RM_ID_MISSING)
        return RMX_FILE_MISSING;
    if (id->flags & RM_ID_DENIED)
        return RMX_FILE_DENIED;
    return id->flags & RM_ID_DIRECTORY ? RMX_FILE_DIRECTORY : RMX_FILE_STORED;
}

static int name_file(const struct rm_batch *batch, UINT i, struct rm_names *names)
{
    char given[RM_PATH_LIMIT + 1], absolute[RM_PATH_LIMIT + 1];
    long size;
    int e;

    /* Windows ignores a NULL entry and goes on. */
    if (!batch->file_names[i])
        return 0;
    size = rm_text_to_bytes(batch->file_names[i], given, RM_PATH_LIMIT);
    if (size <= 0)
        return size ? (int)size : -EINVAL; /* ours: an empty name is a mistake of the caller */
    given[size] = 0;
    e = rm_host_absolute(given, absolute, sizeof absolute);
    return e < 0 ? e : rm_names_add(names, absolute);
}

static int add_file(const struct rm_batch *batch, UINT i, const char *path, const struct rm_identity *id,
                    struct rm_record *record)
{
    BYTE state = state_of(id);
    bool skip = state == RMX_FILE_DIRECTORY && batch->flags & RMX_REGISTER_SKIP_DIRECTORIES;
    int e = 0;

    if (state == RMX_FILE_DIRECTORY && batch->flags & RMX_REGISTER_REFUSE_DIRECTORIES)
        return -EISDIR;
    if (!skip)
        e = rm_record_add_file(record, path, id);
    if (e >= 0 && batch->file_state)
        batch->file_state[i] = state;
    return e;
}

/* The n-th name that is not NULL. */
static UINT entry_of(const struct rm_batch *batch, uint32_t n)
{
    UINT i = 0;

    while (i < batch->files && (!batch->file_names[i] || n--))
        i++;
    return i;
}

static int add_files(const struct rm_batch *batch, const struct rm_wait *wait, struct rm_names *names,
                     struct rm_record *record, UINT *ret_at)
{
    const char *path;
    uint32_t n = 0;
    int e = 0;

    for (UINT i = 0; e >= 0 && i < batch->files; i++) {
        e = name_file(batch, i, names);
        *ret_at = i;
    }
    if (e < 0)
        return e;
    e = rm_host_identify_all(names, false, wait, &n);
    if (e < 0) {
        *ret_at = entry_of(batch, n);
        return e;
    }
    path = names->text;
    for (UINT i = 0; e >= 0 && i < batch->files; i++) {
        *ret_at = i;
        if (!batch->file_names[i]) {
            if (batch->file_state)
                batch->file_state[i] = RMX_FILE_IGNORED;
            continue;
        }
        e = add_file(batch, i, path, &names->ids[n++], record);
        path += strlen(path) + 1;
    }
    return e;
}

static int add_service(const struct rm_batch *batch, UINT i, struct rm_record *record)
{
    char name[SERVICE_LIMIT + 1];
    long size;

    if (!batch->service_names[i])
        return 0;
    size = rm_text_to_bytes(batch->service_names[i], name, SERVICE_LIMIT);
    if (size <= 0)
        return size ? (int)size : -EINVAL;
    name[size] = 0;
    return rm_record_add_service(record, name);
}

int rm_batch_record(const struct rm_batch *batch, const struct rm_wait *wait, struct rm_record *record,
                    UINT *ret_bad)
{
    struct rm_names names = {0};
    UINT bad = UINT32_MAX;
    int e = rm_record_begin(record);

    if (e >= 0)
        e = add_files(batch, wait, &names, record, &bad);
    rm_names_done(&names);
    for (UINT i = 0; e >= 0 && i < batch->processes; i++) {
        e = rm_record_add_process(record, &batch->process_list[i]);
        bad = i;
    }
    for (UINT i = 0; e >= 0 && i < batch->services; i++) {
        e = add_service(batch, i, record);
        bad = i;
    }
    if (e < 0)
        *ret_bad = bad;
    return e;
}
