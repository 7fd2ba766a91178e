/* SPDX-License-Identifier: MIT */
#include "journal_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char magic[8] = "rmcyj/1";
#define ANY_VERSION 6 /* what the magic of every version begins with */

/* As large as an entry's alignment asks for. */
struct tag {
    uint32_t kind, reserved;
};

_Static_assert(sizeof(struct tag) == 8, "what follows is aligned");

bool rm_journal_is_name(const char *name)
{
    return rm_slot_is_random_name(name, "w-");
}

void rm_journal_head_init(struct rm_journal_head *head, const struct rm_owner *owner, const char *label,
                          const char *session)
{
    struct timespec now;

    memset(head, 0, sizeof *head); /* its padding is written, too */
    memcpy(head->magic, magic, sizeof magic);
    head->owner = *owner;
    clock_gettime(CLOCK_REALTIME, &now);
    head->started = now.tv_sec;
    snprintf(head->label, sizeof head->label, "%s", label);
    snprintf(head->session, sizeof head->session, "%s", session);
}

int rm_journal_append(int fd, struct rm_log *log, enum rm_journal_record kind, const void *data, size_t size)
{
    uint8_t *record = malloc(sizeof(struct tag) + size);
    int e;

    if (!record)
        return -ENOMEM;
    memcpy(record, &(struct tag){.kind = kind}, sizeof(struct tag));
    if (size)
        memcpy(record + sizeof(struct tag), data, size);
    e = rm_log_append(fd, log, record, sizeof(struct tag) + size);
    free(record);
    return e;
}

struct reading {
    const struct rm_journal_reader *reader;
    struct rm_journal_state state;
    bool owned;
};

static int take_owner(struct reading *reading, const void *data, size_t size)
{
    struct rm_journal_head head;

    if (size != sizeof head) {
        if (size >= sizeof magic && !memcmp(data, magic, ANY_VERSION) && memcmp(data, magic, sizeof magic) != 0)
            return -EPROTO;
        return -EBADMSG;
    }
    memcpy(&head, data, sizeof head);
    if (memcmp(head.magic, magic, sizeof magic) != 0)
        return memcmp(head.magic, magic, ANY_VERSION) != 0 ? -EBADMSG : -EPROTO;
    if (head.label[sizeof head.label - 1] || head.session[sizeof head.session - 1])
        return -EBADMSG;
    reading->state.head = head;
    reading->state.released = false;
    reading->owned = true;
    return 0;
}

static int take_claim(const struct reading *reading, const char *name, size_t size, bool claimed)
{
    if (!size || memchr(name, 0, size) != name + size - 1)
        return -EBADMSG;
    return reading->reader->claim ? reading->reader->claim(reading->reader->context, name, claimed) : 0;
}

static int take_record(void *context, const void *data, size_t size)
{
    struct reading *reading = context;
    const uint8_t *rest = (const uint8_t *)data + sizeof(struct tag);
    struct tag tag;

    if (size < sizeof tag)
        return -EBADMSG;
    memcpy(&tag, data, sizeof tag);
    size -= sizeof tag;
    if (!reading->owned && tag.kind != RM_JOURNAL_OWNER)
        return -EBADMSG;

    switch (tag.kind) {
    case RM_JOURNAL_OWNER:
        return take_owner(reading, rest, size);
    case RM_JOURNAL_RELEASED:
        reading->state.released = true;
        return 0;
    case RM_JOURNAL_ENTRY:
        return reading->reader->entry ? reading->reader->entry(reading->reader->context, rest, size) : 0;
    case RM_JOURNAL_CLAIM:
    case RM_JOURNAL_UNCLAIM:
        return take_claim(reading, (const char *)rest, size, tag.kind == RM_JOURNAL_CLAIM);
    default:
        return -EBADMSG;
    }
}

int rm_journal_read(int fd, const struct rm_journal_reader *reader, struct rm_journal_state *ret)
{
    struct reading reading = {.reader = reader};
    int e = rm_log_read(fd, &reading.state.log.good, take_record, &reading);

    if (e >= 0 && !reading.owned)
        e = -EBADMSG;
    if (e >= 0)
        *ret = reading.state;
    return e;
}

enum rm_journal_fate rm_journal_fate(const struct rm_journal_state *state)
{
    switch (rm_owner_state(&state->head.owner)) {
    case RM_OWNER_ALIVE:
        return state->released ? RM_JOURNAL_ABANDONED : RM_JOURNAL_KEPT;
    case RM_OWNER_DEAD:
        return rm_owner_is_past(&state->head.owner) ? RM_JOURNAL_PAST : RM_JOURNAL_ABANDONED;
    default:
        return RM_JOURNAL_FOREIGN;
    }
}
