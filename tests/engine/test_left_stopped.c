/* SPDX-License-Identifier: MIT
 *
 * What people and the next start learn of what sessions have stopped.
 */
#include "left_behind.h"
#include "roles.h"
#include "sandbox.h"
#include "session.h"

/* The rows of RmxGetSessions, which must be as many. */
static const RMX_SESSION *rows(unsigned count)
{
    static RMX_SESSIONS *sessions;

    RmxFreeSessions(sessions);
    sessions = NULL;
    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    CHECK_EQUAL(sessions->count, count);
    return sessions->sessions;
}

static struct rm_journal *journal_of(DWORD handle)
{
    struct rm_wait wait = for_ever;
    struct rm_journal *journal;
    struct rm_session *session;

    CHECK_EQUAL(rm_session_enter(handle, &wait, &session), 0);
    CHECK_EQUAL(rm_host_journal_new(session->slot, &wait, &journal), 0);
    rm_session_leave(session);
    return journal;
}

static void test_a_session_shows_what_it_stopped(void)
{
    struct rm_journal *journal;
    RMX_SESSION row;
    UINT left = 99;
    pid_t dead;

    CHECK_EQUAL(RmxStartSession(&primary, 0, "label", RMX_TIMEOUT_DEFAULT, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetLeftStopped(primary, &left), ERROR_SUCCESS);
    CHECK_EQUAL(left, 0);
    journal = journal_of(primary);
    CHECK_EQUAL(rows(1)->stopped, 0);
    write_stop(journal, "a.service");
    write_stop(journal, "b.service");
    CHECK_EQUAL(rows(1)->stopped, 2);
    write_back(journal, "a.service");
    row = *rows(1);
    CHECK(row.stopped == 1 && row.state == RMX_SESSION_LIVE && row.slot == 0);
    rm_host_journal_end_take(journal);
    CHECK_EQUAL(rows(1)->stopped, 0);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);

    /* A dead one, and then its slot is reused. */
    SPAWN(dead, {
        CHECK_EQUAL(RmxStartSession(&primary, 0, "dead", RMX_TIMEOUT_DEFAULT, key), ERROR_SUCCESS);
        journal = journal_of(primary);
        write_stop(journal, "a.service");
        write_stop(journal, "b.service");
    });
    expect_success(dead);
    row = *rows(1);
    CHECK(row.stopped == 2 && row.state == RMX_SESSION_ABANDONED && row.slot == 0 && (pid_t)row.owner_pid == dead);
    start();
    CHECK_EQUAL(RmxGetLeftStopped(primary, &left), ERROR_SUCCESS);
    CHECK_EQUAL(left, 2);
    CHECK(rows(2)[0].slot == 0 && rows(2)[0].state == RMX_SESSION_LIVE && rows(2)[0].stopped == 0);
    row = rows(2)[1];
    CHECK(row.stopped == 2 && row.state == RMX_SESSION_ABANDONED && row.slot == RMX_NO_SLOT);
    CHECK((pid_t)row.owner_pid == dead && row.started > 0 && !strcmp(row.label, "dead"));

    CHECK_EQUAL(RmxGetLeftStopped(primary, NULL), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetLeftStopped(joined, &left), ERROR_SESSION_CREDENTIAL_CONFLICT);
    end_both();
    CHECK_EQUAL(RmxGetLeftStopped(primary, &left), ERROR_INVALID_HANDLE);

    journal = adopt();
    CHECK(rows(1)->state == RMX_SESSION_LIVE && (pid_t)rows(1)->owner_pid == getpid()); /* it is in work */
    rm_host_journal_end_take(journal);
    rows(0);
}

int main(void)
{
    sandbox_enter("size=1m");
    RUN(test_a_session_shows_what_it_stopped);
    return 0;
}
