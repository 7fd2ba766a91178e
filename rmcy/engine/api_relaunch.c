/* SPDX-License-Identifier: MIT
 *
 * How the calling process wants to come back: checked, and turned into a code.
 */
#include "restartmanager_ext.h"

#include "abi.h"
#include "relaunch.h"
#include "status.h"

#include <errno.h>

DWORD RmxRegisterApplicationRestart(const RMX_RELAUNCH *how)
{
    return rm_status_from_errno(rm_host_relaunch_register(how));
}
