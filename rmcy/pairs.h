/* SPDX-License-Identifier: MIT
 *
 * Tuples of two numbers, a pid and a start time, to processes.
 */
#ifndef RMCY_PAIRS_H
#define RMCY_PAIRS_H

#include "widen.h"

/* A plain int that is not negative and fits: 0, or -1 for any other object.  Its digits are read where they are, since a
 * call for each number takes longer than all the rest. */
static CYTHON_UNUSED inline int rmcy_number(PyObject *number, uint64_t *ret_value)
{
#if defined(PYPY_VERSION) || defined(GRAALVM_PYTHON) || PyLong_SHIFT != 30 || PY_VERSION_HEX >= 0x030F0000
    int overflow = 0;
    long long value;

    if (!PyLong_CheckExact(number))
        return -1;
    value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow || value < 0)
        return -1;
    *ret_value = (uint64_t)value;
    return 0;
#else
    const digit *digits;
    Py_ssize_t size;

    if (!PyLong_CheckExact(number))
        return -1;
#if PY_VERSION_HEX >= 0x030C0000
    /* The lowest bits are 0 for a positive number, 1 for none, 2 for a negative one. */
    if ((((PyLongObject *)number)->long_value.lv_tag & 3) > 1)
        return -1;
    size = (Py_ssize_t)(((PyLongObject *)number)->long_value.lv_tag >> 3);
    digits = ((PyLongObject *)number)->long_value.ob_digit;
#else
    size = Py_SIZE(number);
    digits = ((PyLongObject *)number)->ob_digit;
#endif
    switch (size) {
    case 0:
        *ret_value = 0;
        return 0;
    case 1:
        *ret_value = digits[0];
        return 0;
    case 2:
        *ret_value = (uint64_t)digits[1] << 30 | digits[0];
        return 0;
    case 3:
        if (digits[2] >> 4)
            return -1;
        *ret_value = (uint64_t)digits[2] << 60 | (uint64_t)digits[1] << 30 | digits[0];
        return 0;
    default:
        return -1;
    }
#endif
}

/* Pack pairs from `n` on, as long as each is a plain tuple of two plain numbers that fit: the index of the first that is
 * not, or the count.  No code of anybody's runs meanwhile. */
static CYTHON_UNUSED Py_ssize_t rmcy_pack_pairs(PyObject **items, Py_ssize_t n, Py_ssize_t count,
                                                RM_UNIQUE_PROCESS *target)
{
    for (; n < count; n++) {
        PyObject *pair = items[n];
        uint64_t pid, start;

        if (n + 8 < count && (uintptr_t)items[n + 8] - (uintptr_t)pair > 2048)
            rmcy_prefetch(items[n + 8]);
        if (!PyTuple_CheckExact(pair) || PyTuple_GET_SIZE(pair) != 2)
            break;
        if (rmcy_number(PyTuple_GET_ITEM(pair, 0), &pid) || rmcy_number(PyTuple_GET_ITEM(pair, 1), &start) ||
            pid > 0xFFFFFFFF)
            break;
        target[n].dwProcessId = (DWORD)pid;
        target[n].ProcessStartTime.dwLowDateTime = (DWORD)start;
        target[n].ProcessStartTime.dwHighDateTime = (DWORD)(start >> 32);
    }
    return n;
}

#endif
