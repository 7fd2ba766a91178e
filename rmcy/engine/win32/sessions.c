/* SPDX-License-Identifier: MIT
 *
 * Not there yet.
 */
#include "host.h"

#include <errno.h>

int rm_host_slot_start(const uint8_t key_hash[32], const char *label, const struct rm_wait *wait, struct rm_slot **ret)
{
    (void)key_hash, (void)label, (void)wait, (void)ret;
    return -ENOSYS;
}

int rm_host_slot_join(const uint8_t key_hash[32], const struct rm_wait *wait, struct rm_slot **ret)
{
    (void)key_hash, (void)wait, (void)ret;
    return -ENOSYS;
}

int rm_host_slot_leave_take(struct rm_slot *slot, const struct rm_wait *wait)
{
    (void)slot, (void)wait;
    return 0;
}

uint32_t rm_host_slot_left_stopped(const struct rm_slot *slot)
{
    (void)slot;
    return 0;
}

int rm_host_slot_append(struct rm_slot *slot, const void *data, size_t size)
{
    (void)slot, (void)data, (void)size;
    return -ENOSYS;
}

int rm_host_slot_read(struct rm_slot *slot, int (*record)(void *context, const void *data, size_t size), void *context)
{
    (void)slot, (void)record, (void)context;
    return 0;
}

int rm_host_sessions(const struct rm_wait *wait, RMX_SESSIONS **ret)
{
    (void)wait, (void)ret;
    return -ENOSYS;
}

const char *rm_host_store(void)
{
    return "";
}
