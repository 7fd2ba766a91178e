/* SPDX-License-Identifier: MIT
 *
 * Of /proc/PID/status the users and groups, as any bytes: text that is cut
 * anywhere has the same ones or none.
 */
#include "credentials.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(const uint8_t *data, size_t size, struct rm_credentials *ret)
{
    char *text = malloc(size + 1);
    if (!text)
        abort();
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    int r = rm_credentials_parse(text, ret);
    free(text);
    if (r < 0 && r != -EBADMSG && r != -EPERM)
        abort();
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rm_credentials whole, cut;
    int r = parse(data, size, &whole);
    for (size_t n = size > 64 ? size - 64 : 0; n < size; n++) {
        if (parse(data, n, &cut) < 0)
            continue;
        if (r == 0 && (cut.uid != whole.uid || cut.gid != whole.gid || cut.group_count != whole.group_count ||
                       (cut.group_count && memcmp(cut.groups, whole.groups, cut.group_count * sizeof(*cut.groups)) != 0)))
            abort();
        rm_credentials_done(&cut);
    }
    if (r == 0)
        rm_credentials_done(&whole);
    return 0;
}
