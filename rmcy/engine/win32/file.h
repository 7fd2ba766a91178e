/* SPDX-License-Identifier: MIT
 *
 * Which file an open handle means.
 */
#pragma once

#include "identity.h"

#include <windows.h>

/* A handle to a file or directory, opened with any rights. */
int rm_file_identify(HANDLE file, struct rm_identity *ret);
