/* SPDX-License-Identifier: MIT
 *
 * Numbers of system calls for which the headers that we build with may be too
 * old (glibc 2.28 and any kernel's), or which have two.  Whether the kernel
 * has the call is asked where it is made: ENOSYS.
 */
#pragma once

#include <sys/syscall.h>

/* From 403 on all architectures give a call the same number, but for where some of them begin to count. */
#if defined(__NR_Linux) /* MIPS: an own thousand for each ABI */
#define RM_CALL(n) (__NR_Linux + (n))
#elif defined(__alpha__)
#define RM_CALL(n) ((n) + 110)
#elif defined(__x86_64__) && defined(__ILP32__)
#define RM_CALL(n) (__X32_SYSCALL_BIT + (n))
#else
#define RM_CALL(n) (n)
#endif

#define RM_CALL_PIDFD_SEND_SIGNAL RM_CALL(424) /* 5.1 */
#define RM_CALL_PIDFD_OPEN RM_CALL(434)        /* 5.3 */
#define RM_CALL_CLOSE_RANGE RM_CALL(436)       /* 5.9 */
#define RM_CALL_OPENAT2 RM_CALL(437)           /* 5.6 */

/* Where ids of 16 bits came first, those of 32 have a name of their own. */
#ifdef SYS_setgroups32
#define RM_CALL_SETGROUPS SYS_setgroups32
#define RM_CALL_SETRESGID SYS_setresgid32
#define RM_CALL_SETRESUID SYS_setresuid32
#else
#define RM_CALL_SETGROUPS SYS_setgroups
#define RM_CALL_SETRESGID SYS_setresgid
#define RM_CALL_SETRESUID SYS_setresuid
#endif
