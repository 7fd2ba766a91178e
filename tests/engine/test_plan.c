/* SPDX-License-Identifier: MIT
 *
 * What happens between a plan and its execution, step by step, and what an
 * account is.
 */
#include "account.h"
#include "acting.h"
#include "for_ever.h"
#include "host.h"
#include "plan.h"
#include "progress.h"
#include "session.h"
#include "stop.h"

static struct rm_plan plan_now(struct rm_session *of)
{
    struct rm_plan plan;

    CHECK_EQUAL(rm_plan_make(of, 0, NULL, &for_ever, &plan), 0);
    CHECK_EQUAL(plan.verdict, RM_ALL_DONE);
    return plan;
}

/* Its turn comes, and it has gone. */
static void test_who_ended_by_itself(void)
{
    struct rm_session *of;
    struct rm_stop stop = {.wait = &for_ever, .app_time = RM_NO_DEADLINE};
    struct rm_plan plan;
    struct holder h, other;

    begin();
    h = holder_start(hold, FILE_NAME);
    other = holder_start(hold, FILE_NAME);
    CHECK_EQUAL(rm_session_enter(session, &for_ever, &of), 0);
    plan = plan_now(of);
    CHECK_EQUAL(plan.items.count, 2);
    CHECK(kill(h.pid, SIGKILL) == 0);
    CHECK_EQUAL(ended_by(&h), SIGKILL);

    CHECK_EQUAL(rm_ledger_new(&of->ledger), 0);
    CHECK_EQUAL(rm_ledger_take(of->ledger, &plan.items), 0);
    stop.session = of;
    stop.ledger = of->ledger;
    CHECK_EQUAL(rm_stop_programs(&stop), 0);
    CHECK_EQUAL(of->ledger->pending.count, 1); /* the other one */
    rm_plan_done(&plan);
    rm_session_leave(of);
    CHECK(!stop.missed);
    CHECK_EQUAL(listed_status(h.pid), RmStatusStoppedOther);
    CHECK_EQUAL(listed_status(other.pid), RmStatusStopped);
    CHECK_EQUAL(ended_by(&other), SIGTERM);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    end();
}

/* A number that another process has by now is not the process that was planned for. */
static void test_a_plan_means_processes(void)
{
    RMX_ACCOUNT *plan, *account;
    RMX_SHUTDOWN how = how_to(0);
    struct holder h;
    RMX_ITEM changed;
    RMX_ACCOUNT other;

    begin();
    h = holder_start(hold, FILE_NAME);
    CHECK_EQUAL(RmxPlan(session, 0, RMX_TIMEOUT_DEFAULT, &plan), ERROR_SUCCESS);
    changed = *the_item(plan, &h);
    changed.process.ProcessStartTime.dwLowDateTime--;
    other = *plan;
    other.items = &changed;
    how.only = &other;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_FAIL_SHUTDOWN);
    CHECK_EQUAL(the_item(account, &h)->cause, RMX_CAUSE_NOT_PLANNED);
    CHECK(is_alive(&h));
    RmxFreeAccount(account);
    other.size = 0;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, &account), ERROR_BAD_ARGUMENTS);
    RmxFreeAccount(plan);
    holder_stop(&h);
    end();
}

static struct rm_item *add(struct rm_items *items, const char *unit, enum rm_unit_part part)
{
    struct rm_item *item;

    CHECK_EQUAL(rm_items_add(items, &item), 0);
    CHECK_EQUAL(rm_item_set_text(&item->info.unit, unit), 0);
    CHECK_EQUAL(rm_item_set_text(&item->info.name, unit ? unit : "program"), 0);
    item->part = part;
    return item;
}

static void test_an_account_is_in_the_order_of_stopping(void)
{
    static const char *const order[] = {NULL, "a.socket", "above.service", "a.service"};
    const RM_UNIQUE_PROCESS processes[] = {{.dwProcessId = 5}, {.dwProcessId = 6}, {.dwProcessId = 7}};
    struct rm_items items = {0};
    struct rm_item *service = add(&items, "a.service", RM_UNIT_AFFECTED);
    struct rm_item *above = add(&items, "above.service", RM_UNIT_DEPENDENT);
    struct rm_item *trigger = add(&items, "a.socket", RM_UNIT_TRIGGER);
    struct rm_item *gone = add(&items, "gone.service", RM_UNIT_AFFECTED);
    RMX_ACCOUNT *account;

    add(&items, NULL, RM_UNIT_AFFECTED);
    gone->past = true;
    above->because = service;
    trigger->because = gone;
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(rm_item_add_process(service, &processes[i]), 0);
    CHECK_EQUAL(rm_account_make(&items, RMX_PHASE_PLAN, 0, 4, &account), 0);
    rm_items_done(&items);
    CHECK_EQUAL(account->item_count, 4);
    for (uint32_t i = 0; i < 4; i++)
        CHECK(order[i] ? !strcmp(account->items[i].unit, order[i]) : !account->items[i].unit);
    CHECK_EQUAL(account->items[2].because, 3);
    CHECK_EQUAL(account->items[1].because, UINT32_MAX); /* of the past */
    CHECK_EQUAL(account->items[3].process_count, 3);
    CHECK_EQUAL(account->processes[account->items[3].first_process + 2].dwProcessId, 7);
    CHECK_EQUAL(account->reboot_reasons, 4);
    RmxFreeAccount(account);
}

/* Many items share a percentage: each is told once. */
static void test_progress_grows(void)
{
    for (uint32_t total = 0; total < 300; total++) {
        struct told told = {0};
        struct rm_progress progress = rm_progress_begin(take_progress, &told, RMX_PHASE_SHUTDOWN);

        progress.total = total;
        for (uint32_t i = 0; i < total; i++)
            rm_progress_step(&progress, NULL);
        CHECK(told.last < 100);
        rm_progress_end(&progress);
        CHECK_EQUAL(told.last, 100);
        CHECK_EQUAL(told.count, total < 100 ? total + 2 : 101);
    }
}

int main(void)
{
    sandbox_enter("size=1m");
    RUN(test_who_ended_by_itself);
    RUN(test_a_plan_means_processes);
    RUN(test_an_account_is_in_the_order_of_stopping);
    RUN(test_progress_grows);
    return 0;
}
