/* SPDX-License-Identifier: MIT
 *
 * Windows itself holds on to the processes that it stops: an item has no pin.
 */
#include "pin.h"

void rm_host_pin_free(struct rm_pin *pin)
{
    (void)pin;
}
