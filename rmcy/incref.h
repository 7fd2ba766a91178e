/* SPDX-License-Identifier: MIT
 *
 * Included before all else in each module.
 *
 * Python 3.12 and 3.13 write half of a reference count to count up, and read all of it to count down.  A processor
 * cannot hand on a half that it is still writing, so what is counted up and down at once, as Cython's code does with
 * all that a function gives back, takes some 4 ns each time.  Written whole, with the same result, it takes none.
 */
#ifndef RMCY_INCREF_H
#define RMCY_INCREF_H

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h>

#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030E0000 && SIZEOF_VOID_P > 4 && !defined(Py_GIL_DISABLED) && \
    !defined(Py_REF_DEBUG) && !defined(Py_LIMITED_API) && !defined(PYPY_VERSION) && !defined(GRAALVM_PYTHON)

static inline void rmcy_incref(PyObject *op)
{
    if (!_Py_IsImmortal(op))
        op->ob_refcnt++;
}

#undef Py_INCREF
#define Py_INCREF(op) rmcy_incref(_PyObject_CAST(op))
#endif

#endif
