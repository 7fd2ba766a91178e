/* SPDX-License-Identifier: MIT
 *
 * From the system's codes to -errno, which everything inside speaks.
 */
#pragma once

#include <windows.h>

/* A code of winerror.h; what is not in the table, 0 among it, is -EIO. */
int rm_error(DWORD code);
/* Of the call that failed last. */
int rm_last_error(void);
