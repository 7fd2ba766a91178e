/* SPDX-License-Identifier: MIT
 *
 * Every code that a page of the Restart Manager documents for a function, each
 * reached by the real condition, in one table; and those that rmcy adds.  What
 * is "ours" no source settles for Windows.  Each row runs in a process and on a
 * store of its own.
 */
#include "codes_conditions.h"

enum function { START, JOIN, END, REGISTER, LIST, SHUTDOWN, RESTART, CANCEL, ADD, REMOVE, FILTERS, FUNCTIONS };

static const char *const names[FUNCTIONS] = {
    "RmStartSession", "RmJoinSession", "RmEndSession", "RmRegisterResources", "RmGetList",  "RmShutdown",
    "RmRestart",      "RmCancelCurrentTask", "RmAddFilter", "RmRemoveFilter", "RmGetFilterList"};

/* The pages' lists. */
static const unsigned documented[FUNCTIONS][11] = {
    [START] = {0, 14, 29, 121, 160, 353},
    [JOIN] = {0, 14, 29, 121, 160 /* printed 22 */, 353, 1219},
    [END] = {0, 6, 14, 29, 121},
    [REGISTER] = {0, 6, 14, 29, 121, 160},
    [LIST] = {0, 5, 6, 14, 29, 121, 160, 234, 1223},
    [SHUTDOWN] = {0, 6, 14, 29, 121, 160, 350, 351, 1223},
    [RESTART] = {0, 6, 14, 29, 121, 160, 352, 776, 1223},
    [CANCEL] = {0, 6, 14, 160},
    [ADD] = {0, 160, 1219},
    [REMOVE] = {0, 2 /* printed 1 */, 1219},
    [FILTERS] = {0, 160, 234, 1219},
};

/* ---- the table ---- */

enum mark { DOCUMENTED, OURS, NEVER };

static const struct row {
    enum function function;
    unsigned code;
    enum mark mark; /* NEVER: what the page allows for does not happen here; the condition proves that and ends with 0 */
    DWORD (*condition)(void);
    const char *what;
} table[] = {
    {START, 0, DOCUMENTED, call_start, "the first session"},
    {START, 0, DOCUMENTED, started_start, "a second one in the same process"},
    {START, 14, DOCUMENTED, poor_start, "an allocation fails"},
    {START, 29, DOCUMENTED, start_on_a_file, "a file is where the store should be"},
    {START, 121, DOCUMENTED, start_under_lock, "another process holds the store's lock"},
    {START, 160, DOCUMENTED, start_with_flags, "a flag, which is reserved"},
    {START, 353, DOCUMENTED, start_the_65th, "64 sessions of this user"},
    {JOIN, 0, DOCUMENTED, started_join, "in the process of the primary"},
    {JOIN, 14, DOCUMENTED, poor_join, "an allocation fails"},
    {JOIN, 29, DOCUMENTED, read_only_join, "the store is read-only"},
    {JOIN, 121, DOCUMENTED, join_under_lock, "another process holds the store's lock"},
    {JOIN, 160, DOCUMENTED, join_with_half_a_key, "a key that is too short"},
    {JOIN, 353, OURS, join_without_a_handle, "the process has 65,536 handles: a join takes no slot"},
    {JOIN, 1219, DOCUMENTED, join_with_an_unknown_key, "no session has this key"},
    {END, 0, DOCUMENTED, started_end, "by its primary"},
    {END, 6, DOCUMENTED, stranger_end, "a handle that nobody was given"},
    {END, 14, NEVER, thrifty_end, "ending needs no memory"},
    {END, 29, DOCUMENTED, read_only_end, "the store is read-only"},
    {END, 121, DOCUMENTED, end_under_lock, "another process holds the store's lock"},
    {REGISTER, 0, DOCUMENTED, started_register, "a file that is missing"},
    {REGISTER, 6, DOCUMENTED, stranger_register, "a handle that nobody was given"},
    {REGISTER, 14, DOCUMENTED, poor_register, "an allocation fails"},
    {REGISTER, 29, DOCUMENTED, register_on_a_full_store, "a secondary, and the file system is full"},
    {REGISTER, 121, DOCUMENTED, register_while_busy, "another thread is stopping programs"},
    {REGISTER, 160, DOCUMENTED, register_no_array, "a count without an array"},
    {LIST, 0, DOCUMENTED, list_nobody, "nothing registered"},
    {LIST, 5, DOCUMENTED, list_a_directory, "a directory is registered"},
    {LIST, 6, DOCUMENTED, stranger_list, "a handle that nobody was given"},
    {LIST, 14, DOCUMENTED, poor_list, "an allocation fails"},
    {LIST, 29, DOCUMENTED, list_without_a_store, "the store has vanished"},
    {LIST, 121, DOCUMENTED, list_while_busy, "another thread is stopping programs"},
    {LIST, 160, DOCUMENTED, list_no_reasons, "a NULL argument"},
    {LIST, 234, DOCUMENTED, list_no_room, "one program, no array"},
    {LIST, 1219, OURS, secondary_list, "a secondary"},
    {LIST, 1223, DOCUMENTED, list_cancelled, "another thread cancels"},
    {SHUTDOWN, 0, DOCUMENTED, shutdown_a_program, "a program that ends when asked"},
    {SHUTDOWN, 6, DOCUMENTED, stranger_shutdown, "a handle that nobody was given"},
    {SHUTDOWN, 14, DOCUMENTED, poor_shutdown, "an allocation fails"},
    {SHUTDOWN, 29, DOCUMENTED, shutdown_without_a_journal, "the journal cannot be written"},
    {SHUTDOWN, 121, DOCUMENTED, shutdown_out_of_time, "the call's own time is over"},
    {SHUTDOWN, 160, DOCUMENTED, shutdown_unknown_flag, "an unknown flag"},
    {SHUTDOWN, 350, DOCUMENTED, shutdown_oneself, "the caller is registered"},
    {SHUTDOWN, 351, DOCUMENTED, shutdown_one_who_ignores_it, "a program that ignores it, without force"},
    {SHUTDOWN, 1219, OURS, secondary_shutdown, "a secondary"},
    {SHUTDOWN, 1223, DOCUMENTED, shutdown_cancelled, "another thread cancels"},
    {RESTART, 0, DOCUMENTED, restart_after_it, "what was stopped registered nothing"},
    {RESTART, 6, DOCUMENTED, stranger_restart, "a handle that nobody was given"},
    {RESTART, 14, DOCUMENTED, poor_restart, "an allocation fails"},
    {RESTART, 29, NEVER, restart_without_a_store, "programs come back without the store"},
    {RESTART, 121, DOCUMENTED, restart_while_busy, "another thread is stopping programs"},
    {RESTART, 160, DOCUMENTED, restart_with_flags, "a flag, which is reserved"},
    {RESTART, 352, DOCUMENTED, restart_what_cannot_start, "the directory that it wants is gone"},
    {RESTART, 776, DOCUMENTED, started_restart, "before RmShutdown"},
    {RESTART, 1219, OURS, secondary_restart, "a secondary"},
    {RESTART, 1223, DOCUMENTED, restart_cancelled, "cancelled from the callback"},
    {CANCEL, 0, OURS, started_cancel, "with nothing under way"},
    {CANCEL, 6, DOCUMENTED, stranger_cancel, "a handle that nobody was given"},
    {CANCEL, 14, NEVER, thrifty_cancel, "cancelling needs no memory"},
    {CANCEL, 160, NEVER, started_cancel, "it has no argument that could be bad"},
    {CANCEL, 1219, OURS, secondary_cancel, "a secondary"},
    {ADD, 0, DOCUMENTED, started_add, "a process"},
    {ADD, 6, OURS, stranger_add, "a handle that nobody was given"},
    {ADD, 160, DOCUMENTED, add_two_targets, "two targets"},
    {ADD, 1219, DOCUMENTED, secondary_add, "a secondary"},
    {REMOVE, 0, DOCUMENTED, remove_what_was_added, "the filter for a process"},
    {REMOVE, 2, DOCUMENTED, started_remove, "there is no such filter"},
    {REMOVE, 6, OURS, stranger_remove, "a handle that nobody was given"},
    {REMOVE, 160, OURS, remove_no_target, "no target"},
    {REMOVE, 1219, DOCUMENTED, secondary_remove, "a secondary"},
    {FILTERS, 0, DOCUMENTED, started_filters, "there is none"},
    {FILTERS, 6, OURS, stranger_filters, "a handle that nobody was given"},
    {FILTERS, 160, DOCUMENTED, filters_no_buffer, "a size without a buffer"},
    {FILTERS, 234, DOCUMENTED, filters_no_room, "one filter, no buffer"},
    {FILTERS, 1219, DOCUMENTED, secondary_filters, "a secondary"},
};

#define ROWS (sizeof table / sizeof *table)

static void run(const struct row *row)
{
    static const char *const marks[] = {"", " (ours)", " (never)"};
    DWORD *code = shared_memory(sizeof *code);

    *code = UINT32_MAX;
    printf("%s %u%s: %s\n", names[row->function], row->code, marks[row->mark], row->what);
    fflush(stdout);
    sandbox_renew("size=1m");
    IN_A_PROCESS(*code = row->condition());
    CHECK_EQUAL(*code, row->mark == NEVER ? ERROR_SUCCESS : row->code);
    CHECK(munmap(code, sizeof *code) == 0);
}

/* The table is whole: each documented code has a row, and a row that claims to be documented is. */
static bool has_row(enum function function, unsigned code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (table[i].function == function && table[i].code == code)
            return true;
    return false;
}

static bool is_documented(enum function function, unsigned code)
{
    for (size_t i = 0; i < 11; i++)
        if (documented[function][i] == code && (code || !i))
            return true;
    return false;
}

int main(void)
{
    sandbox_enter("size=1m");
    for (enum function f = 0; f < FUNCTIONS; f++)
        for (size_t i = 0; i < 11; i++)
            CHECK(has_row(f, documented[f][i]));
    for (size_t i = 0; i < ROWS; i++)
        CHECK(table[i].mark == OURS || is_documented(table[i].function, table[i].code));
    for (size_t i = 0; i < ROWS; i++)
        run(&table[i]);
    return 0;
}
