/* SPDX-License-Identifier: MIT
 *
 * Who brings back a unit that several sessions have stopped: the last of them
 * that lives.
 */
#include "left_behind.h"
#include "sandbox.h"

#define SESSIONS 8

static bool let_go(struct rm_journal *journal, const char *name)
{
    bool last;

    CHECK_EQUAL(rm_host_journal_unclaim(journal, name, &for_ever, &last), 0);
    return last;
}

static void claim(struct rm_journal *journal, const char *name)
{
    CHECK_EQUAL(rm_host_journal_claim(journal, name, &for_ever), 0);
}

static void test_the_last_one_brings_it_back(void)
{
    struct rm_journal *a = new_journal(), *b = new_journal();
    int ready[2];
    struct gate go;
    pid_t other;

    claim(a, "x");
    claim(b, "x");
    claim(b, "xy");
    CHECK(let_go(a, "y"));
    CHECK(!let_go(a, "x"));
    CHECK(let_go(b, "x"));
    CHECK(let_go(a, "x")); /* has none: as the last */
    CHECK(!let_go(a, "xy"));

    claim(a, "x");
    CHECK(pipe(ready) == 0);
    gate_init(&go);
    SPAWN(other, {
        struct rm_journal *c = new_journal();

        claim(c, "x");
        report(ready);
        gate_wait(&go);
        CHECK(let_go(c, "x"));
        claim(c, "x"); /* and dies with it */
        write_stop(c, "x");
    });
    await_report(ready);
    CHECK(!let_go(a, "x"));
    gate_open(&go);
    expect_success(other);
    CHECK(let_go(a, "x"));
    claim(a, "x");
    rm_host_journal_abandon_take(a);
    CHECK(let_go(b, "x"));
    rm_host_journal_end_take(b);
    for (int i = 0; i < 2; i++)
        if ((a = adopt()))
            rm_host_journal_end_take(a);
    CHECK(!adopt());
    close(ready[0]);
    close(ready[1]);
}

/* Exactly one of those who let go at the same moment is the last. */
static void test_only_one_is_the_last(void)
{
    struct rm_journal *own = new_journal(); /* so that there is a store */
    unsigned *lasts = shared_memory(SESSIONS * sizeof *lasts), sum = 0;
    pid_t others[SESSIONS];
    struct gate gate, end;
    int ready[2];

    CHECK(pipe(ready) == 0);
    gate_init(&gate);
    gate_init(&end);
    for (int i = 0; i < SESSIONS; i++)
        SPAWN(others[i], {
            struct rm_journal *journal = new_journal();

            claim(journal, "x");
            report(ready);
            gate_wait(&gate);
            lasts[i] = let_go(journal, "x");
            report(ready);
            gate_wait(&end); /* a death would let go, too */
            rm_host_journal_end_take(journal);
        });
    for (int i = 0; i < SESSIONS; i++)
        await_report(ready);
    gate_open(&gate);
    for (int i = 0; i < SESSIONS; i++)
        await_report(ready);
    gate_open(&end);
    for (int i = 0; i < SESSIONS; i++) {
        expect_success(others[i]);
        sum += lasts[i];
    }
    CHECK_EQUAL(sum, 1);
    rm_host_journal_end_take(own);
    CHECK(!adopt());
    close(ready[0]);
    close(ready[1]);
}

int main(void)
{
    sandbox_enter("size=1m");
    RUN(test_the_last_one_brings_it_back);
    RUN(test_only_one_is_the_last);
    return 0;
}
