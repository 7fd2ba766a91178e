/* SPDX-License-Identifier: MIT
 *
 * What mingw-w64 lacks and the core uses: included before everything else, by
 * the compiler's command line, so that the core need not know.
 */
#pragma once

#include <errno.h>
#include <pthread.h>

/* Names for what is never given to the C library, only from one part of the engine to another. */
#ifndef ESTALE
#define ESTALE 1001
#endif
#ifndef EUSERS
#define EUSERS 1002
#endif
#ifndef EKEYREJECTED
#define EKEYREJECTED 1003
#endif

/* There is no fork, and so nothing to be done at one.  (mingw-w64's own macro forgets its arguments.) */
#undef pthread_atfork
static inline int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    (void)prepare, (void)parent, (void)child;
    return 0;
}
