/* SPDX-License-Identifier: MIT
 *
 * What is stopped and brought back as one, a service or a program, while it is
 * worked on.
 */
#pragma once

#include "entry.h"
#include "restartmanager_ext.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rm_pin;

struct rm_item {
    RMX_ITEM info;                /* owns its strings; `because` and `first_process` are the account's to fill in */
    struct rm_item *because;      /* or NULL */
    RM_UNIQUE_PROCESS *processes; /* info.process_count of them */
    struct rm_pin *pin;           /* of a program that may be alive, or NULL */
    void *wish;                   /* how a program wants to be started again, or NULL */
    size_t wish_size;
    enum rm_unit_part part; /* RM_UNIT_AFFECTED for a program */
    uint32_t member;        /* of the unitset of the call that is under way, or UINT32_MAX */
    bool holds;             /* a registered file, by the list that it comes from */
    bool due;               /* the shutdown that is under way has to deal with it */
    bool asked;             /* to end; by a later look it may have done so */
    uint64_t asked_at;      /* a program: when, by rm_host_now */
    bool newcomer;          /* came up while others were being stopped */
    bool past;              /* of an earlier shutdown, and settled: kept for its status alone */
    bool listed;            /* has a row in the list that is being made */
    uint32_t index;         /* in the account that is being made */
};

struct rm_items {
    struct rm_item **at;
    uint32_t count, capacity;
};

/* An item about nothing, running, at the end.  -ENOMEM. */
int rm_items_add(struct rm_items *items, struct rm_item **ret);
/* Moves them to the end of `to`; on -ENOMEM nothing has moved. */
int rm_items_move(struct rm_items *items, struct rm_items *to);
/* Takes out those for which `gone` says so; what came because of one of them came because of nothing then. */
void rm_items_remove(struct rm_items *items, bool (*gone)(const struct rm_item *item));
void rm_items_done(struct rm_items *items);

/* The unit of that manager, or NULL. */
struct rm_item *rm_items_find_unit(const struct rm_items *items, const char *unit, uint32_t manager_uid);
/* The item that stands for this process, or NULL. */
struct rm_item *rm_items_find_process(const struct rm_items *items, const RM_UNIQUE_PROCESS *process);
/* The item that was started again as this process, or NULL. */
struct rm_item *rm_items_find_now(const struct rm_items *items, const RM_UNIQUE_PROCESS *process);
struct rm_item *rm_items_find_entry(const struct rm_items *items, const struct rm_entry *entry);

/* Replaces a text of an item; NULL: none.  -ENOMEM: it is as before. */
int rm_item_set_text(const char **text, const char *to);
/* What has been said of it goes; what it is and its status stay. */
void rm_item_renew(struct rm_item *item);
int rm_item_add_process(struct rm_item *item, const RM_UNIQUE_PROCESS *process);
/* Points into the item. */
struct rm_entry rm_item_entry(const struct rm_item *item, enum rm_entry_kind kind);
bool rm_process_is_same(const RM_UNIQUE_PROCESS *a, const RM_UNIQUE_PROCESS *b);
