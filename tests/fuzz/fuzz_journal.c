/* SPDX-License-Identifier: MIT
 *
 * A journal's file.  The first byte says what the rest is:
 *
 *     0  the file, as it is
 *     1  its records behind a good first one, each a byte of kind, a byte of
 *        length and the data: checksums would keep a fuzzer from them
 */
#include "entry.h"
#include "journal_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int note_claim(void *context, const char *name, bool claimed)
{
    (void)context, (void)claimed;
    return strlen(name) > 255 ? -EPROTO : 0; /* records here are no longer; the name ends */
}

static void read_all(int fd)
{
    struct rm_stopped stopped = {0};
    struct rm_journal_reader reader = {.entry = rm_stopped_fold_bytes, .claim = note_claim, .context = &stopped};
    struct rm_journal_state state;
    int e = rm_journal_read(fd, &reader, &state);

    if (e < 0 && e != -EBADMSG && e != -EPROTO)
        abort();
    if (e >= 0 && (strlen(state.head.label) >= RM_LABEL_SIZE || strlen(state.head.session) >= RM_SLOT_NAME_SIZE ||
                   lseek(fd, 0, SEEK_END) < (off_t)state.log.good))
        abort();
    rm_stopped_done(&stopped);
}

static void append_records(int fd, const uint8_t *data, size_t size)
{
    struct rm_owner owner = {.pid = 1};
    struct rm_journal_head head;
    struct rm_log log = {0};

    rm_journal_head_init(&head, &owner, "label", "");
    if (rm_journal_append(fd, &log, RM_JOURNAL_OWNER, &head, sizeof head) < 0)
        abort();
    while (size >= 2 && data[1] <= size - 2) {
        if (rm_journal_append(fd, &log, data[0], data + 2, data[1]) < 0)
            abort();
        size -= 2u + data[1];
        data += 2 + data[1];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd;

    if (!size)
        return 0;
    fd = memfd_create("journal", MFD_CLOEXEC);
    if (fd < 0)
        abort();
    if (*data & 1)
        append_records(fd, data + 1, size - 1);
    else if (write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
        abort();
    read_all(fd);
    close(fd);
    return 0;
}
