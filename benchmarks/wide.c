/* SPDX-License-Identifier: MIT
 *
 * The stand-in for a client whose texts are of wchar_t, which has four bytes
 * here and two on Windows: the same source, with such a WCHAR.  There is no
 * engine of that width, so nothing is passed on.
 */
#include <uchar.h>
#include <wchar.h>

#define char16_t char32_t
#include "stand_in.c"

_Static_assert(sizeof(WCHAR) == sizeof(wchar_t), "texts would be of another width than the client's");

/* What else such a client looks for when it loads the library. */
DWORD RmShutdown(DWORD handle, ULONG flags, RM_WRITE_STATUS_CALLBACK tell) {
    (void)handle, (void)flags, (void)tell;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmRestart(DWORD handle, DWORD flags, RM_WRITE_STATUS_CALLBACK tell) {
    (void)handle, (void)flags, (void)tell;
    return ERROR_CALL_NOT_IMPLEMENTED;
}
