/* SPDX-License-Identifier: MIT
 *
 * What has been started under a name where no service manager keeps count: in
 * the starter's own store, until the process has ended.
 *
 *     STORE/relaunch/up-NAME
 */
#pragma once

#include "restartmanager.h"

struct rm_marker {
    int store;     /* the caller holds the store's lock from rm_marker_find to rm_marker_write */
    int directory;
    char file[256];
};

/* -EEXIST: what has that name lives, and *ret is it. */
int rm_marker_find(const struct rm_marker *m, RM_UNIQUE_PROCESS *ret);
int rm_marker_write(const struct rm_marker *m, const RM_UNIQUE_PROCESS *process);

/* -EINVAL: no such name can be.  -errno of the store. */
int rm_marker_open(const char *name, struct rm_marker *ret);
void rm_marker_done(struct rm_marker *m);
