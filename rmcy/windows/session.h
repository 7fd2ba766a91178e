/* SPDX-License-Identifier: MIT
 *
 * What this process remembers of a session, beside what Windows does, and whose
 * turn it is: one call at a time, as the timer of a call cancels whatever its
 * session is doing.  There is one only where there is something to remember, or
 * somebody has the turn; whether the handle means anything is Windows' to say.
 */
#pragma once

#include "deadline.h"
#include "files.h"
#include "items.h"

struct rm_session {
    struct rm_session *next;
    DWORD handle;
    unsigned users; /* who has the turn or waits for it */
    bool acting;    /* somebody has it */
    bool gone;      /* the session has ended; another one may have its number */
    CONDITION_VARIABLE turn;

    struct rm_names odd;    /* what was missing, denied or a directory when this process registered it */
    bool stopped;           /* RmxShutdown has been called, and nothing has settled it since */
    bool settled;           /* RmxRestart has brought back what there was */
    struct rm_items items;  /* what RmxShutdown stopped or left alone, as its last account says */
    struct rm_items left;   /* what RmxLeaveStopped has given up: no restart may bring it back */
    DWORD list_flags, reboot_reasons; /* of the list that the items rest on */
};

/* ERROR_SEM_TIMEOUT: somebody else had the turn all the time. */
DWORD rm_session_enter(DWORD handle, const struct rm_deadline *deadline, struct rm_session **ret);
void rm_session_leave(struct rm_session *session);
/* In its turn: it has ended. */
void rm_session_withdraw(struct rm_session *session);
/* A new session has this handle: what is remembered was about an earlier one. */
void rm_session_forget(DWORD handle);

/* Answers ERROR_INVALID_HANDLE, and ERROR_SESSION_CREDENTIAL_CONFLICT for a secondary, without doing anything. */
DWORD rm_session_check_primary(DWORD handle);
