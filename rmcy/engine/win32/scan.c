/* SPDX-License-Identifier: MIT
 *
 * Not there yet.
 */
#include "host.h"

#include <errno.h>

const char *rm_host_scanner(void)
{
    return "none";
}

const char *rm_host_scanners(void)
{
    return "";
}

int rm_host_scan(const struct rm_scan *scan, struct rm_answer *answer)
{
    (void)scan, (void)answer;
    return -ENOSYS;
}
