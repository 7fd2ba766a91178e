/* SPDX-License-Identifier: MIT
 *
 * What the engine's core asks of the operating system.  linux/ implements it,
 * and win32/ for the library that the tests load under Wine; nothing outside
 * those folders touches files, processes or services.
 *
 * All functions return 0 or -errno and leave their out-parameters alone on
 * failure.
 */
#pragma once

#include "answer.h"
#include "identity.h"
#include "names.h"
#include "resource.h"
#include "wait.h"

#include <stdint.h>

/* ---- files ---- */

/* Follows symbolic links.  A missing or unreadable file is an answer (RM_ID_MISSING, RM_ID_DENIED), not a failure. */
int rm_host_identify(const char *path, struct rm_identity *ret); /* may wait for ever */

/* The same for many, within the time that there is.  without: a name that cannot be looked up, since a server does not
 * answer, is RM_ID_DENIED after a while; else it is waited for until the deadline: -ETIMEDOUT, and *ret_at is which. */
int rm_host_identify_all(struct rm_names *names, bool without, const struct rm_wait *wait, uint32_t *ret_at);

/* The absolute form of a name, by the current directory; symbolic links stay.  -ENAMETOOLONG. */
int rm_host_absolute(const char *path, char *to, size_t capacity);
bool rm_host_is_absolute(const char *path);

/* ---- processes ---- */

struct rm_scan {
    const struct rm_resources *resources;
    DWORD flags;             /* RMX_GET_MINE, RMX_GET_SKIP_SELF */
    const struct rm_wait *wait; /* deadline and cancellation: -ETIMEDOUT, -ECANCELED, -EINTR */
    bool pin;                /* take a pin of each program that is listed, by rm_answer_add_pin_take */
    const struct rm_critical *critical; /* what a caller added to the critical ones, or NULL */
};

/* One pass over the processes: who holds a registered file, who is registered, who belongs to a registered service. */
int rm_host_scan(const struct rm_scan *scan, struct rm_answer *answer);
const char *rm_host_scanner(void);
const char *rm_host_scanners(void);

/* Is that the name of a service, as the public interface has them?  Not each unit of a manager is one. */
bool rm_host_unit_is_service(const char *name);

/* RMX_CAUSE_CRITICAL or _SELF for a service that nobody may stop with another one; else _NONE. */
int rm_host_unit_cause(const char *name, uint32_t manager_uid, uint32_t *ret);

/* Identity of a living process: -ESRCH if there is none. */
int rm_host_process(uint32_t pid, RM_UNIQUE_PROCESS *ret);

/* ---- sessions that other processes can see ---- */

struct rm_slot; /* a reference to a session in the store */

/* key_hash: 32 bytes; the key itself is never given to the store.  -EUSERS: all slots are taken. */
int rm_host_slot_start(const uint8_t key_hash[32], const char *label, const struct rm_wait *wait, struct rm_slot **ret);
/* -EKEYREJECTED: no living session has that key. */
int rm_host_slot_join(const uint8_t key_hash[32], const struct rm_wait *wait, struct rm_slot **ret);
/* Primary: ends the session; secondary: leaves it.  Frees the slot unless it fails with -ETIMEDOUT, -ECANCELED or
 * -EINTR, which change nothing. */
int rm_host_slot_leave_take(struct rm_slot *slot, const struct rm_wait *wait);

/* Primary: how many programs and services dead sessions had stopped when this one was started. */
uint32_t rm_host_slot_left_stopped(const struct rm_slot *slot);

/* Secondary: append one record, whole or not at all.  -EOWNERDEAD: the session has ended. */
int rm_host_slot_append(struct rm_slot *slot, const void *data, size_t size);
/* Primary: hand each record that was not seen before to `record`, in each writer's order.  -ESTALE: the store has lost
 * the session. */
int rm_host_slot_read(struct rm_slot *slot, int (*record)(void *context, const void *data, size_t size), void *context);

int rm_host_sessions(const struct rm_wait *wait, RMX_SESSIONS **ret);
const char *rm_host_store(void); /* where this user's sessions are */

/* ---- the rest ---- */

int rm_host_random(void *buffer, size_t size);
uint64_t rm_host_now(void); /* ns, monotonic */
