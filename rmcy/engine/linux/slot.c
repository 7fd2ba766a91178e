/* SPDX-License-Identifier: MIT */
#include "slot.h"

#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char hex[] = "0123456789abcdef";

void rm_slot_name(const uint8_t key_hash[32], char ret_name[RM_SLOT_NAME_SIZE])
{
    char *to = ret_name;

    *to++ = 's';
    *to++ = '-';
    for (int i = 0; i < 32; i++) {
        *to++ = hex[key_hash[i] >> 4];
        *to++ = hex[key_hash[i] & 15];
    }
    *to = 0;
}

static bool is_name(const char *name, const char *prefix, size_t digits)
{
    size_t n = strlen(prefix);

    return !strncmp(name, prefix, n) && strspn(name + n, hex) == digits && !name[n + digits];
}

bool rm_slot_is_name(const char *name)
{
    return is_name(name, "s-", 64);
}

bool rm_slot_is_log_name(const char *name)
{
    return rm_slot_is_random_name(name, "j-");
}

bool rm_slot_is_random_name(const char *name, const char *prefix)
{
    return is_name(name, prefix, 16);
}

int rm_slot_random_name(const char *prefix, char *ret_name)
{
    uint64_t bits;
    int e = rm_host_random(&bits, sizeof bits);

    if (e < 0)
        return e;
    sprintf(ret_name, "%s%016llx", prefix, (unsigned long long)bits);
    return 0;
}

int rm_slot_open(const struct rm_slot *slot, int *ret_store)
{
    int store_fd, fd;

    if (slot->process != getpid())
        return -EBADF;
    store_fd = rm_store_open(slot->store);
    if (store_fd < 0)
        return store_fd;
    fd = rm_store_open_directory(store_fd, slot->name);
    if (fd >= 0 && ret_store)
        *ret_store = store_fd;
    else
        close(store_fd);
    return fd;
}

int rm_slot_retire(int store_fd, const char *name, char ret_gone[RM_GONE_NAME_SIZE])
{
    int e = rm_slot_random_name("gone-", ret_gone);

    if (e < 0)
        return e;
    return renameat(store_fd, name, store_fd, ret_gone) < 0 ? -errno : 0;
}

int rm_host_slot_leave_take(struct rm_slot *slot, const struct rm_wait *wait)
{
    return slot->primary ? rm_primary_end_take(slot, wait) : rm_secondary_leave_take(slot);
}

int rm_host_random(void *buffer, size_t size)
{
    uint8_t *p = buffer;

    while (size) {
        ssize_t n = getrandom(p, size, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        size -= (size_t)n;
    }
    return 0;
}
