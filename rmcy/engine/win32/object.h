/* SPDX-License-Identifier: MIT
 *
 * Names of kernel objects that stand for something whose own name an object
 * cannot have: Local\rmcy-KIND-HASH.
 */
#pragma once

#include <windows.h>

#include <stddef.h>

#define RM_OBJECT_NAME_SIZE 96 /* units, with the NUL */

/* kind: at most 10 letters. */
void rm_object_name(const char *kind, const void *what, size_t size, WCHAR ret[RM_OBJECT_NAME_SIZE]);
