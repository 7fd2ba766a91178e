/* SPDX-License-Identifier: MIT
 *
 * /proc/PID/stat and /proc/PID/status.  A process chooses its own comm, which
 * stat prints as it is: only what follows the last ')' can be trusted.  The
 * kernel escapes newlines in status.
 */
#include "procfs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PF_EXITING 0x00000004u
#define PF_KTHREAD 0x00200000u
#define TICKS_A_SECOND 10000000u /* of FILETIME */

/* Fields as proc(5) counts them. */
enum { FIELD_STATE = 3, FIELD_FLAGS = 9, FIELD_THREADS = 20, FIELD_START = 22, FIELD_STACK = 28 };

static int start_from_ticks(uint64_t ticks, uint64_t *ret)
{
    long hz = sysconf(_SC_CLK_TCK);
    uint64_t unit = TICKS_A_SECOND / (hz > 0 ? (uint64_t)hz : 100);
    return __builtin_mul_overflow(ticks, unit, ret) ? -EBADMSG : 0;
}

/* The n-th word from here, as a number; 0 for what is not one. */
static uint64_t word_at(const char *at, const char *end, int n)
{
    uint64_t value = 0;
    for (;; n--) {
        while (at < end && *at == ' ')
            at++;
        const char *stop = at;
        while (stop < end && *stop != ' ' && *stop != '\n')
            stop++;
        if (n == 0 || stop == end)
            return n == 0 && rm_procfs_number(at, (size_t)(stop - at), UINT64_MAX, &value) == 0 ? value : 0;
        at = stop;
    }
}

int rm_stat_parse(const char *text, size_t length, struct rm_stat *ret)
{
    struct rm_stat s = {0};
    const char *open = memchr(text, '(', length), *close = memrchr(text, ')', length), *end = text + length;
    if (!open || !close || close < open)
        return -EBADMSG;
    size_t comm = (size_t)(close - open - 1);
    if (comm > sizeof(s.comm) - 1)
        comm = sizeof(s.comm) - 1;
    memcpy(s.comm, open + 1, comm);

    uint64_t flags = 0, ticks = 0;
    const char *at = close + 1;
    int field = FIELD_STATE;
    for (; field <= FIELD_START; field++) {
        if (at >= end || *at != ' ')
            return -EBADMSG;
        at++;
        const char *stop = at;
        while (stop < end && *stop != ' ' && *stop != '\n')
            stop++;
        size_t size = (size_t)(stop - at);
        if (!size || (field == FIELD_STATE && size != 1))
            return -EBADMSG;
        int r = 0;
        if (field == FIELD_STATE)
            s.state = *at;
        if (field == FIELD_FLAGS)
            r = rm_procfs_number(at, size, UINT32_MAX, &flags);
        if (field == FIELD_THREADS)
            r = rm_procfs_number(at, size, UINT32_MAX, &s.threads);
        if (field == FIELD_START)
            r = rm_procfs_number(at, size, UINT64_MAX, &ticks);
        if (r < 0)
            return -EBADMSG;
        at = stop;
    }
    /* A truncated start time would be a wrong one. */
    if (at >= end)
        return -EBADMSG;
    s.stack = word_at(at, end, FIELD_STACK - FIELD_START - 1);
    s.kernel_thread = flags & PF_KTHREAD;
    s.exiting = flags & PF_EXITING;
    int r = start_from_ticks(ticks, &s.start);
    if (r < 0)
        return r;
    *ret = s;
    return 0;
}

/* The n-th word (from 0) behind "Key:". */
static int status_word(const char *text, const char *key, int n, const char **ret, size_t *ret_length)
{
    size_t size = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, size) != 0 || line[size] != ':')
            continue;
        const char *at = line + size + 1;
        for (;; n--) {
            at += strspn(at, " \t");
            size_t length = strcspn(at, " \t\n");
            if (!length)
                return -EBADMSG;
            if (n == 0) {
                *ret = at;
                *ret_length = length;
                return 0;
            }
            at += length;
        }
    }
    return -EBADMSG;
}

static int status_number(const char *text, const char *key, int n, uint32_t *ret)
{
    const char *word;
    size_t length;
    uint64_t value;
    int r = status_word(text, key, n, &word, &length);
    /* Text that ends there may have been cut, and the number with it. */
    if (r < 0 || !word[length] || rm_procfs_number(word, length, UINT32_MAX, &value) < 0)
        return -EBADMSG;
    *ret = (uint32_t)value;
    return 0;
}

int rm_status_parse(const char *text, struct rm_status *ret)
{
    struct rm_status s = {0};
    if (status_number(text, "Tgid", 0, &s.tgid) < 0 || status_number(text, "Uid", 0, &s.real_uid) < 0 ||
        status_number(text, "Uid", 1, &s.effective_uid) < 0 || status_number(text, "Uid", 2, &s.saved_uid) < 0)
        return -EBADMSG;
    if (status_number(text, "PPid", 0, &s.parent) < 0)
        s.parent = 0;
    *ret = s;
    return 0;
}

int rm_status_read(int dir, struct rm_status *ret)
{
    char text[4096];
    long n = rm_procfs_read(dir, "status", text, sizeof(text));
    if (n == -EFBIG) {
        /* A list of groups has any length; what is wanted stands before it. */
        text[sizeof(text) - 1] = '\0';
        n = 0;
    }
    if (n < 0)
        return (int)n;
    return rm_status_parse(text, ret);
}
