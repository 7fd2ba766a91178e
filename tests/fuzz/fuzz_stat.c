/* SPDX-License-Identifier: MIT
 *
 * /proc/PID/stat, as any bytes: a process has chosen what stands between the
 * brackets, and whatever that is, what is read behind them stays the same.
 */
#include "procfs.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of just that size, so that a read past it is seen. */
static int parse(const void *text, size_t size, struct rm_stat *ret)
{
    char *copy = malloc(size ? size : 1);
    int r;

    if (!copy)
        abort();
    memcpy(copy, text, size);
    r = rm_stat_parse(copy, size, ret);
    free(copy);
    return r;
}

static void check_same_with_another_name(const uint8_t *data, size_t size, struct rm_stat expected)
{
    static const char name[] = "1 (x) S 1 (y";
    const uint8_t *tail = memrchr(data, ')', size);
    size_t rest = (size_t)(data + size - tail);
    char *text = malloc(sizeof name - 1 + rest);
    struct rm_stat s;

    if (!text)
        abort();
    memcpy(text, name, sizeof name - 1);
    memcpy(text + sizeof name - 1, tail, rest);
    if (parse(text, sizeof name - 1 + rest, &s) < 0 || strcmp(s.comm, "x) S 1 (y") != 0)
        abort();
    if (s.state != expected.state || s.kernel_thread != expected.kernel_thread || s.exiting != expected.exiting ||
        s.threads != expected.threads || s.start != expected.start)
        abort();
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rm_stat s, before;

    memset(&s, 0xA5, sizeof s);
    memcpy(&before, &s, sizeof s);
    if (parse(data, size, &s) < 0) {
        if (memcmp(&before, &s, sizeof s) != 0)
            abort();
        return 0;
    }
    if (!memchr(s.comm, 0, sizeof s.comm))
        abort();
    check_same_with_another_name(data, size, s);
    return 0;
}
