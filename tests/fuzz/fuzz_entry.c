/* SPDX-License-Identifier: MIT
 *
 * An entry of a journal, as any bytes: it is refused, or it comes out as it
 * went in, and can be folded.
 */
#include "entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sum;

static void touch(const void *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + ((const uint8_t *)from)[i]);
}

static void check(const struct rm_entry *entry)
{
    struct rm_stopped stopped = {0};
    struct rm_entry again;
    char claim[RM_CLAIM_SIZE];
    void *encoded;
    size_t size;

    touch(entry->name, entry->name ? strlen(entry->name) : 0);
    touch(entry->exe, entry->exe ? strlen(entry->exe) : 0);
    touch(entry->wish, entry->wish ? entry->wish_size : 0);
    if (rm_entry_encode(entry, &encoded, &size) < 0 || rm_entry_decode(encoded, size, &again) < 0 ||
        !rm_entry_is_same(entry, &again))
        abort();
    free(encoded);
    if (entry->unit)
        (void)rm_entry_claim(entry->unit, entry->manager_uid, claim);
    if (rm_stopped_fold(&stopped, entry) < 0 || stopped.count != (entry->kind == RM_ENTRY_STOP))
        abort();
    rm_stopped_done(&stopped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); /* of exactly this size, and aligned as a reader's buffer is */
    struct rm_entry entry;
    int e;

    if (!copy)
        abort();
    memcpy(copy, data, size);
    e = rm_entry_decode(copy, size, &entry);
    if (e >= 0)
        check(&entry);
    else if (e != -EBADMSG)
        abort();
    free(copy);
    return 0;
}
