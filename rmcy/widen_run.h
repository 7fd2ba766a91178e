/* SPDX-License-Identifier: MIT
 *
 * A run of names: a function for each kind of machine, so this is included once for each (widen.h).
 */

RMCY_TARGET static CYTHON_UNUSED Py_ssize_t RMCY_RUN(struct rmcy_run *run)
{
    /* Everything is kept in registers, which is half of the time for a path of usual length. */
    PyObject **items = run->items;
    WCHAR *target = run->target, *end = run->end;
    LPCWSTR *pointers = run->pointers;
    Py_ssize_t n = run->begin, count = run->count;

    for (; n < count; n++) {
        PyObject *text = items[n];
        Py_ssize_t length, written;

        /* Neighbours come by themselves, and asking for them takes time, too. */
        if (n + 8 < count && (uintptr_t)items[n + 8] - (uintptr_t)text > 2048)
            rmcy_prefetch(items[n + 8]);
        if (!PyUnicode_CheckExact(text))
            break;
        length = PyUnicode_GET_LENGTH(text);
        if (length >= end - target)
            break;
        if (PyUnicode_IS_COMPACT_ASCII(text))
            written = RMCY_WIDE(1)((const uint8_t *)((PyASCIIObject *)text + 1), target, length);
        else if (PyUnicode_KIND(text) == PyUnicode_1BYTE_KIND)
            written = RMCY_WIDE(1)((const uint8_t *)PyUnicode_DATA(text), target, length);
        else if (PyUnicode_KIND(text) == PyUnicode_2BYTE_KIND)
            written = RMCY_WIDE(2)((const uint16_t *)PyUnicode_DATA(text), target, length);
        else if (2 * length < end - target)
            written = RMCY_WIDE(4)((const uint32_t *)PyUnicode_DATA(text), target, length);
        else
            break;
        if (written <= 0)
            break;
        target[written] = 0;
        pointers[n] = target;
        target += written + 1;
    }
    run->target = target;
    return n;
}

#undef RMCY_RUN
