/* SPDX-License-Identifier: MIT
 *
 * A batch of registrations, as any bytes: it is registered whole or refused.
 */
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rm_resources *resources;
    uint8_t *copy = malloc(size ? size : 1); /* of exactly this size */
    int e;

    if (!copy || rm_resources_new(&resources) < 0)
        abort();
    memcpy(copy, data, size);
    e = rm_record_apply(copy, size, resources);
    if (e < 0 && e != -EBADMSG && e != -ENOMEM && e != -E2BIG)
        abort();
    if (e < 0 && (rm_resources_file_count(resources) || rm_resources_process_count(resources) ||
                  rm_resources_service_count(resources)))
        abort();
    rm_resources_free(resources);
    free(copy);
    return 0;
}
