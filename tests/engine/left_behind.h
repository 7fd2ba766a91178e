/* SPDX-License-Identifier: MIT
 *
 * Journals for a test, with what sessions would write into them: items that
 * are about to be stopped, and that are back.
 */
#pragma once

#include "check.h"
#include "entry.h"
#include "for_ever.h"
#include "host.h"
#include "journal.h"
#include "process.h"

static inline struct rm_entry an_item(const char *unit, DWORD pid)
{
    return (struct rm_entry){
        .kind = RM_ENTRY_STOP,
        .back = unit ? RMX_BACK_UNIT : RMX_BACK_REGISTERED,
        .type = unit ? RmService : RmConsole,
        .uid = geteuid(),
        .manager_uid = RMX_NO_UID,
        .process = {.dwProcessId = pid, .ProcessStartTime = {.dwLowDateTime = 7}},
        .unit = unit,
        .name = unit ? unit : "program",
    };
}

static inline int try_to_write_entry(struct rm_journal *journal, const struct rm_entry *entry)
{
    void *data;
    size_t size;
    int e;

    CHECK_EQUAL(rm_entry_encode(entry, &data, &size), 0);
    e = rm_host_journal_write(journal, data, size);
    free(data);
    return e;
}

static inline void write_entry(struct rm_journal *journal, const struct rm_entry *entry)
{
    CHECK_EQUAL(try_to_write_entry(journal, entry), 0);
}

static inline int try_to_write(struct rm_journal *journal, enum rm_entry_kind kind, const char *unit)
{
    struct rm_entry entry = an_item(unit, 0);

    entry.kind = kind;
    return try_to_write_entry(journal, &entry);
}

static inline void write_stop(struct rm_journal *journal, const char *unit)
{
    CHECK_EQUAL(try_to_write(journal, RM_ENTRY_STOP, unit), 0);
}

static inline void write_back(struct rm_journal *journal, const char *unit)
{
    CHECK_EQUAL(try_to_write(journal, RM_ENTRY_BACK, unit), 0);
}

static inline struct rm_journal *new_journal(void)
{
    struct rm_journal *journal = NULL;

    CHECK_EQUAL(rm_host_journal_new(NULL, &for_ever, &journal), 0);
    return journal;
}

static inline struct rm_journal *adopt(void)
{
    struct rm_journal *journal = NULL;

    CHECK_EQUAL(rm_host_journal_adopt(&for_ever, &journal), 0);
    return journal;
}

/* What a journal says, as "a.service b.service". */
static inline const char *what_is_stopped(struct rm_journal *journal)
{
    static char text[4096];
    struct rm_stopped stopped = {0};

    *text = 0;
    CHECK_EQUAL(rm_host_journal_read(journal, rm_stopped_fold_bytes, &stopped), 0);
    for (uint32_t i = 0; i < stopped.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 stopped.entries[i].unit ? stopped.entries[i].unit : stopped.entries[i].name);
    rm_stopped_done(&stopped);
    return text;
}

/* A session that died with one unit stopped. */
#define LEAVE_BEHIND(unit) IN_A_PROCESS(write_stop(new_journal(), (unit)))
