/* SPDX-License-Identifier: MIT
 *
 * As whom a process runs.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct rm_credentials {
    uint32_t uid, gid;
    uint32_t *groups; /* supplementary; malloc'ed */
    uint32_t group_count;
};

void rm_credentials_done(struct rm_credentials *c);

/* From the text of /proc/PID/status.  -EPERM: it has more than one user or group at once, and so none of its own;
 * -EBADMSG. */
int rm_credentials_parse(const char *text, struct rm_credentials *ret);
/* dir: of the process, in /proc. */
int rm_credentials_read(int dir, struct rm_credentials *ret);
