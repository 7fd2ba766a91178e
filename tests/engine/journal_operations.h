/* SPDX-License-Identifier: MIT
 *
 * What is done with a journal, step by step, for a test that kills whoever does it.
 */
#pragma once

#include "left_behind.h"
#include "process.h"

static struct rm_journal *journal;

static inline void begin_journal(void)
{
    journal = new_journal();
}

static inline void stop_one(void)
{
    begin_journal();
    write_stop(journal, "a.service");
    CHECK_EQUAL(rm_host_journal_claim(journal, "a.service", &for_ever), 0);
}

static inline void stop_another(void)
{
    write_stop(journal, "b.service");
}

static inline void bring_back_one(void)
{
    write_back(journal, "a.service");
}

static inline void claim_another(void)
{
    CHECK_EQUAL(rm_host_journal_claim(journal, "b.service", &for_ever), 0);
}

static inline void let_go_of_one(void)
{
    bool last;

    CHECK_EQUAL(rm_host_journal_unclaim(journal, "a.service", &for_ever, &last), 0);
    CHECK(last);
}

static inline void leave_one_behind(void)
{
    IN_A_PROCESS(stop_one());
}

static inline void adopt_one(void)
{
    journal = adopt();
    CHECK(journal);
}

static inline void end_journal(void)
{
    rm_host_journal_end_take(journal);
}

static inline void abandon_journal(void)
{
    rm_host_journal_abandon_take(journal);
}
