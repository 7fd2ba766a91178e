/* SPDX-License-Identifier: MIT
 *
 * A connection to a service manager: systemd, on the bus.  Never by a command,
 * which may not load in the middle of an upgrade, and never by an address from
 * the environment.
 *
 * One thread uses it, for one call.  Everything is asynchronous, also the
 * handshake: a bus that is stopped takes the connection and never answers, and
 * sd_bus_call() would wait for it longer than a caller allows.
 */
#pragma once

#include "sdbus.h"
#include "wait.h"

#include <stdbool.h>
#include <stdint.h>

#define RM_MANAGER_OBJECT "/org/freedesktop/systemd1"
#define RM_MANAGER_NAME "org.freedesktop.systemd1"

#define RM_MANAGERS_MAX 1024 /* ours: in one conversation */

struct rm_call;

struct rm_manager {
    const struct rm_sdbus *sd;
    sd_bus *bus;
    uint32_t uid;
    int error;          /* -errno: it is of no use any more */
    uint32_t waiting;   /* calls without a reply, and whatever else the user of it waits for */
    uint32_t under_way; /* calls that have been sent */
    struct rm_call *first, *last; /* calls whose turn has not come */
};

/* uid: whose service manager; RMX_NO_UID: the system's.  Only another user's manager is waited for; whether it can be
 * reached shows later.  -EHOSTUNREACH: it cannot; -EACCES; -ETIMEDOUT, -ECANCELED, -EINTR. */
int rm_manager_open(uint32_t uid, const struct rm_wait *wait, struct rm_manager **ret);
void rm_manager_free(struct rm_manager *m);

/* One method call.  It stays where it is until rm_call_done. */
struct rm_call {
    struct rm_manager *manager;
    sd_bus_message *message; /* until it is sent */
    sd_bus_slot *slot;
    struct rm_call *next;
    /* error is NULL for a reply.  Not called when the connection is lost before. */
    void (*replied)(struct rm_call *call, sd_bus_message *reply, const sd_bus_error *error);
};

/* A call to be filled with arguments. */
int rm_call_new(struct rm_call *call, struct rm_manager *m, const char *path, const char *interface,
                const char *member);
int rm_call_append(struct rm_call *call, const char *text);
/* Only so many calls are under way at a time; the others wait for their turn. */
int rm_call_send(struct rm_call *call);
void rm_call_done(struct rm_call *call);

/* 0: something else.  -EACCES: no right to it; -ENOENT: there is no such unit; -EHOSTUNREACH: no manager answered. */
int rm_call_error(const sd_bus_error *error);

/* Handles what comes until nobody waits for anything.  A manager that is lost gets its `error`, and is waited for no
 * more.  -ETIMEDOUT, -ECANCELED, -EINTR, -ENOMEM. */
int rm_managers_converse(struct rm_manager *const managers[], uint32_t count, const struct rm_wait *wait);
