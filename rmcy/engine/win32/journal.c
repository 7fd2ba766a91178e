/* SPDX-License-Identifier: MIT
 *
 * A journal in memory: nothing of it survives its process, and a recovery finds
 * nothing (ours: this host layer is for tests alone).
 *
 * A claim is a named event that exists as long as some process has a handle to
 * it: it goes with the process that made it.
 */
#include "error.h"
#include "journal.h"
#include "object.h"

#include <windows.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct claim {
    struct claim *next;
    HANDLE event;
    WCHAR name[RM_OBJECT_NAME_SIZE];
};

struct rm_journal {
    struct claim *claims;
};

int rm_host_journal_new(const struct rm_slot *slot, const struct rm_wait *wait, struct rm_journal **ret)
{
    struct rm_journal *journal = calloc(1, sizeof *journal);

    (void)slot, (void)wait;
    if (!journal)
        return -ENOMEM;
    *ret = journal;
    return 0;
}

int rm_host_journal_write(struct rm_journal *journal, const void *data, size_t size)
{
    (void)journal, (void)data, (void)size;
    return 0;
}

static void free_claim(struct claim *claim)
{
    CloseHandle(claim->event);
    free(claim);
}

void rm_host_journal_end_take(struct rm_journal *journal)
{
    while (journal->claims) {
        struct claim *claim = journal->claims;

        journal->claims = claim->next;
        free_claim(claim);
    }
    free(journal);
}

void rm_host_journal_abandon_take(struct rm_journal *journal)
{
    rm_host_journal_end_take(journal);
}

int rm_host_journal_claim(struct rm_journal *journal, const char *name, const struct rm_wait *wait)
{
    struct claim *claim = calloc(1, sizeof *claim);

    (void)wait;
    if (!claim)
        return -ENOMEM;
    rm_object_name("claim", name, strlen(name), claim->name);
    claim->event = CreateEventW(NULL, TRUE, FALSE, claim->name);
    if (!claim->event) {
        int e = rm_last_error();

        free(claim);
        return e;
    }
    claim->next = journal->claims;
    journal->claims = claim;
    return 0;
}

int rm_host_journal_unclaim(struct rm_journal *journal, const char *name, const struct rm_wait *wait, bool *ret_last)
{
    WCHAR event[RM_OBJECT_NAME_SIZE];
    HANDLE others;

    (void)wait;
    rm_object_name("claim", name, strlen(name), event);
    for (struct claim **at = &journal->claims; *at;) {
        struct claim *claim = *at;

        if (wcscmp(claim->name, event)) {
            at = &claim->next;
            continue;
        }
        *at = claim->next;
        free_claim(claim);
    }
    others = OpenEventW(SYNCHRONIZE, FALSE, event);
    if (others)
        CloseHandle(others);
    *ret_last = !others;
    return 0;
}

int rm_host_journal_adopt(const struct rm_wait *wait, struct rm_journal **ret)
{
    (void)wait;
    *ret = NULL;
    return 0;
}

int rm_host_journal_read(struct rm_journal *journal, int (*entry)(void *context, const void *data, size_t size),
                         void *context)
{
    (void)journal, (void)entry, (void)context;
    return 0;
}
