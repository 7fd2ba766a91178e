/* SPDX-License-Identifier: MIT
 *
 * One function for each row of the table of codes: it makes the condition, and
 * makes the call.
 */
#pragma once

#include "codes_world.h"

static DWORD other;
static WCHAR other_key[33];
static DWORD needed, have, reasons;
static LPCWSTR file = u"/run/some-file";
static RM_UNIQUE_PROCESS nobody = {.dwProcessId = 4000000};

/* ---- the calls ---- */

static DWORD call_start(void) { return RmStartSession(&other, 0, other_key); }
static DWORD call_join(void) { return RmJoinSession(&other, key); }
static DWORD call_end(void) { return RmEndSession(primary); }
static DWORD call_register(void) { return RmRegisterResources(primary, 1, &file, 0, NULL, 0, NULL); }
static DWORD call_list(void) { return RmGetList(primary, &needed, &have, NULL, &reasons); }
static DWORD call_shutdown(void) { return RmShutdown(primary, 0, NULL); }
static DWORD call_restart(void) { return RmRestart(primary, 0, NULL); }
static DWORD call_cancel(void) { return RmCancelCurrentTask(primary); }
static DWORD call_add(void) { return RmAddFilter(primary, NULL, &nobody, NULL, RmNoShutdown); }
static DWORD call_remove(void) { return RmRemoveFilter(primary, NULL, &nobody, NULL); }
static DWORD call_filters(void) { return RmGetFilterList(primary, NULL, 0, &needed); }

/* ---- 0 ---- */

static DWORD list_nobody(void)
{
    start();
    return call_list();
}

static DWORD shutdown_a_program(void)
{
    start();
    program_is_registered(nothing);
    return call_shutdown();
}

static DWORD restart_after_it(void)
{
    CHECK_EQUAL(shutdown_a_program(), ERROR_SUCCESS);
    return call_restart();
}

static DWORD remove_what_was_added(void)
{
    start();
    CHECK_EQUAL(call_add(), ERROR_SUCCESS);
    return call_remove();
}

#define STARTED(name)                                                                                                  \
    static DWORD started_##name(void)                                                                                  \
    {                                                                                                                  \
        start();                                                                                                       \
        return call_##name();                                                                                          \
    }
STARTED(start) STARTED(join) STARTED(end) STARTED(register) STARTED(cancel) STARTED(add) STARTED(filters)
STARTED(remove) STARTED(restart)

/* ---- 6: nobody was given this handle; 1219: a secondary's ---- */

#define AS(role, name, prepare, the_handle)                                                                            \
    static DWORD role##_##name(void)                                                                                   \
    {                                                                                                                  \
        prepare;                                                                                                       \
        primary = the_handle;                                                                                          \
        return call_##name();                                                                                          \
    }
#define STRANGER(name) AS(stranger, name, (void)0, UNKNOWN_HANDLE)
STRANGER(end) STRANGER(register) STRANGER(list) STRANGER(shutdown) STRANGER(restart) STRANGER(cancel)
STRANGER(add) STRANGER(remove) STRANGER(filters)

#define SECONDARY(name) AS(secondary, name, start_and_join(), joined)
SECONDARY(list) SECONDARY(shutdown) SECONDARY(restart) SECONDARY(cancel) SECONDARY(add) SECONDARY(remove)
SECONDARY(filters)

/* ---- 14 ---- */

#define WITHOUT_MEMORY(name)                                                                                           \
    static DWORD poor_##name(void)                                                                                     \
    {                                                                                                                  \
        DWORD code;                                                                                                    \
        start();                                                                                                       \
        memory_runs_out();                                                                                             \
        code = call_##name();                                                                                          \
        CHECK(memory_was_asked_for());                                                                                 \
        return code;                                                                                                   \
    }
WITHOUT_MEMORY(start) WITHOUT_MEMORY(join) WITHOUT_MEMORY(register) WITHOUT_MEMORY(list) WITHOUT_MEMORY(shutdown)

#define NEEDS_NO_MEMORY(name)                                                                                          \
    static DWORD thrifty_##name(void)                                                                                  \
    {                                                                                                                  \
        DWORD code;                                                                                                    \
        start();                                                                                                       \
        memory_runs_out();                                                                                             \
        code = call_##name();                                                                                          \
        CHECK(!memory_was_asked_for());                                                                                \
        return code;                                                                                                   \
    }
NEEDS_NO_MEMORY(end) NEEDS_NO_MEMORY(cancel)

static DWORD poor_restart(void)
{
    DWORD code;

    CHECK_EQUAL(shutdown_a_program(), ERROR_SUCCESS);
    memory_runs_out();
    code = call_restart();
    CHECK(memory_was_asked_for());
    return code;
}

/* ---- 29 ---- */

static DWORD start_on_a_file(void)
{
    store_is_a_file();
    return call_start();
}

#define READ_ONLY(name)                                                                                                \
    static DWORD read_only_##name(void)                                                                                \
    {                                                                                                                  \
        start();                                                                                                       \
        store_is_read_only();                                                                                          \
        return call_##name();                                                                                          \
    }
READ_ONLY(join) READ_ONLY(end)

static DWORD register_on_a_full_store(void)
{
    start_and_join();
    fill_run();
    return register_much(joined, 64000);
}

static DWORD list_without_a_store(void)
{
    start();
    store_vanishes();
    return call_list();
}

static DWORD shutdown_without_a_journal(void)
{
    pid_t pid;
    DWORD code;

    start();
    pid = program_is_registered(nothing);
    store_is_read_only();
    code = call_shutdown();
    CHECK(waitpid(pid, NULL, WNOHANG) == 0); /* nothing was stopped that could not be written down */
    return code;
}

static DWORD restart_without_a_store(void)
{
    CHECK_EQUAL(shutdown_a_program(), ERROR_SUCCESS);
    store_vanishes();
    return call_restart();
}

/* ---- 121: the lock is held, the session is busy, or the time is over; with short time-outs where a call has one ---- */

static DWORD start_under_lock(void)
{
    start();
    lock_is_held();
    return RmxStartSession(&other, 0, NULL, SHORT_MS, other_key);
}

static DWORD join_under_lock(void)
{
    start();
    lock_is_held();
    return RmxJoinSession(&other, key, 0, SHORT_MS);
}

static DWORD end_under_lock(void)
{
    start();
    lock_is_held();
    return RmxEndSession(primary, 0, SHORT_MS);
}

static DWORD register_while_busy(void)
{
    DWORD code;

    start();
    session_is_busy();
    code = RmxRegisterResources(primary, 1, &file, 0, NULL, 0, NULL, 0, SHORT_MS, NULL, NULL);
    CHECK_EQUAL(cancelled(), ERROR_CANCELLED);
    return code;
}

static DWORD list_while_busy(void)
{
    RMX_LIST *list;
    DWORD code;

    start();
    session_is_busy();
    code = RmxGetList(primary, 0, SHORT_MS, &list);
    CHECK_EQUAL(cancelled(), ERROR_CANCELLED);
    return code;
}

static DWORD shutdown_out_of_time(void)
{
    const RMX_SHUTDOWN how = {
        .size = sizeof how, .app_timeout_ms = RMX_TIMEOUT_NONE, .service_timeout_ms = RMX_TIMEOUT_NONE};

    start();
    program_is_registered(ignore_term);
    return RmxShutdown(primary, &how, SHORT_MS, NULL);
}

static DWORD restart_while_busy(void)
{
    DWORD code;

    start();
    session_is_busy();
    code = RmxRestart(primary, NULL, NULL, SHORT_MS, NULL);
    CHECK_EQUAL(cancelled(), ERROR_CANCELLED);
    return code;
}

/* ---- 160 ---- */

static DWORD start_with_flags(void) { return RmStartSession(&other, 1, other_key); }
static DWORD join_with_half_a_key(void) { return RmJoinSession(&other, u"0123456789abcdef"); }

static DWORD register_no_array(void)
{
    start();
    return RmRegisterResources(primary, 1, NULL, 0, NULL, 0, NULL);
}

static DWORD list_no_reasons(void)
{
    start();
    return RmGetList(primary, &needed, &have, NULL, NULL);
}

static DWORD shutdown_unknown_flag(void)
{
    start();
    return RmShutdown(primary, 0x2, NULL);
}

static DWORD restart_with_flags(void)
{
    start();
    return RmRestart(primary, 1, NULL);
}

static DWORD add_two_targets(void)
{
    start();
    return RmAddFilter(primary, NULL, &nobody, u"a.service", RmNoShutdown);
}

static DWORD remove_no_target(void)
{
    start();
    return RmRemoveFilter(primary, NULL, NULL, NULL);
}

static DWORD filters_no_buffer(void)
{
    start();
    return RmGetFilterList(primary, NULL, 100, &needed);
}

/* ---- the rest, by code ---- */

static DWORD list_a_directory(void) /* 5 */
{
    LPCWSTR directory = u"/run";

    start();
    CHECK_EQUAL(RmRegisterResources(primary, 1, &directory, 0, NULL, 0, NULL), ERROR_SUCCESS);
    return call_list();
}

static DWORD list_no_room(void) /* 234 */
{
    start();
    program_is_registered(nothing);
    return call_list();
}

static DWORD filters_no_room(void)
{
    start();
    CHECK_EQUAL(call_add(), ERROR_SUCCESS);
    return call_filters();
}

static DWORD shutdown_oneself(void) /* 350 */
{
    RM_UNIQUE_PROCESS self;
    pid_t innocent;
    DWORD code;

    start();
    innocent = program_is_registered(nothing);
    CHECK_EQUAL(RmxGetProcess((DWORD)getpid(), &self), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(primary, 0, NULL, 1, &self, 0, NULL), ERROR_SUCCESS);
    code = call_shutdown();
    CHECK(waitpid(innocent, NULL, WNOHANG) == 0);
    return code;
}

static DWORD shutdown_one_who_ignores_it(void) /* 351 */
{
    const RMX_SHUTDOWN how = {.size = sizeof how, .app_timeout_ms = SHORT_MS, .service_timeout_ms = SHORT_MS};

    start();
    program_is_registered(ignore_term);
    return RmxShutdown(primary, &how, RMX_TIMEOUT_NONE, NULL);
}

static DWORD restart_what_cannot_start(void) /* 352 */
{
    start();
    comes_back_nowhere();
    CHECK_EQUAL(call_shutdown(), ERROR_SUCCESS);
    return call_restart();
}

static DWORD start_the_65th(void) /* 353 */
{
    for (int i = 0; i < 64; i++)
        CHECK_EQUAL(call_start(), ERROR_SUCCESS);
    return call_start();
}

static DWORD join_without_a_handle(void)
{
    start();
    for (int i = 1; i < 65536; i++)
        CHECK_EQUAL(RmxStartSession(&other, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    return call_join();
}

static DWORD join_with_an_unknown_key(void) /* 1219 */
{
    return RmJoinSession(&other, UNKNOWN_KEY);
}

static void *list_until_cancelled(void *result) /* 1223 */
{
    do
        *(DWORD *)result = call_list();
    while (*(DWORD *)result != ERROR_CANCELLED);
    return NULL;
}

static DWORD list_cancelled(void)
{
    start();
    CHECK_EQUAL(pthread_create(&stopper, NULL, list_until_cancelled, &stopped_with), 0);
    return cancelled();
}

static DWORD shutdown_cancelled(void)
{
    start();
    session_is_busy();
    return cancelled();
}

static DWORD restart_cancelled(void)
{
    CHECK_EQUAL(shutdown_a_program(), ERROR_SUCCESS);
    return RmRestart(primary, 0, cancel_at_once);
}
