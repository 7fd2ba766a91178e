/* SPDX-License-Identifier: MIT */
#include "log.h"

#include "error.h"
#include "frame.h"
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int cut(HANDLE file, uint64_t at)
{
    FILE_END_OF_FILE_INFO end = {.EndOfFile.QuadPart = (LONGLONG)at};

    return SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof end) ? 0 : rm_last_error();
}

static int measure(HANDLE file, uint64_t *ret)
{
    LARGE_INTEGER size;

    if (!GetFileSizeEx(file, &size))
        return rm_last_error();
    *ret = (uint64_t)size.QuadPart;
    return 0;
}

/* Frame, data and padding in one piece, so that one write tells of a full disk. */
static int write_record(HANDLE file, uint64_t at, const void *data, size_t size)
{
    size_t whole = sizeof(struct rm_frame) + rm_frame_padded(size);
    struct rm_frame frame = rm_frame_make(data, size, at);
    uint8_t *bytes = calloc(1, whole);
    int e;

    if (!bytes)
        return -ENOMEM;
    memcpy(bytes, &frame, sizeof frame);
    memcpy(bytes + sizeof frame, data, size);
    e = rm_store_write(file, bytes, whole, at);
    free(bytes);
    return e;
}

int rm_log_append(HANDLE file, uint64_t *good, const void *data, size_t size)
{
    uint64_t end = 0;
    int e;

    if (size > RM_FRAME_MAX)
        return -EFBIG;
    e = measure(file, &end);
    if (e >= 0 && end < *good)
        e = -EIO;
    if (e >= 0 && end > *good)
        e = cut(file, *good);
    if (e < 0)
        return e;
    e = write_record(file, *good, data, size);
    if (e < 0) {
        (void)cut(file, *good); /* else the next append does it */
        return e;
    }
    *good += sizeof(struct rm_frame) + rm_frame_padded(size);
    return 0;
}

/* One record at `offset`, malloc'ed: its size, or -ENODATA if no whole one stands there. */
static int64_t read_record(HANDLE file, uint64_t offset, uint64_t end, uint8_t **ret)
{
    struct rm_frame frame;
    uint8_t *data;
    int e;

    if (offset + sizeof frame > end)
        return -ENODATA;
    e = rm_store_read(file, &frame, sizeof frame, offset);
    if (e < 0)
        return e;
    if (!rm_frame_is_sane(&frame, offset, end))
        return -ENODATA;
    data = malloc(frame.size + 1);
    if (!data)
        return -ENOMEM;
    e = rm_store_read(file, data, frame.size, offset + sizeof frame);
    if (e >= 0 && !rm_frame_is_of(&frame, data, offset))
        e = -ENODATA;
    if (e < 0) {
        free(data);
        return e;
    }
    *ret = data;
    return frame.size;
}

int rm_log_read(HANDLE file, uint64_t *offset, int (*record)(void *context, const void *data, size_t size),
                void *context)
{
    uint64_t end = 0;
    int e = measure(file, &end);

    while (e >= 0) {
        uint8_t *data;
        int64_t size = read_record(file, *offset, end, &data);

        if (size < 0)
            return size == -ENODATA ? 0 : (int)size;
        e = record(context, data, (size_t)size);
        free(data);
        if (e >= 0)
            *offset += sizeof(struct rm_frame) + rm_frame_padded((size_t)size);
    }
    return e;
}
