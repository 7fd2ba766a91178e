/* SPDX-License-Identifier: MIT
 *
 * Names as Win32 functions take them.
 */
#pragma once

#include <windows.h>

#include <stddef.h>

/* The name, made absolute by the current directory, and plain; \\?\... is both.  free() frees it.  -ENOMEM, -ENOENT: no
 * name. */
int rm_wide_full(const char *path, WCHAR **ret);
/* The same as \\?\C:\..., which knows no MAX_PATH. */
int rm_wide_from_path(const char *path, WCHAR **ret);
/* As WTF-8; free() frees it.  -ENOMEM. */
int rm_wide_to_bytes(const WCHAR *text, char **ret);
