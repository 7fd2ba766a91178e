/* SPDX-License-Identifier: MIT */
#include "found.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the rows begin: with 32 bits, one may not begin where RMX_SESSIONS ends. */
#define ROWS ((sizeof(RMX_SESSIONS) + _Alignof(RMX_SESSION) - 1) / _Alignof(RMX_SESSION) * _Alignof(RMX_SESSION))

int rm_found_add(struct rm_found_list *list, const struct rm_found *found)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity * 2 + 16;
        struct rm_found *larger = realloc(list->at, capacity * sizeof *larger);

        if (!larger)
            return -ENOMEM;
        list->at = larger;
        list->capacity = capacity;
    }
    list->at[list->count++] = *found;
    return 0;
}

static int by_slot(const void *a, const void *b)
{
    const RMX_SESSION *x = &((const struct rm_found *)a)->row, *y = &((const struct rm_found *)b)->row;

    return (x->slot > y->slot) - (x->slot < y->slot);
}

/* RMX_SESSIONS, its rows and their labels in one block. */
int rm_found_block(const struct rm_found_list *list, RMX_SESSIONS **ret)
{
    size_t labels = ROWS + list->count * sizeof(RMX_SESSION);
    char *block = calloc(1, labels + (size_t)list->count * RM_LABEL_SIZE);
    RMX_SESSIONS *sessions = (RMX_SESSIONS *)(void *)block;
    RMX_SESSION *row;

    if (!block)
        return -ENOMEM;
    if (list->count)
        qsort(list->at, list->count, sizeof *list->at, by_slot);
    row = (RMX_SESSION *)(void *)(block + ROWS);
    *sessions = (RMX_SESSIONS){.size = sizeof *sessions, .count = list->count, .sessions = row};
    for (uint32_t i = 0; i < list->count; i++) {
        row[i] = list->at[i].row;
        row[i].label = memcpy(block + labels + i * RM_LABEL_SIZE, list->at[i].label, RM_LABEL_SIZE);
    }
    *ret = sessions;
    return 0;
}

void rm_found_done(struct rm_found_list *list)
{
    free(list->at);
    *list = (struct rm_found_list){0};
}
