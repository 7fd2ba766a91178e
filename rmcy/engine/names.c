/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void rm_names_done(struct rm_names *names)
{
    free(names->text);
    free(names->ids);
    *names = (struct rm_names){0};
}

int rm_names_add(struct rm_names *names, const char *path)
{
    size_t size = strlen(path) + 1;

    if (names->count == UINT32_MAX - 1)
        return -E2BIG;
    if (size > names->space - names->size) {
        size_t space = names->space + names->space / 2 + size + 256;
        char *text = realloc(names->text, space);

        if (!text)
            return -ENOMEM;
        names->text = text;
        names->space = space;
    }
    memcpy(names->text + names->size, path, size);
    names->size += size;
    names->count++;
    return 0;
}
