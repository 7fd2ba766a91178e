/* SPDX-License-Identifier: MIT
 *
 * What ends a wait, the turns of a queue, and claims.
 */
#include "child.h"

#include "event.h"
#include "host.h"
#include "journal.h"
#include "queue.h"
#include "waiting.h"

static const struct rm_wait for_ever = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
static const struct rm_wait over = {.deadline = 0, .cancel_fd = -1};

static void test_what_ends_a_wait(void)
{
    struct rm_wait cancellable = for_ever;
    struct rm_event *event, *cancel;

    CHECK_EQUAL(rm_event_new(&event), 0);
    CHECK_EQUAL(rm_event_new(&cancel), 0);
    cancellable.cancel_fd = rm_event_fd(cancel);
    CHECK_EQUAL(rm_wait_for(&over, rm_event_fd(event)), -ETIMEDOUT);
    CHECK_EQUAL(rm_wait_check(&over), -ETIMEDOUT);
    CHECK_EQUAL(rm_wait_check(&cancellable), 0);
    rm_event_set(cancel);
    CHECK_EQUAL(rm_wait_check(&cancellable), -ECANCELED);
    CHECK_EQUAL(rm_wait_for(&cancellable, rm_event_fd(event)), -ECANCELED);
    rm_event_set(event);
    CHECK_EQUAL(rm_wait_for(&cancellable, rm_event_fd(event)), 0); /* what was waited for comes first */
    CHECK_EQUAL(rm_wait_for(&for_ever, rm_event_fd(event)), 0);
    rm_event_free(event);
    rm_event_free(cancel);
}

static void test_time_goes_forward(void)
{
    uint64_t before = rm_host_now();
    struct rm_wait wait = rm_wait_within(&for_ever, 1);

    CHECK(wait.deadline > before);
    while (rm_host_now() == before)
        ;
    CHECK_EQUAL(rm_wait_milliseconds(&over), 0);
    CHECK_EQUAL(rm_wait_milliseconds(&for_ever), -1);
}

static void test_random_bytes_differ(void)
{
    uint8_t a[16] = {0}, b[16] = {0};

    CHECK_EQUAL(rm_host_random(a, sizeof a), 0);
    CHECK_EQUAL(rm_host_random(b, sizeof b), 0);
    CHECK(memcmp(a, b, sizeof a));
}

static struct rm_queue queue = RM_QUEUE_INIT;
static unsigned turns; /* under the queue */

static void *take_turns(void *unused)
{
    (void)unused;
    for (int i = 0; i < 1000; i++) {
        CHECK_EQUAL(rm_queue_enter(&queue, &for_ever), 0);
        turns++;
        rm_queue_leave(&queue);
    }
    return NULL;
}

static void test_turns(void)
{
    pthread_t threads[8];

    CHECK_EQUAL(rm_queue_enter(&queue, &for_ever), 0);
    CHECK_EQUAL(rm_queue_enter(&queue, &over), -ETIMEDOUT);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, take_turns, NULL), 0);
    rm_queue_leave(&queue);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK_EQUAL(turns, 8000);
}

static void child_claim(void)
{
    struct rm_journal *journal;
    char ignored[LINE_SIZE];

    CHECK_EQUAL(rm_host_journal_new(NULL, &for_ever, &journal), 0);
    CHECK_EQUAL(rm_host_journal_claim(journal, "system/a\\service", &for_ever), 0);
    tell("claimed");
    while (hear(ignored))
        ;
}

static bool unclaim(struct rm_journal *journal)
{
    bool last;

    CHECK_EQUAL(rm_host_journal_unclaim(journal, "system/a\\service", &for_ever, &last), 0);
    return last;
}

static void test_a_claim_is_seen_by_others_and_goes_with_its_process(void)
{
    struct child child = child_start("claim");
    struct rm_journal *journal, *other, *adopted;

    child_expect(&child, "claimed");
    CHECK_EQUAL(rm_host_journal_new(NULL, &for_ever, &journal), 0);
    CHECK_EQUAL(rm_host_journal_new(NULL, &for_ever, &other), 0);
    CHECK_EQUAL(rm_host_journal_claim(journal, "system/a\\service", &for_ever), 0);
    CHECK(!unclaim(journal));
    child_kill(&child);
    CHECK_EQUAL(rm_host_journal_claim(journal, "system/a\\service", &for_ever), 0);
    CHECK_EQUAL(rm_host_journal_claim(other, "system/a\\service", &for_ever), 0);
    CHECK(!unclaim(journal));
    CHECK(unclaim(other));
    CHECK(unclaim(other)); /* not to have one is no error */
    rm_host_journal_end_take(journal);
    rm_host_journal_abandon_take(other);
    CHECK_EQUAL(rm_host_journal_adopt(&for_ever, &adopted), 0);
    CHECK(!adopted);
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        child_claim();
        return 0;
    }
    RUN(test_what_ends_a_wait);
    RUN(test_time_goes_forward);
    RUN(test_random_bytes_differ);
    RUN(test_turns);
    RUN(test_a_claim_is_seen_by_others_and_goes_with_its_process);
    return 0;
}
