/* SPDX-License-Identifier: MIT
 *
 * How a program comes back, as any bytes: what is taken for a wish is packed
 * into the very same bytes again, and all that it points to is its own.
 */
#include "command.h"
#include "wish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What systemd would be given can be made of every wish, unless it becomes too long. */
static void make_command(const struct rm_wish *wish)
{
    struct rm_command *command;
    int r = rm_command_make(wish, &command);
    if (r == -E2BIG)
        return;
    if (r < 0)
        abort();
    volatile size_t length = strlen(command->path) + strlen(command->directory);
    for (uint32_t i = 0; i < command->argument_count; i++)
        length = length + strlen(command->arguments[i]);
    for (uint32_t i = 0; i < command->environment_count; i++)
        length = length + strlen(command->environment[i]);
    free(command);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rm_wish *wish = NULL;
    void *again;
    size_t again_size;
    uint8_t *copy = malloc(size ? size : 1); /* of exactly this size */
    if (!copy)
        abort();
    memcpy(copy, data, size);
    int r = rm_wish_parse(copy, size, &wish);
    memset(copy, 0xA5, size);
    free(copy);
    if (r < 0) {
        if (r != -EBADMSG || wish)
            abort();
        return 0;
    }
    if (rm_wish_pack(wish, &again, &again_size) < 0 || again_size != size || memcmp(again, data, size) != 0)
        abort();
    make_command(wish);
    free(again);
    free(wish);
    return 0;
}
