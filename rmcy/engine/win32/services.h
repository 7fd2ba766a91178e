/* SPDX-License-Identifier: MIT
 *
 * The services of this machine, as its service manager tells of them at one
 * moment.
 */
#pragma once

#include "restartmanager.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RM_SERVICE_UNITS 257                    /* of a service's name, with its NUL */
#define RM_SERVICE_BYTES (3 * RM_SERVICE_UNITS) /* the same in bytes */

struct rm_service {
    const WCHAR *name;  /* short */
    const WCHAR *title; /* what a person calls it */
    uint32_t pid;       /* 0: it does not run */
};

struct rm_services {
    struct rm_service *at;
    size_t count;
    void *block; /* what the names are in */
};

/* Without a service manager there are no services. */
int rm_services_read(struct rm_services *ret);
void rm_services_done(struct rm_services *services);
/* By name, whatever its case; NULL: none has it. */
const struct rm_service *rm_services_find(const struct rm_services *services, const char *name);
