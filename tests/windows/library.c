/* SPDX-License-Identifier: MIT
 *
 * A library for a holder to load.
 */
#include <windows.h>

__declspec(dllexport) int loaded(void);

int loaded(void)
{
    return 1;
}
