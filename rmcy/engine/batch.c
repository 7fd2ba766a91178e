/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include "host.h"
#include "text.h"

#include <errno.h>

/* The system takes paths of 4,095 bytes and unit names of 255; a longer one can name nothing. */
#define PATH_LIMIT 4095
#define SERVICE_LIMIT 255

static BYTE state_of(const struct rm_identity *id)
{
    if (id->flags & RM_ID_MISSING)
        return RMX_FILE_MISSING;
    if (id->flags & RM_ID_DENIED)
        return RMX_FILE_DENIED;
    return id->flags & RM_ID_DIRECTORY ? RMX_FILE_DIRECTORY : RMX_FILE_STORED;
}

static int add_file(const struct rm_batch *batch, UINT i, struct rm_record *record)
{
    char given[PATH_LIMIT + 1], absolute[PATH_LIMIT + 1];
    struct rm_identity id;
    BYTE state = RMX_FILE_IGNORED;
    long size;
    int e = 0;

    /* Windows ignores a NULL entry and goes on. */
    if (!batch->file_names[i])
        goto out;
    size = rm_text_to_bytes(batch->file_names[i], given, PATH_LIMIT);
    if (size <= 0)
        return size ? (int)size : -EINVAL; /* ours: an empty name is a mistake of the caller */
    given[size] = 0;
    e = rm_host_absolute(given, absolute, sizeof absolute);
    if (e >= 0)
        e = rm_host_identify(absolute, &id);
    if (e < 0)
        return e;
    state = state_of(&id);
    if (state == RMX_FILE_DIRECTORY) {
        if (batch->flags & RMX_REGISTER_REFUSE_DIRECTORIES)
            return -EISDIR;
        if (batch->flags & RMX_REGISTER_SKIP_DIRECTORIES)
            goto out;
    }
    e = rm_record_add_file(record, absolute, &id);
out:
    if (e >= 0 && batch->file_state)
        batch->file_state[i] = state;
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

int rm_batch_record(const struct rm_batch *batch, struct rm_record *record, UINT *ret_bad)
{
    int e = rm_record_begin(record);
    UINT i = 0;

    for (i = 0; e >= 0 && i < batch->files; i++)
        e = add_file(batch, i, record);
    if (e < 0)
        goto bad;
    for (i = 0; e >= 0 && i < batch->processes; i++)
        e = rm_record_add_process(record, &batch->process_list[i]);
    if (e < 0)
        goto bad;
    for (i = 0; e >= 0 && i < batch->services; i++)
        e = add_service(batch, i, record);
    if (e >= 0)
        return 0;
bad:
    *ret_bad = i ? i - 1 : UINT32_MAX;
    return e;
}
