/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include "procfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The largest status there is: 65,536 groups of eleven characters, and the rest. */
#define STATUS_SIZE (768u << 10)
#define GROUPS_MAX 65536u

void rm_credentials_done(struct rm_credentials *c)
{
    free(c->groups);
    *c = (struct rm_credentials){0};
}

static const char *find_line(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at ? at + strlen(key) : NULL;
}

/* The next number of a line: 1, 0 at its end, or -EBADMSG. */
static int next_number(const char **at, uint32_t *ret)
{
    uint64_t value;
    *at += strspn(*at, " \t");
    size_t length = strcspn(*at, " \t\n");
    if (!length)
        return **at == '\n' ? 0 : -EBADMSG; /* text that ends there may have been cut */
    if (rm_procfs_number(*at, length, UINT32_MAX, &value) < 0)
        return -EBADMSG;
    *at += length;
    *ret = (uint32_t)value;
    return 1;
}

/* Real, effective, saved, and that of the file system. */
static int read_one(const char *text, const char *key, uint32_t *ret)
{
    const char *at = find_line(text, key);
    uint32_t ids[4];
    for (int i = 0; i < 4; i++)
        if (!at || next_number(&at, &ids[i]) <= 0)
            return -EBADMSG;
    if (ids[0] != ids[1] || ids[0] != ids[2] || ids[0] != ids[3])
        return -EPERM;
    *ret = ids[0];
    return 0;
}

static int read_groups(const char *text, struct rm_credentials *c)
{
    const char *at = find_line(text, "\nGroups:");
    uint32_t capacity = 0, group;
    int r = at ? 0 : -EBADMSG;
    while (r >= 0 && (r = next_number(&at, &group)) > 0) {
        if (c->group_count == GROUPS_MAX)
            return -EBADMSG;
        if (c->group_count == capacity) {
            capacity = capacity ? 2 * capacity : 32;
            uint32_t *groups = realloc(c->groups, capacity * sizeof(*groups));
            if (!groups)
                return -ENOMEM;
            c->groups = groups;
        }
        c->groups[c->group_count++] = group;
    }
    return r;
}

int rm_credentials_parse(const char *text, struct rm_credentials *ret)
{
    struct rm_credentials c = {0};
    int r = read_one(text, "\nUid:", &c.uid);
    if (r == 0)
        r = read_one(text, "\nGid:", &c.gid);
    if (r == 0)
        r = read_groups(text, &c);
    if (r < 0)
        rm_credentials_done(&c);
    else
        *ret = c;
    return r;
}

int rm_credentials_read(int dir, struct rm_credentials *ret)
{
    char *text = malloc(STATUS_SIZE);
    if (!text)
        return -ENOMEM;
    long n = rm_procfs_read(dir, "status", text, STATUS_SIZE);
    int r = n < 0 ? (int)n : rm_credentials_parse(text, ret);
    free(text);
    return r;
}
