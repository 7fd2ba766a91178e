/* SPDX-License-Identifier: MIT
 *
 * What a set of units is inside.
 */
#pragma once

#include "managers.h"
#include "properties.h"
#include "unitset.h"

/* A unit that was asked about; few of those that others name become members. */
struct rm_entry {
    struct rm_unit_info info;
    struct rm_unit_links links;
    uint32_t uid;
    enum rm_unit_part part;
    uint32_t because; /* entry that named it, or UINT32_MAX */
    uint32_t same_as; /* entry of the same unit under another name, or UINT32_MAX */
    uint32_t member;  /* or UINT32_MAX */
    bool too_many;    /* it names more than is asked about */
};

struct rm_unitset {
    struct rm_entry **entries;
    uint32_t entry_count, entry_space;
    uint32_t added_count; /* those that were added; the others come after them */
    struct rm_unit_member *members;
    struct rm_member_more {
        uint32_t entry;
        bool started; /* a start of ours ended well */
        bool has_run; /* and left nothing behind: a oneshot */
    } *more;          /* one for each */
    uint32_t member_count;
};

/* By hand; what goes down with another unit is not asked. */
bool rm_member_may_stop(const struct rm_unit_info *info);
/* Of those that count, when all answers are there. */
int rm_members_make(struct rm_unitset *set);
/* What was said last of a member; NULL or "" for nothing. */
int rm_member_set_detail(struct rm_unit_member *member, const char *detail);
RM_UNIQUE_PROCESS rm_member_main_process(const struct rm_unit_info *info);
