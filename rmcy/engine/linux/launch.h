/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* How long what has been started is watched, in ns; tests make it long or nothing. */
extern uint64_t rm_launch_settle;
