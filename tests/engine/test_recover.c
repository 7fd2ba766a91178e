/* SPDX-License-Identifier: MIT
 *
 * Recovery where no service manager runs: what is told of each item, what ends
 * a journal, and what stays for a later try.  tests/test_recover.py has real
 * units, and primaries that are killed in the middle of their work.
 */
#include "bringback.h"
#include "left_behind.h"
#include "restartmanager_ext.h"
#include "roles.h"
#include "sandbox.h"

#include <signal.h>

#define NO_SUCH_PID 4194304u /* the kernel gives out lesser ones */

static RMX_ACCOUNT *account;
static uint32_t last_percent;
static pid_t end_at_once; /* what the callback kills when a recovery begins */

static void note_percent(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item)
{
    (void)item;
    CHECK(context == &account);
    CHECK_EQUAL(phase, RMX_PHASE_RECOVER);
    CHECK(percent ? percent > last_percent : last_percent == UINT32_MAX);
    last_percent = percent;
    if (!percent && end_at_once)
        CHECK(kill(end_at_once, SIGKILL) == 0);
}

static DWORD recover(ULONG timeout_ms)
{
    DWORD code;

    RmxFreeAccount(account);
    account = NULL;
    last_percent = UINT32_MAX;
    code = RmxRecover(0, note_percent, &account, timeout_ms, &account);
    CHECK(account);
    CHECK_EQUAL(account->phase, RMX_PHASE_RECOVER);
    CHECK((last_percent == 100) == (code == ERROR_SUCCESS || code == ERROR_FAIL_RESTART));
    return code;
}

/* The one item of the account. */
static const RMX_ITEM *item(void)
{
    CHECK_EQUAL(account->item_count, 1);
    return account->items;
}

static void stop(struct rm_journal *journal, const struct rm_entry *entry)
{
    char name[RM_CLAIM_SIZE];

    write_entry(journal, entry);
    if (!entry->unit)
        return;
    CHECK_EQUAL(rm_entry_claim(entry->unit, entry->manager_uid, name), 0);
    CHECK_EQUAL(rm_host_journal_claim(journal, name, &for_ever), 0);
}

/* A session died with that. */
static void leave(const struct rm_entry *entry)
{
    IN_A_PROCESS(stop(new_journal(), entry));
}

static void check_nothing_is_left(void)
{
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
    CHECK(account->item_count == 0 && account->flags & RMX_LIST_COMPLETE);
}

static pid_t spawn_sleeper(RM_UNIQUE_PROCESS *ret)
{
    pid_t pid;

    SPAWN(pid, pause());
    CHECK_EQUAL(rm_host_process((uint32_t)pid, ret), 0);
    return pid;
}

static void test_nothing_is_abandoned(void)
{
    check_nothing_is_left(); /* there is no store yet */
    start();
    check_nothing_is_left();
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    CHECK_EQUAL(RmxRecover(0, NULL, NULL, 0, NULL), ERROR_SUCCESS);
}

static void test_what_nobody_can_start_is_told_of_once(void)
{
    struct rm_entry entry = an_item(NULL, NO_SUCH_PID);

    entry.back = RMX_BACK_NO;
    entry.exe = "/bin/gone";
    leave(&entry);
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_FAIL_RESTART);
    CHECK_EQUAL(item()->failure, RMX_FAIL_NO_WAY);
    CHECK(!strcmp(item()->name, "program") && !strcmp(item()->exe, "/bin/gone") && !item()->unit);
    CHECK_EQUAL(item()->action, RMX_ACTION_SIGNAL);
    CHECK_EQUAL(item()->status, RmStatusStopped);
    CHECK_EQUAL(item()->process.dwProcessId, NO_SUCH_PID);
    CHECK_EQUAL(account->process_count, 1);
    check_nothing_is_left();
}

static void test_a_wish_that_cannot_be_read_is_none(void)
{
    struct rm_entry entry = an_item(NULL, NO_SUCH_PID);

    entry.wish = "nonsense";
    entry.wish_size = 8;
    leave(&entry);
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_FAIL_RESTART);
    CHECK_EQUAL(item()->failure, RMX_FAIL_NO_WAY);
    check_nothing_is_left();
}

static struct rm_returned returned;

static int note_returned(void *context, uint32_t index, const struct rm_returned *r)
{
    (void)context;
    CHECK_EQUAL(index, 0);
    returned = *r;
    return 0;
}

/* Its session died before it was asked to end, or it takes no notice of that. */
static void test_a_program_that_goes_on_was_up(void)
{
    struct rm_journal *journal = new_journal();
    struct rm_entry entry = an_item(NULL, 1);
    struct rm_stopped stopped = {0};
    pid_t pid = spawn_sleeper(&entry.process);

    stop(journal, &entry);
    CHECK_EQUAL(rm_stopped_fold(&stopped, &entry), 0);
    CHECK_EQUAL(rm_bringback(&stopped, journal, 0, &for_ever, note_returned, NULL), 0);
    CHECK_EQUAL(returned.failure, RMX_FAIL_NONE);
    CHECK_EQUAL(returned.flags, RMX_ITEM_WAS_UP | RMX_ITEM_VERIFIED);
    CHECK_EQUAL(returned.now.dwProcessId, pid);
    CHECK(!*what_is_stopped(journal));
    CHECK(kill(pid, SIGKILL) == 0);
    expect_killed(pid);
    rm_stopped_done(&stopped);
    rm_host_journal_end_take(journal);
}

static void test_a_program_is_given_time_to_end(void)
{
    struct rm_entry entry = an_item(NULL, 1);
    pid_t pid = spawn_sleeper(&entry.process);

    entry.back = RMX_BACK_NO;
    leave(&entry);
    CHECK_EQUAL(recover(0), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(item()->failure, RMX_FAIL_TIMEOUT);
    CHECK(item()->status & RmStatusErrorOnRestart);
    end_at_once = pid;
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_FAIL_RESTART);
    CHECK_EQUAL(item()->failure, RMX_FAIL_NO_WAY); /* and not: was up */
    end_at_once = 0;
    expect_killed(pid);
    check_nothing_is_left();
}

static void test_what_a_filter_masks_stays_stopped(void)
{
    struct rm_entry entry = an_item(NULL, NO_SUCH_PID);

    entry.back = RMX_BACK_MASKED;
    leave(&entry);
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
    CHECK(item()->failure == RMX_FAIL_NONE && item()->status == RmStatusStopped);
    check_nothing_is_left();
}

static void test_a_failure_is_for_a_later_try(void)
{
    struct rm_entry entry = an_item("a.service", 0);
    struct rm_journal *other;
    RMX_SESSIONS *sessions;

    entry.part = RM_UNIT_DEPENDENT;
    leave(&entry);
    for (int n = 0; n < 2; n++) {
        CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_FAIL_RESTART);
        CHECK_EQUAL(item()->failure, RMX_FAIL_UNREACHABLE);
        CHECK(!strcmp(item()->unit, "a.service") && item()->manager_uid == RMX_NO_UID);
        CHECK_EQUAL(item()->action, RMX_ACTION_UNIT);
        CHECK_EQUAL(item()->cause, RMX_CAUSE_DEPENDS);
        CHECK_EQUAL(item()->status, RmStatusStopped | RmStatusErrorOnRestart);
        CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
        CHECK(sessions->count == 1 && sessions->sessions->stopped == 1);
        CHECK_EQUAL(sessions->sessions->state, RMX_SESSION_ABANDONED);
        RmxFreeSessions(sessions);
    }

    /* A living session has it stopped, too, and will bring it back as the last. */
    other = new_journal();
    stop(other, &entry);
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_SUCCESS);
    CHECK_EQUAL(item()->flags, RMX_ITEM_SHARED);
    CHECK_EQUAL(item()->status, RmStatusStopped);
    check_nothing_is_left();
    rm_host_journal_end_take(other);
}

static void test_many_sessions_are_one_account(void)
{
    struct rm_entry entry = an_item(NULL, NO_SUCH_PID);

    entry.back = RMX_BACK_NO;
    for (int n = 0; n < 3; n++)
        leave(&entry);
    LEAVE_BEHIND("a.service");
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_FAIL_RESTART);
    CHECK_EQUAL(account->item_count, 4);
    CHECK(!strcmp(account->items[3].name, "a.service"));
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_FAIL_RESTART);
    CHECK(!strcmp(item()->name, "a.service"));
    rm_host_journal_end_take(adopt());
    check_nothing_is_left();
}

static void test_a_store_that_cannot_be_read_is_an_error(void)
{
    LEAVE_BEHIND("a.service");
    CHECK(chmod("/run/rmcy", 0755) == 0); /* not ours alone */
    CHECK_EQUAL(recover(RMX_TIMEOUT_DEFAULT), ERROR_WRITE_FAULT);
    CHECK(account->item_count == 0 && !(account->flags & RMX_LIST_COMPLETE));
    CHECK(chmod("/run/rmcy", 0700) == 0);
    rm_host_journal_end_take(adopt());
    check_nothing_is_left();
}

int main(void)
{
    sandbox_enter("size=1m");
    RUN(test_nothing_is_abandoned);
    RUN(test_what_nobody_can_start_is_told_of_once);
    RUN(test_a_wish_that_cannot_be_read_is_none);
    RUN(test_a_program_that_goes_on_was_up);
    RUN(test_a_program_is_given_time_to_end);
    RUN(test_what_a_filter_masks_stays_stopped);
    RUN(test_a_failure_is_for_a_later_try);
    RUN(test_many_sessions_are_one_account);
    RUN(test_a_store_that_cannot_be_read_is_an_error);
    RmxFreeAccount(account);
    return 0;
}
