/* SPDX-License-Identifier: MIT
 *
 * How an operation that was carried out has ended; status.c gives each its code.
 */
#pragma once

enum rm_outcome {
    RM_ALL_DONE,
    RM_NOTHING_DONE,    /* something may not be stopped, so nothing was */
    RM_NOT_ALL_STOPPED, /* or nothing, because something would not come back */
    RM_NOT_ALL_BACK,
    RM_OUT_OF_SEQUENCE /* there has been no shutdown */
};
