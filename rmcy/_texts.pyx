# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""Texts, packed for the call: UTF-16 in blocks, with a pointer each.

A packed list owns all memory that the call reads, so the interpreter is free
while the call runs and nothing that happens to the caller's lists can reach it.
"""

cimport cython
from cpython.list cimport PyList_CheckExact
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

from rmcy._text cimport NAMES_ARE_BYTES as WITH_BYTES
from rmcy._text cimport from_utf16, run, units, widen1, widen2, widen4, write_run
from rmcy.restartmanager cimport ERROR_BAD_ARGUMENTS, LPCWSTR, UINT, WCHAR

import os
import sys

from rmcy.errors import BadArgumentsError

# The same macros that cpython.unicode has, for borrowed references: counting
# each reference up and down would be a fifth of the time.
cdef extern from "Python.h":
    bint is_exact_str "PyUnicode_CheckExact"(PyObject *text)
    Py_ssize_t str_length "PyUnicode_GET_LENGTH"(PyObject *text)
    unsigned int str_kind "PyUnicode_KIND"(PyObject *text)
    void *str_data "PyUnicode_DATA"(PyObject *text)

cdef enum:
    # What a path is long, about: the size of the first block.
    USUAL_LENGTH = 64
    # Up to this size the memory of one list is kept for the next: 512 KiB of texts, of some 4,000 paths, and 64 KiB of
    # pointers. To get it from the system costs up to five times as much as to fill it; more would double what a
    # registered path takes.
    KEPT_UNITS = 1 << 18
    KEPT_PLACES = 1 << 13

# Nobody's, and touched by who has the interpreter to himself; so where all threads run at once there is none.
cdef block *kept_block = NULL
cdef LPCWSTR *kept_pointers = NULL
cdef Py_ssize_t kept_places = 0

# Where the file system's encoding is another one, a str is not what the name's UTF-8 bytes spell. Where names are
# UTF-16 it always is.
cdef bint NAMES_ARE_UTF8 = (
    not WITH_BYTES or sys.getfilesystemencoding().lower().replace("_", "-") in ("utf-8", "utf8")
)

# For L3, which knows no systems: whether a lone surrogate of a name stands for a byte (PEP 383).
NAMES_ARE_BYTES = bool(WITH_BYTES)


cdef void let_go(block *b) noexcept:
    """Keep a block, the larger one of two, or free it."""
    global kept_block
    if not LISTS_ARE_SHARED and b.capacity <= KEPT_UNITS and (kept_block is NULL or kept_block.capacity < b.capacity):
        free(kept_block)
        b.before = NULL
        kept_block = b
    else:
        free(b)


cdef str shown(object text):
    """A repr for an error message, cut where it gets long."""
    if isinstance(text, (str, bytes)) and len(text) > 80:
        return f"{text[:80]!r}... ({len(text)} characters)"
    return repr(text)


@cython.final
@cython.freelist(8)
cdef class TextList:
    def __cinit__(self):
        self.last = NULL
        self.pointers = NULL
        self.places = 0

    def __dealloc__(self):
        global kept_pointers, kept_places
        cdef block *b = self.last
        cdef block *before
        while b is not NULL:
            before = b.before
            let_go(b)
            b = before
        if not LISTS_ARE_SHARED and kept_places < self.places <= KEPT_PLACES:
            free(kept_pointers)
            kept_pointers = self.pointers
            kept_places = self.places
        else:
            free(self.pointers)

    cdef WCHAR *add_block(self, size_t room) except NULL:
        """Begin another block. The last one is kept, so nothing moves."""
        cdef block *b = NULL
        if room < (<size_t>-1 - sizeof(block)) // sizeof(WCHAR):
            b = <block *>malloc(sizeof(block) + room * sizeof(WCHAR))
        if b is NULL:
            raise MemoryError(f"no memory for {self.what}")
        b.before = self.last
        b.used = 0
        b.capacity = room
        self.last = b
        return <WCHAR *>(b + 1)

    cdef int begin(self, Py_ssize_t count) except -1:
        """Make room for so many texts of usual length."""
        global kept_block
        cdef size_t room = <size_t>count * USUAL_LENGTH
        self.add_pointers(count)
        self.count = <UINT>count
        if not count:
            return 0
        if kept_block is not NULL and room <= kept_block.capacity:
            self.last = kept_block
            self.last.used = 0
            kept_block = NULL
        else:
            self.add_block(room)
        return 0

    cdef WCHAR *grow(self, size_t needed) except NULL:
        """Begin a larger block."""
        return self.add_block(max(needed, USUAL_LENGTH if self.last is NULL else 2 * self.last.capacity))

    cdef int add_pointers(self, Py_ssize_t more) except -1:
        """Make room for so many more than are counted yet."""
        global kept_pointers, kept_places
        cdef Py_ssize_t count = counted(<Py_ssize_t>self.count + more, self.what)
        cdef LPCWSTR *larger
        if not count:
            return 0
        if self.pointers is NULL and count <= kept_places:
            self.pointers = kept_pointers
            self.places = kept_places
            kept_pointers = NULL
            kept_places = 0
            return 0
        larger = <LPCWSTR *>realloc(self.pointers, count * sizeof(LPCWSTR))
        if larger is NULL:
            raise MemoryError(f"no memory for {self.what}")
        self.pointers = larger
        self.places = count
        return 0

    cdef void trim_pointers(self) noexcept:
        cdef LPCWSTR *smaller
        if self.places > <Py_ssize_t>self.count:
            smaller = <LPCWSTR *>realloc(self.pointers, (self.count + 1) * sizeof(LPCWSTR))
            if smaller is not NULL:
                self.pointers = smaller
                self.places = self.count

    cdef inline WCHAR *room(self, size_t needed) except NULL:
        cdef block *b = self.last
        if b is NULL or b.capacity - b.used < needed:
            return self.grow(needed)
        return <WCHAR *>(b + 1) + b.used

    cdef Py_ssize_t add_run(self, PyObject **items, Py_ssize_t n) noexcept:
        """Pack from entry `n` on as long as all is plain: the index of the first that add() must see, or the count.

        No code of the caller runs here.
        """
        cdef block *b = self.last
        cdef run plain
        if b is NULL or not (NAMES_ARE_UTF8 or not self.paths):
            return n
        plain.items = items
        plain.begin = n
        plain.count = self.count
        plain.target = <WCHAR *>(b + 1) + b.used
        plain.end = <WCHAR *>(b + 1) + b.capacity
        plain.pointers = self.pointers
        n = write_run(&plain)
        b.used = plain.target - <WCHAR *>(b + 1)
        return n

    cdef int add(self, PyObject *entry, Py_ssize_t index) except -1:
        """Pack one entry; `entry` is borrowed."""
        if is_exact_str(entry) and (NAMES_ARE_UTF8 or not self.paths):
            return self.add_text(entry, index)
        # Code of the caller may run here, and the list may lose the entry meanwhile.
        kept = <object>entry
        text = self.plain(kept, index)
        return self.add_text(<PyObject *>text, index)

    cdef inline int add_text(self, PyObject *text, Py_ssize_t index) except -1:
        cdef Py_ssize_t length = str_length(text)
        cdef unsigned int kind = str_kind(text)
        cdef WCHAR *target = self.room(<size_t>(2 * length if kind == 4 else length) + 1)
        cdef Py_ssize_t written
        if kind == 1:
            written = widen1(<const uint8_t *>str_data(text), target, length)
        elif kind == 2:
            written = widen2(<const uint16_t *>str_data(text), target, length)
        else:
            written = widen4(<const uint32_t *>str_data(text), target, length)
        if written <= 0:
            self.refuse(<object>text, index)
        target[written] = 0
        self.last.used += written + 1
        self.pointers[index] = target
        return 0

    cdef str plain(self, object entry, Py_ssize_t index):
        """The exact str for an entry of another type, spelt as the name's UTF-8 bytes are."""
        cdef object path = entry
        if self.paths:
            if not isinstance(path, (str, bytes)) and hasattr(type(path), "__fspath__"):
                path = os.fspath(path)
            if isinstance(path, (str, bytes)):
                try:
                    return spelling(path)
                except UnicodeDecodeError:
                    self.refuse_bytes(path, index)
        if isinstance(path, str):
            return str.__str__(path)
        takes = "a path is a str, bytes or os.PathLike" if self.paths else "a service is named by a str"
        raise TypeError(f"{self.what}[{index}] is {shown(entry)}, of type {type(entry).__name__}: {takes}")

    cdef object refuse_bytes(self, object name, Py_ssize_t index):
        reason = (
            f"{self.what}[{index}] is {shown(name)}, which is no UTF-8: on Windows names have UTF-16, and as bytes "
            "they are given as os.fsencode() does it"
        )
        raise BadArgumentsError(ERROR_BAD_ARGUMENTS, "RmRegisterResources", f"nothing was registered: {reason}")

    cdef object refuse(self, object text, Py_ssize_t index):
        where = f"{self.what}[{index}] is {shown(text)}"
        if not text:
            reason = f"{self.what}[{index}] is an empty string: leave it out"
        elif "\0" in text:
            reason = f"{where}, with a NUL character in it: no name has one"
        else:
            reason = (
                f"{where}, with an unpaired surrogate in it that stands for no byte: "
                "pass the name as bytes, or as os.fsdecode() gives it"
            )
        raise BadArgumentsError(ERROR_BAD_ARGUMENTS, "RmRegisterResources", f"nothing was registered: {reason}")

    cdef str name(self, UINT index):
        cdef LPCWSTR text = self.pointers[index]
        name = from_utf16(text, units(text, 0x7FFFFFFF))
        return respell(name) if self.paths else name


# ---- one name ----

cdef str spelt(object name):
    """The str whose UTF-16 the library takes for a name in bytes; UnicodeDecodeError where no name has them."""
    return bytes.decode(name, "utf-8", "surrogateescape" if WITH_BYTES else "surrogatepass")


cdef str spelling(object path):
    """The same for a path, str or bytes, as Python's own functions for files understand it."""
    if isinstance(path, bytes):
        return spelt(path) if WITH_BYTES else os.fsdecode(path)
    return str.__str__(path) if NAMES_ARE_UTF8 else spelt(os.fsencode(path))


def spell(path not None):
    """The str whose UTF-16 the library takes for a path."""
    return spelling(os.fspath(path))


def respell(str name not None):
    """What the library spells so, as Python's own functions for files have it."""
    return name if NAMES_ARE_UTF8 else os.fsdecode(name.encode("utf-8", "surrogateescape"))


def encoded(str name not None):
    """The bytes that the library has for a name of Python's; UnicodeEncodeError where no name is so."""
    return os.fsencode(name) if WITH_BYTES else name.encode("utf-8", "surrogatepass")


def readable(str name not None):
    """Valid Unicode: U+FFFD for what is none, once for a character that is cut off."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        # Half a pair, which is no byte.
        return "".join(["\ufffd" if "\ud800" <= c <= "\udfff" else c for c in name])


cdef UINT counted(Py_ssize_t count, str what) except? 0xDEAD:
    if count >= 0xFFFFFFFF:
        raise BadArgumentsError(
            ERROR_BAD_ARGUMENTS, "RmRegisterResources", f"too many {what} for one call: {count}",
            advice="Register them in several calls.",
        )
    return count


cdef TextList no_texts(str what, bint paths):
    cdef TextList made = TextList.__new__(TextList)
    made.what = what
    made.paths = paths
    return made


cdef TextList pack_texts(object entries, str what, bint paths):
    """Pack a list or a tuple. What is in it when its turn comes is what is packed."""
    cdef TextList made = no_texts(what, paths)
    cdef Py_ssize_t count = sequence_size(entries)
    cdef Py_ssize_t n = 0
    cdef PyObject **items
    made.begin(count)
    if PyList_CheckExact(entries) and LISTS_ARE_SHARED:
        entries = tuple(entries)
    while n < count:
        # __fspath__ of an entry is a caller's code and may have changed the list.
        if sequence_size(entries) != count:
            raise RuntimeError(f"{what} changed while it was read: nothing was registered")
        items = sequence_items(entries)
        n = made.add_run(items, n)
        if n < count:
            made.add(items[n], n)
            n += 1
    return made


# ---- in one block, as buffers and slices want it ----

cdef Py_ssize_t end_of(TextList texts, Py_ssize_t index) noexcept:
    """Where the text ends in the one block, behind its NUL."""
    cdef const WCHAR *base = <const WCHAR *>(texts.last + 1)
    if index + 1 == texts.count:
        return texts.last.used
    return texts.pointers[index + 1] - base


cdef TextList in_one_block(TextList texts):
    """Move the texts together, if they are not, and give back what the list has no use for."""
    cdef block *b = texts.last
    cdef block *larger
    cdef size_t used = 0
    cdef size_t begin
    cdef Py_ssize_t n
    texts.trim_pointers()
    if b is NULL or (b.before is NULL and b.capacity - b.used <= b.used // 4 + 64):
        return texts
    while b is not NULL:
        used += b.used
        b = b.before
    larger = <block *>malloc(sizeof(block) + used * sizeof(WCHAR))
    if larger is NULL:
        raise MemoryError(f"no memory for {texts.what}")
    larger.before = NULL
    larger.used = larger.capacity = used
    n = <Py_ssize_t>texts.count - 1
    # From the last text to the first, as the blocks are linked.
    while texts.last is not NULL:
        b = texts.last
        begin = used - b.used
        memcpy(<WCHAR *>(larger + 1) + begin, b + 1, b.used * sizeof(WCHAR))
        while n >= 0 and <WCHAR *>(b + 1) <= texts.pointers[n] < <WCHAR *>(b + 1) + b.used:
            texts.pointers[n] = <WCHAR *>(larger + 1) + begin + (texts.pointers[n] - <WCHAR *>(b + 1))
            n -= 1
        used = begin
        texts.last = b.before
        let_go(b)
    texts.last = larger
    return texts


cdef TextList pack_slice(TextList texts, object where):
    cdef TextList made = no_texts(texts.what, True)
    cdef Py_ssize_t start, stop, step, count, n, at
    cdef size_t size = 0
    cdef WCHAR *to
    start, stop, step = where.indices(texts.count)
    count = len(range(start, stop, step))
    if not count:
        return made
    for n in range(count):
        at = start + n * step
        size += end_of(texts, at) - (texts.pointers[at] - <const WCHAR *>(texts.last + 1))
    made.add_pointers(count)
    to = made.add_block(size)
    for n in range(count):
        at = start + n * step
        size = end_of(texts, at) - (texts.pointers[at] - <const WCHAR *>(texts.last + 1))
        memcpy(to, texts.pointers[at], size * sizeof(WCHAR))
        made.pointers[n] = to
        to += size
    made.last.used = made.last.capacity
    made.count = <uint32_t>count
    return made
