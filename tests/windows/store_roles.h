/* SPDX-License-Identifier: MIT
 *
 * What the other processes of test_store.c do.
 */
#pragma once

#include "child.h"
#include "lock.h"
#include "own_store.h"
#include "restartmanager_ext.h"
#include "store.h"

typedef WCHAR key_text[CCH_RM_SESSION_KEY + 1];

static DWORD start(key_text key)
{
    DWORD handle;

    CHECK_EQUAL(RmStartSession(&handle, 0, key), ERROR_SUCCESS);
    return handle;
}

/* A directory makes each list fail: so the primary tells that it knows of it, whatever else is there. */
static DWORD register_directory(DWORD handle)
{
    LPCWSTR directory = own_store;

    return RmRegisterResources(handle, 1, &directory, 0, NULL, 0, NULL);
}

static void hear_key(key_text ret)
{
    char line[LINE_SIZE];

    CHECK(hear(line));
    CHECK_EQUAL(strlen(line), CCH_RM_SESSION_KEY);
    for (unsigned i = 0; i <= CCH_RM_SESSION_KEY; i++)
        ret[i] = (WCHAR)line[i];
}

static void tell_code(DWORD code)
{
    char text[16];

    snprintf(text, sizeof text, "%lu", code);
    tell(text);
}

/* Joins, and registers a directory each time that it hears something. */
static void child_join(void)
{
    char line[LINE_SIZE];
    key_text key;
    DWORD handle;

    hear_key(key);
    tell_code(RmJoinSession(&handle, key));
    GetEnvironmentVariableW(L"LOCALAPPDATA", own_store, OWN_PATH_SIZE);
    while (hear(line))
        tell_code(register_directory(handle));
}

/* Starts a session and never ends it. */
static void child_start_one(void)
{
    char line[CCH_RM_SESSION_KEY + 1], ignored[LINE_SIZE];
    key_text key;

    start(key);
    for (unsigned i = 0; i <= CCH_RM_SESSION_KEY; i++)
        line[i] = (char)key[i];
    tell(line);
    while (hear(ignored))
        ;
}

static void child_lock(void)
{
    const struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
    WCHAR store[RM_STORE_PATH_SIZE];
    char ignored[LINE_SIZE];
    struct rm_lock lock;

    CHECK_EQUAL(rm_store_path(store), 0);
    CharUpperW(store); /* the same folder */
    CHECK_EQUAL(rm_lock_acquire(store, &wait, &lock), 0);
    tell("held");
    while (hear(ignored))
        ;
    rm_lock_release(&lock);
}

static void send_key(struct child *child, const key_text key)
{
    char line[CCH_RM_SESSION_KEY + 1];

    for (unsigned i = 0; i <= CCH_RM_SESSION_KEY; i++)
        line[i] = (char)key[i];
    send_line(child->to, line);
}

static void receive_key(struct child *child, key_text ret)
{
    char line[LINE_SIZE];

    CHECK(read_line(child->from, line));
    for (unsigned i = 0; i <= CCH_RM_SESSION_KEY; i++)
        ret[i] = (WCHAR)line[i];
}

static int play(const char *role)
{
    if (!strcmp(role, "join"))
        child_join();
    else if (!strcmp(role, "start"))
        child_start_one();
    else if (!strcmp(role, "lock"))
        child_lock();
    else
        return 2;
    return 0;
}
