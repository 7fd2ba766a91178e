/* SPDX-License-Identifier: MIT
 *
 * /proc/PID/status, as any bytes and of any length.  What does not fit the
 * reader's buffer is cut: then the whole file's values are read, or none, but
 * for the parent, which may be absent.
 */
#include "in_a_file.h"
#include "procfs.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define READ_AT_ONCE 4095

/* Behind another line, as a string of just that size. */
static int parse(const char *line, const uint8_t *data, size_t size, struct rm_status *ret)
{
    size_t before = strlen(line);
    char *text = malloc(before + size + 1);
    int r;

    if (!text)
        abort();
    memcpy(text, line, before);
    memcpy(text + before, data, size);
    text[before + size] = '\0';
    r = rm_status_parse(text, ret);
    free(text);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rm_status s, before, other = {0};
    int r;

    memset(&s, 0xA5, sizeof s);
    before = s;
    r = parse("", data, size, &s);
    if (r < 0 && memcmp(&before, &s, sizeof s) != 0)
        abort();
    if (parse("Name:\tTgid:\\nUid:\n", data, size, &other) != r || (r == 0 && memcmp(&other, &s, sizeof s) != 0))
        abort();
    write_file("status", data, size);
    if (rm_status_read(dir_fd, &other) == 0) {
        /* The end of a long file is not read, and could have the one line that may be absent; the kernel writes it at
         * the beginning. */
        if (size >= READ_AT_ONCE)
            other.parent = s.parent;
        if (r < 0 || memcmp(&other, &s, sizeof s) != 0)
            abort();
    }
    return 0;
}
