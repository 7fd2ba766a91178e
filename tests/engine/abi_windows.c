/* SPDX-License-Identifier: MIT
 *
 * The same assertions as the engine's, against mingw-w64's restartmanager.h:
 * compiled, never run.
 */
#include "restartmanager_ext.h"

#include "abi.h"

int main(void)
{
    return 0;
}
