# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""Names out of buffers, packed for the call without a str being made.

The engine takes texts that end with a NUL, and buffers have none, so each
text is copied once, here.  The copy is what is checked and what calls read:
a buffer that others write to while it is read, or afterwards, can give wrong
names but cannot make anything read or write outside.
"""

from cpython.buffer cimport PyBUF_SIMPLE, Py_buffer, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy

from rmcy._arrow cimport OFFSETS32, VIEWS, NameColumn, name_column, view_at
from rmcy._text cimport NAMES_ARE_BYTES, from_utf16, widen1, widen2
from rmcy._texts cimport TextList, in_one_block, no_texts, spelt
from rmcy._utf16 cimport decode_utf8, is_ascii, is_bad
from rmcy.restartmanager cimport LPCWSTR, WCHAR

import sys


cdef inline Py_ssize_t put(const uint8_t *name, Py_ssize_t size, WCHAR *to) noexcept nogil:
    """The units written, or -1 for an empty name and for one with a NUL."""
    cdef Py_ssize_t units
    units = widen1(name, to, size) if is_ascii(name, size) else decode_utf8(name, size, to)
    if units <= 0:
        return -1
    to[units] = 0
    return units


cdef inline bint put_units(const WCHAR *name, Py_ssize_t size, WCHAR *to) noexcept nogil:
    """The same for UTF-16: whether it is a name. It is written in any case."""
    if widen2(name, to, size) == size:
        return size > 0
    # Nearly no name has a surrogate; whether one is half of a pair takes a second look.
    memcpy(to, name, size * sizeof(WCHAR))
    return not is_bad(to, size)


cdef object refuse_bytes(TextList made, const uint8_t *name, Py_ssize_t size, Py_ssize_t index):
    try:
        text = spelt(<bytes>name[:size])
    except UnicodeDecodeError:
        made.refuse_bytes(<bytes>name[:size], index)
    if text and "\0" not in text:
        raise RuntimeError(f"the data behind {made.what}[{index}] changed while it was read")
    made.refuse(text, index)


# ---- one text with separators ----

cdef TextList pack_separated(object data, object sep, str what):
    cdef TextList made = no_texts(what, True)
    cdef Py_buffer view
    cdef Py_ssize_t count, done
    cdef uint8_t mark
    cdef WCHAR *target
    if not isinstance(sep, bytes) or len(sep) != 1:
        raise ValueError(f"sep is {sep!r}: it must be one byte, such as b'\\0' or b'\\n'")
    if isinstance(data, str):
        raise TypeError("data is a str: pass bytes, as programs print them; os.fsencode() makes them of a str")
    mark = sep[0]
    plain = plain_view(data, "data", "bytes")
    if plain.itemsize != 1:
        raise ValueError(f"data has items of {plain.itemsize} bytes (format {plain.format!r}): pass bytes")
    PyObject_GetBuffer(plain, &view, PyBUF_SIMPLE)
    try:
        with nogil:
            count = count_separated(<const uint8_t *>view.buf, view.len, mark)
        made.add_pointers(count)
        target = made.add_block(<size_t>(view.len + count + 1))
        with nogil:
            done = split(<const uint8_t *>view.buf, view.len, mark, count, target, made.pointers, &made.last.used)
        if done < 0:
            refuse_item(made, <const uint8_t *>view.buf, view.len, mark, -1 - done)
        if done != count:
            raise RuntimeError("data changed while it was read")
        made.count = <uint32_t>count
    finally:
        PyBuffer_Release(&view)
    return in_one_block(made)


cdef Py_ssize_t count_separated(const uint8_t *data, Py_ssize_t size, uint8_t mark) noexcept nogil:
    cdef const uint8_t *at = data
    cdef const uint8_t *found
    cdef Py_ssize_t count = 0
    while at < data + size:
        found = <const uint8_t *>memchr(at, mark, data + size - at)
        count += 1
        if found is NULL:
            break
        at = found + 1
    return count


cdef inline bint ends_in_cr(const uint8_t *at, const uint8_t *end, uint8_t mark) noexcept nogil:
    """Windows' programs end a line with CR and LF, and no name there has a CR. (Ours.)"""
    return not NAMES_ARE_BYTES and mark == 10 and end > at and (end - 1)[0] == 13


cdef Py_ssize_t split(const uint8_t *data, Py_ssize_t size, uint8_t mark, Py_ssize_t count, WCHAR *target,
                      LPCWSTR *pointers, size_t *ret_used) noexcept nogil:
    """How many there were, at most one more than `count`; or -1 less the index of a bad one."""
    cdef const uint8_t *at = data
    cdef const uint8_t *end = data + size
    cdef const uint8_t *found
    cdef WCHAR *to = target
    cdef Py_ssize_t units, n = 0
    while at < end:
        if n == count:
            return count + 1
        found = <const uint8_t *>memchr(at, mark, end - at)
        if found is NULL:
            found = end
        units = put(at, found - at - ends_in_cr(at, found, mark), to)
        if units < 0:
            return -1 - n
        pointers[n] = to
        to += units + 1
        n += 1
        at = found + 1
    ret_used[0] = to - target
    return n


cdef object refuse_item(TextList made, const uint8_t *data, Py_ssize_t size, uint8_t mark, Py_ssize_t index):
    item = (<bytes>data[:size]).split(bytes([mark]), index + 1)[index]
    refuse_bytes(made, <const uint8_t *>item, len(item), index)


# ---- UTF-16 and offsets ----

cdef object plain_view(object data, str what, str wanted):
    """A view of a buffer in one piece and one dimension."""
    try:
        view = memoryview(data)
    except TypeError:
        raise TypeError(f"{what} is of type {type(data).__name__}, which is no buffer: pass {wanted}") from None
    if view.ndim != 1:
        raise ValueError(f"{what} has {view.ndim} dimensions: pass {wanted}, in one dimension")
    if not view.c_contiguous:
        raise ValueError(f"{what} is not contiguous: pass a copy, as numpy.ascontiguousarray() makes it")
    if view.format[0] in (">!" if sys.byteorder == "little" else "<"):
        raise ValueError(f"{what} has the byte order of other machines (format {view.format!r}): convert it first")
    return view


cdef const uint16_t[::1] units_of(object data):
    view = plain_view(data, "arena", "an array of uint16, UTF-16 code units")
    code = view.format.lstrip("@=<>!")
    if code in ("B", "b", "c"):
        if view.nbytes % 2:
            raise ValueError(
                f"arena has {view.nbytes} bytes, an odd number: a UTF-16 code unit has two"
            )
        return view.cast("B").cast("H")
    if code != "H":
        raise ValueError(f"arena has the format {view.format!r}: pass an array of uint16, UTF-16 code units")
    return view


cdef TextList pack_buffers(object arena, object offsets, str what):
    cdef TextList made = no_texts(what, True)
    cdef const uint16_t[::1] units = units_of(arena)
    cdef const uint32_t[::1] narrow
    cdef const uint64_t[::1] wide
    view = plain_view(offsets, "offsets", "an array of uint32 or uint64")
    code = view.format.lstrip("@=<>!")
    if code in ("i", "l", "q", "n"):
        # Signed, as a cumulative sum is; a negative one is out of range all the same.
        view = view.cast("B").cast("I" if view.itemsize == 4 else "Q")
    elif code not in ("I", "L", "Q", "N"):
        raise ValueError(f"offsets has the format {view.format!r}: pass an array of uint32 or uint64")
    if view.nbytes == 0:
        raise ValueError("offsets is empty: for n paths it has n + 1 numbers, the last one where the last path ends")
    made.add_pointers(len(view) - 1)
    if view.itemsize == 4:
        narrow = view
        pack_units[uint32_t](made, units, &narrow[0], len(view) - 1)
    else:
        wide = view
        pack_units[uint64_t](made, units, &wide[0], len(view) - 1)
    return made


ctypedef fused unsigned_t:
    uint32_t
    uint64_t

# Why a copy stopped.
cdef enum Fault:
    NONE
    DECREASING
    OUTSIDE
    CHANGED
    TEXT


cdef struct Stop:
    Fault fault
    Py_ssize_t index
    uint64_t begin
    uint64_t end


cdef int pack_units(TextList made, const uint16_t[::1] arena, const unsigned_t *offsets, Py_ssize_t count) except -1:
    cdef const volatile unsigned_t *numbers = <const volatile unsigned_t *>offsets
    cdef uint64_t size = arena.shape[0]
    cdef uint64_t first = numbers[0]
    cdef uint64_t last = numbers[count]
    cdef const WCHAR *source = <const WCHAR *>&arena[0] if size else NULL
    cdef WCHAR *target
    cdef Stop stop
    # Nothing is copied that lies behind `last`, so that is what the copy needs room for.
    if first > size:
        refuse_outside(0, first, size, sizeof(unsigned_t))
    if last < first:
        last = first
    elif last > size:
        last = size
    target = made.add_block(last - first + count + 1)
    with nogil:
        stop = copy_units(source, size, last, first, numbers, count, target, made.pointers, &made.last.used)
    if stop.fault == OUTSIDE:
        refuse_outside(stop.index + 1, stop.end, size, sizeof(unsigned_t))
    if stop.fault == DECREASING:
        raise ValueError(
            f"offsets[{stop.index + 1}] is {stop.end}, less than offsets[{stop.index}], which is {stop.begin}: "
            "offsets never decrease"
        )
    if stop.fault == CHANGED:
        raise RuntimeError("offsets changed while it was read")
    if stop.fault == TEXT:
        made.refuse(from_utf16(made.pointers[stop.index], stop.end - stop.begin), stop.index)
    made.count = <uint32_t>count
    return 0


cdef object refuse_outside(Py_ssize_t index, uint64_t value, uint64_t size, size_t width):
    # Numbers that were signed are shown as they were.
    negative = width == 8 and value >= 1 << 63 or width == 4 and value >= 1 << 31
    shown = f"{value} (negative, if signed)" if negative else f"{value}"
    raise ValueError(f"offsets[{index}] is {shown}, past the end of the arena, which has {size} code units")


cdef Stop next_decrease(const volatile unsigned_t *offsets, Py_ssize_t count, Py_ssize_t n,
                        uint64_t begin) noexcept nogil:
    """One is larger than the last one, so further on they decrease, unless somebody writes to them."""
    cdef Stop stop
    stop.fault = DECREASING
    stop.begin = begin
    for stop.index in range(n + 1, count):
        stop.end = offsets[stop.index + 1]
        if stop.end < stop.begin:
            return stop
        stop.begin = stop.end
    stop.fault = CHANGED
    return stop


cdef Stop copy_units(const WCHAR *source, uint64_t size, uint64_t last, uint64_t first,
                     const volatile unsigned_t *offsets, Py_ssize_t count, WCHAR *target, LPCWSTR *pointers,
                     size_t *ret_used) noexcept nogil:
    cdef WCHAR *to = target
    cdef Stop stop
    cdef Py_ssize_t n
    stop.fault = NONE
    stop.begin = first
    for n in range(count):
        stop.index = n
        # Read once: what is checked is what is used.
        stop.end = offsets[n + 1]
        if stop.end < stop.begin:
            stop.fault = DECREASING
            return stop
        if stop.end > size:
            stop.fault = OUTSIDE
            return stop
        if stop.end > last:
            return next_decrease(offsets, count, n, stop.end)
        pointers[n] = to
        if not put_units(source + stop.begin, <Py_ssize_t>(stop.end - stop.begin), to):
            stop.fault = TEXT
            return stop
        to += stop.end - stop.begin
        to[0] = 0
        to += 1
        stop.begin = stop.end
    ret_used[0] = to - target
    return stop


# ---- Arrow ----

cdef TextList pack_arrow(object given, str what):
    cdef TextList made = no_texts(what, True)
    cdef NameColumn column = name_column(given, what)
    cdef int64_t size, done
    cdef WCHAR *target
    while column.next():
        size = column.size()
        if not column.length:
            continue
        made.add_pointers(column.length)
        target = made.add_block(size + column.length)
        with nogil:
            done = copy_names(column, size, target, made.pointers + made.count, &made.last.used)
        if done < 0:
            refuse_name(made, column, -1 - done)
        made.count += <uint32_t>column.length
    return in_one_block(made)


cdef void name_at(NameColumn column, int64_t n, const uint8_t **ret_name, int64_t *ret_size) noexcept nogil:
    """Where the n-th name of the piece at hand lies; size -1 where that has changed since it was checked."""
    cdef const volatile int32_t *narrow
    cdef const volatile int64_t *wide
    cdef int64_t begin, end
    ret_size[0] = -1
    if column.layout == VIEWS:
        view_at(column.column, column.first + n, ret_name, ret_size)
        return
    if column.layout == OFFSETS32:
        narrow = <const volatile int32_t *>column.column.buffers[1] + column.first + n
        begin = narrow[0]
        end = narrow[1]
    else:
        wide = <const volatile int64_t *>column.column.buffers[1] + column.first + n
        begin = wide[0]
        end = wide[1]
    if column.low <= begin <= end <= column.high:
        ret_name[0] = <const uint8_t *>column.column.buffers[2] + begin
        ret_size[0] = end - begin


cdef int64_t copy_names(NameColumn column, int64_t size, WCHAR *target, LPCWSTR *pointers,
                        size_t *ret_used) noexcept nogil:
    cdef const uint8_t *name
    cdef int64_t length
    cdef int64_t room = size
    cdef WCHAR *to = target
    cdef Py_ssize_t units
    cdef int64_t n
    for n in range(column.length):
        name_at(column, n, &name, &length)
        if not 0 <= length <= room:
            return -1 - n
        room -= length
        units = put(name, length, to)
        if units < 0:
            return -1 - n
        pointers[n] = to
        to += units + 1
    ret_used[0] = to - target
    return column.length


cdef object refuse_name(TextList made, NameColumn column, int64_t n):
    cdef const uint8_t *name
    cdef int64_t length
    name_at(column, n, &name, &length)
    if length < 0:
        raise RuntimeError(f"the data behind {made.what}[{column.before + n}] changed while it was read")
    refuse_bytes(made, name, length, column.before + n)
