/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <windows.h>

#include <bcrypt.h>
#include <errno.h>

int rm_host_random(void *buffer, size_t size)
{
    NTSTATUS status = BCryptGenRandom(NULL, buffer, (ULONG)size, BCRYPT_USE_SYSTEM_PREFERRED_RNG);

    return status < 0 ? -EIO : 0;
}
