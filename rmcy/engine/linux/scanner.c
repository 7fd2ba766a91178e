/* SPDX-License-Identifier: MIT
 *
 * Which way processes are read here.
 */
#include "pass.h"
#include "watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool query;

static void choose(void)
{
    const char *forced = secure_getenv("RMCY_SCANNER");
    query = rm_maps_can_query() && !(forced && strcmp(forced, "proc-text") == 0);
}

/* Settled at the first use: the environment may not be read while another thread changes it. */
static bool by_query(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose);
    return query;
}

const char *rm_host_scanner(void)
{
    return by_query() ? "proc-query" : "proc-text";
}

const char *rm_host_scanners(void)
{
    return rm_maps_can_query() ? "proc-query proc-text" : "proc-text";
}

/* Ours.  A thread costs as much as a small process, and another processor may not be there for it. */
#define SHARE_FROM 64

int rm_host_scan(const struct rm_scan *scan, struct rm_answer *answer)
{
    struct stat st;
    struct rm_way way = {
        .proc = "/proc",
        .query = by_query(),
        .units = stat("/run/systemd/system", &st) == 0,
        .managers = true,
        .share_from = rm_worker_can_share() ? SHARE_FROM : 0,
    };
    return rm_pass_run(scan, &way, answer);
}
