/* SPDX-License-Identifier: MIT */
#include "slot.h"

#include "hex.h"
#include "host.h"

#include <string.h>

int rm_slot_folder(const WCHAR *store, const uint8_t key_hash[32], WCHAR ret[RM_STORE_PATH_SIZE])
{
    char name[RM_SLOT_NAME_SIZE] = RM_SLOT_PREFIX;

    rm_hex(key_hash, 32, name + strlen(name));
    return rm_store_join(store, name, ret);
}

int rm_host_slot_leave_take(struct rm_slot *slot, const struct rm_wait *wait)
{
    return slot->primary ? rm_primary_end_take(slot, wait) : rm_secondary_leave_take(slot);
}

/* Ours: a journal lives in memory here, and the dead leave nothing. */
uint32_t rm_host_slot_left_stopped(const struct rm_slot *slot)
{
    (void)slot;
    return 0;
}
