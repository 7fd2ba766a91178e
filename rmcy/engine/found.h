/* SPDX-License-Identifier: MIT
 *
 * The sessions that a look into the store has found, made into an answer.
 */
#pragma once

#include "restartmanager_ext.h"

#define RM_LABEL_SIZE 256
#define RM_FOUND_NAME_SIZE 67

struct rm_found {
    RMX_SESSION row;
    char name[RM_FOUND_NAME_SIZE]; /* of the session in the store; "": of none that is there */
    char label[RM_LABEL_SIZE];
};

struct rm_found_list {
    struct rm_found *at;
    uint32_t count, capacity;
};

int rm_found_add(struct rm_found_list *list, const struct rm_found *found);
/* By slot.  free() frees the result: it is one block. */
int rm_found_block(const struct rm_found_list *list, RMX_SESSIONS **ret);
void rm_found_done(struct rm_found_list *list);
