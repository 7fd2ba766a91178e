/* SPDX-License-Identifier: MIT
 *
 * Where sessions are kept so that other processes of the same user find them:
 * %LOCALAPPDATA%\rmcy-rstrtmgr.  Ours, and for tests: one that wants a store of
 * its own sets LOCALAPPDATA.
 *
 *     STORE\s-HASH\session       the header; HASH is the SHA-256 of the key
 *     STORE\s-HASH\j-RANDOM      what one secondary process registered
 *
 * A session is there as soon as, and as long as, its header is: it appears by a
 * rename and goes first.  Whatever else a kill leaves behind belongs to none,
 * and the next start removes it.
 */
#pragma once

#include <windows.h>

#include <stddef.h>
#include <stdint.h>

#define RM_STORE_PATH_SIZE 1024 /* units, with the NUL */
#define RM_SLOTS 64

int rm_store_path(WCHAR ret[RM_STORE_PATH_SIZE]);
/* The same, and makes it where it is missing. */
int rm_store_make(WCHAR ret[RM_STORE_PATH_SIZE]);
/* folder\name; -ENAMETOOLONG. */
int rm_store_join(const WCHAR *folder, const char *name, WCHAR ret[RM_STORE_PATH_SIZE]);

/* Shared with everybody for everything.  disposition: OPEN_EXISTING, CREATE_NEW, ... */
int rm_store_open_file(const WCHAR *folder, const char *name, DWORD access, DWORD disposition, HANDLE *ret);
/* All of it; -ENODATA: the file ends before. */
int rm_store_read(HANDLE file, void *to, size_t size, uint64_t offset);
int rm_store_write(HANDLE file, const void *from, size_t size, uint64_t offset);

/* Every name in the folder that begins with the prefix, until `each` fails.  No folder: none. */
int rm_store_list(const WCHAR *folder, const char *prefix, int (*each)(void *context, const char *name), void *context);
/* A file; that it is not there is no error. */
int rm_store_remove_file(const WCHAR *folder, const char *name);
/* A session's folder with all that is in it, the header first.  What cannot be removed is left. */
void rm_store_remove(const WCHAR *folder);
