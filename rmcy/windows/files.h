/* SPDX-License-Identifier: MIT
 *
 * What a name stands for now, as its attributes say, and the names of a session
 * that stood for no plain file when they were registered.
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdbool.h>
#include <stddef.h>

/* RMX_FILE_STORED, _MISSING, _DIRECTORY or _DENIED.  May wait for a server. */
BYTE rm_file_state(const WCHAR *name);

/* The name as Rstrtmgr.dll wants it, absolute and with backslashes: `name` itself where it is so, or is no name of a
 * file.  What had to be made is in *ret_made, for free(). */
const WCHAR *rm_file_resolve(const WCHAR *name, WCHAR **ret_made);

/* One after the other, each with its NUL, resolved: the current directory may be another one later. */
struct rm_names {
    WCHAR *text;
    size_t used, space;
    UINT count;
};

bool rm_names_add(struct rm_names *names, const WCHAR *name); /* false: no memory */
void rm_names_cut(struct rm_names *names, const struct rm_names *before); /* to what it was then */
void rm_names_done(struct rm_names *names);
/* Each name once, in their order: malloc'ed pointers into `names`, *ret_count of them.  NULL: no memory. */
const WCHAR **rm_names_each(const struct rm_names *names, UINT *ret_count);
