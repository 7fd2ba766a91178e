/* SPDX-License-Identifier: MIT
 *
 * The export of Windows' library that no page documents.  It is there so that
 * the names are the same; what it does on Windows nobody says (ours: nothing).
 */
#include "restartmanager_ext.h"

DWORD WINAPI RmReserveHeap(DWORD size);

DWORD WINAPI RmReserveHeap(DWORD size)
{
    (void)size;
    return ERROR_CALL_NOT_IMPLEMENTED;
}
