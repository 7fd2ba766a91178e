# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""Lists that are packed once and registered any number of times: of paths and of processes."""

cimport cython
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES, PyBUF_WRITABLE, Py_buffer
from libc.stdint cimport uint64_t
from libc.stdlib cimport malloc
from libc.string cimport memcmp, memcpy

from rmcy._arrow cimport is_arrow
from rmcy._pack cimport pack_arrow, pack_buffers, pack_separated, plain_view
from rmcy._processes cimport ProcessArray, pack_processes
from rmcy._records cimport unique_process
from rmcy._texts cimport TextList, counted, end_of, in_one_block, pack_slice, pack_texts
from rmcy.restartmanager cimport RM_UNIQUE_PROCESS, WCHAR

import os
from array import array
from collections.abc import Iterable, Sequence

cdef extern from "Python.h":
    const int PY_BIG_ENDIAN

cdef WCHAR NO_UNIT = 0
cdef RM_UNIQUE_PROCESS NO_PROCESS

# In the order of memory: the start time's low half comes first on every machine.
cdef const char *PROCESS_FORMAT = (
    b"T{=I:pid:=I:start_time_low:=I:start_time_high:}" if PY_BIG_ENDIAN else b"T{=I:pid:=Q:start_time:}"
)


cdef int expose(Py_buffer *buffer, int flags, str kind, const void *data, Py_ssize_t item, const char *form,
                Py_ssize_t *shape, Py_ssize_t *strides) except -1:
    """Fill in a buffer of one dimension that cannot be written to."""
    if flags & PyBUF_WRITABLE:
        raise BufferError(f"a {kind} cannot be written to")
    buffer.buf = <void *>data
    buffer.len = shape[0] * item
    buffer.itemsize = item
    buffer.readonly = 1
    buffer.ndim = 1
    buffer.format = <char *>form if flags & PyBUF_FORMAT else NULL
    buffer.shape = shape if flags & PyBUF_ND else NULL
    strides[0] = item
    buffer.strides = strides if (flags & PyBUF_STRIDES) == PyBUF_STRIDES else NULL
    buffer.suboffsets = NULL
    buffer.internal = NULL
    return 0


cdef extern from "Python.h":
    Py_buffer *view_of "PyMemoryView_GET_BUFFER"(object view)


cdef Py_ssize_t position(object index, Py_ssize_t count, str kind) except -1:
    cdef Py_ssize_t n = index
    if n < 0:
        n += count
    if not 0 <= n < count:
        raise IndexError(f"{kind} index out of range")
    return n


cdef PathList path_list(TextList texts):
    cdef PathList made = PathList.__new__(PathList)
    made.texts = in_one_block(texts)
    made.shape[0] = 0 if made.texts.last is NULL else made.texts.last.used
    return made


@cython.final
cdef class PathList:
    """Paths, packed once for any number of calls: an immutable sequence of str.

    Made from an iterable of paths, or from a column of strings of pandas,
    polars, pyarrow or duckdb (whatever has ``__arrow_c_array__`` or
    ``__arrow_c_stream__``) without a str being made.  `from_separated` and
    `from_buffers` take what other programs and C have.  All of them copy, so
    the source may change or go away afterwards.

    As a buffer it is its UTF-16 code units, each path with a NUL behind it;
    `offsets` says where each begins.

    Raises TypeError and ValueError, which name the entry by its index.
    """

    def __init__(self, paths=()):
        cdef PathList made
        if self.texts is not None:
            raise TypeError("a PathList cannot be changed")
        if isinstance(paths, (bytearray, memoryview)):
            raise TypeError(
                f"paths is a {type(paths).__name__}: PathList.from_separated() and from_buffers() take buffers"
            )
        if type(paths) is PathList:
            made = paths
        elif isinstance(paths, (str, bytes, os.PathLike)):
            made = path_list(pack_texts((paths,), "paths", True))
        elif is_arrow(paths):
            made = path_list(pack_arrow(paths, "paths"))
        elif isinstance(paths, Iterable):
            made = path_list(pack_texts(paths if type(paths) in (list, tuple) else list(paths), "paths", True))
        else:
            raise TypeError(f"paths is {paths!r}, of type {type(paths).__name__}: give an iterable of paths")
        self.texts = made.texts
        self.shape[0] = made.shape[0]

    @staticmethod
    def from_separated(data, sep=b"\0"):
        """Take a text with a byte between the paths, or behind each: ``find -print0``, ``rpm -ql``, /proc files.

        Names are bytes, as the system has them. An empty one is refused.
        """
        return path_list(pack_separated(data, sep, "paths"))

    @staticmethod
    def from_buffers(arena, offsets):
        """Take UTF-16 code units without terminators, and for n paths the n + 1 offsets at which they begin and end.

        arena: uint16 in one piece, or bytes. offsets: uint32 or uint64.
        """
        return path_list(pack_buffers(arena, offsets, "paths"))

    @property
    def offsets(self):
        """Where in the buffer each path begins, and where the last one's NUL has been: a read-only view of uint64."""
        cdef Py_ssize_t n
        cdef const WCHAR *base
        made = array("Q", bytes(8 * (<Py_ssize_t>self.texts.count + 1)))
        cdef uint64_t[::1] numbers = made
        if self.texts.count:
            base = <const WCHAR *>(self.texts.last + 1)
            for n in range(self.texts.count):
                numbers[n] = self.texts.pointers[n] - base
            numbers[self.texts.count] = self.shape[0]
        return memoryview(made).toreadonly()

    def __len__(self):
        return self.texts.count

    def __getitem__(self, index):
        if isinstance(index, slice):
            return path_list(pack_slice(self.texts, index))
        return self.texts.name(position(index, self.texts.count, "PathList"))

    def __iter__(self):
        cdef Py_ssize_t n
        for n in range(self.texts.count):
            yield self.texts.name(n)

    def __reversed__(self):
        cdef Py_ssize_t n
        for n in range(self.texts.count):
            yield self.texts.name(self.texts.count - 1 - n)

    cdef Py_ssize_t find(self, object path, Py_ssize_t start, Py_ssize_t stop) except -2:
        """The first position of a path, or -1; a path that no list could hold is in none."""
        cdef TextList wanted
        cdef Py_ssize_t n, size
        try:
            wanted = pack_texts((path,), "path", True)
        except (TypeError, ValueError):
            return -1
        size = wanted.last.used
        for n in range(start, stop):
            if end_of(self.texts, n) - (self.texts.pointers[n] - <const WCHAR *>(self.texts.last + 1)) == size:
                if memcmp(self.texts.pointers[n], wanted.pointers[0], size * sizeof(WCHAR)) == 0:
                    return n
        return -1

    def __contains__(self, path):
        return self.find(path, 0, self.texts.count) >= 0

    def index(self, path, start=0, stop=None):
        """The first position of a path; ValueError where it is not in the list."""
        start, stop, _ = slice(start, stop).indices(self.texts.count)
        found = self.find(path, start, stop)
        if found < 0:
            raise ValueError(f"{path!r} is not in the list")
        return found

    def count(self, path):
        """How often a path is in the list."""
        cdef Py_ssize_t found = -1
        cdef Py_ssize_t times = 0
        while True:
            found = self.find(path, found + 1, self.texts.count)
            if found < 0:
                return times
            times += 1

    def __eq__(self, other):
        cdef TextList theirs
        if not isinstance(other, PathList):
            return NotImplemented
        theirs = (<PathList>other).texts
        if self.texts.count != theirs.count or self.shape[0] != (<PathList>other).shape[0]:
            return False
        if not theirs.count:
            return True
        # Each text ends with a NUL and has no other, so the same units are the same paths.
        return memcmp(self.texts.last + 1, theirs.last + 1, self.shape[0] * sizeof(WCHAR)) == 0

    def __hash__(self):
        return hash(bytes(memoryview(self)))

    def __repr__(self):
        return f"<rmcy.PathList of {self.texts.count}>"

    def __reduce__(self):
        return PathList, (list(self),)

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        cdef const void *units = &NO_UNIT
        if self.texts.last is not NULL:
            units = self.texts.last + 1
        expose(buffer, flags, "PathList", units, sizeof(WCHAR), b"H", self.shape, self.strides)
        buffer.obj = self


@cython.final
cdef class ProcessList:
    """Processes, packed once for any number of calls: an immutable sequence of UniqueProcess.

    Made from an iterable of UniqueProcess, AffectedApp or (pid, start_time);
    or from a buffer of records of 12 bytes, pid and start time, such as a
    NumPy array of ``dtype([("pid", "u4"), ("start_time", "u8")])``.  Such a
    buffer is not copied: it cannot be resized while the list lives, the list
    shows what is written to it, and it has a hash only if nobody can write.

    As a buffer it is an array of these records.
    """

    def __init__(self, processes=()):
        if self.processes is not None:
            raise TypeError("a ProcessList cannot be changed")
        if type(processes) is ProcessList:
            self.processes = (<ProcessList>processes).processes
            self.source = (<ProcessList>processes).source
        elif isinstance(processes, (list, tuple)) or not has_buffer(processes):
            if isinstance(processes, str) or not isinstance(processes, Iterable):
                raise TypeError(
                    f"processes is {processes!r}, of type {type(processes).__name__}: give an iterable of processes"
                )
            self.processes = pack_processes(processes)
        else:
            self.processes, self.source = pack_records(processes)
        self.shape[0] = self.processes.count

    def __len__(self):
        return self.processes.count

    def __getitem__(self, index):
        if isinstance(index, slice):
            return ProcessList([self[n] for n in range(*index.indices(self.processes.count))])
        return unique_process(&self.processes.items[position(index, self.processes.count, "ProcessList")])

    def __iter__(self):
        cdef Py_ssize_t n
        for n in range(self.processes.count):
            yield unique_process(&self.processes.items[n])

    def __eq__(self, other):
        cdef ProcessArray theirs
        if not isinstance(other, ProcessList):
            return NotImplemented
        theirs = (<ProcessList>other).processes
        if self.processes.count != theirs.count:
            return False
        if not theirs.count:
            return True
        return memcmp(self.processes.items, theirs.items, theirs.count * sizeof(RM_UNIQUE_PROCESS)) == 0

    def __hash__(self):
        if self.source is not None and not self.source.readonly:
            raise TypeError("unhashable ProcessList: its buffer can be written to")
        return hash(bytes(memoryview(self)))

    def __contains__(self, process):
        return any(process == mine for mine in self)

    def index(self, process, start=0, stop=None):
        """The first position of a UniqueProcess; ValueError where it is not in the list."""
        for n in range(*slice(start, stop).indices(self.processes.count)):
            if self[n] == process:
                return n
        raise ValueError(f"{process!r} is not in the list")

    def count(self, process):
        """How often a UniqueProcess is in the list."""
        return sum(process == mine for mine in self)

    def __repr__(self):
        return f"<rmcy.ProcessList of {self.processes.count}>"

    def __reduce__(self):
        return ProcessList, (list(self),)

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        cdef const void *items = self.processes.items if self.processes.count else &NO_PROCESS
        expose(buffer, flags, "ProcessList", items, sizeof(RM_UNIQUE_PROCESS), PROCESS_FORMAT, self.shape,
               self.strides)
        buffer.obj = self


Sequence.register(PathList)
Sequence.register(ProcessList)


# ---- records of processes in a buffer ----

def has_buffer(given):
    """Whether something is a buffer, such as an array, and not only a sequence."""
    try:
        memoryview(given)
    except TypeError:
        return False
    return True


def record_fields(str form):
    """What a PEP 3118 format has in a record: codes without names, groups and byte orders; None for other orders."""
    codes = []
    n = 0
    while n < len(form):
        c = form[n]
        n += 1
        if c == ":":
            n = form.index(":", n) + 1
        elif c in (">!" if not PY_BIG_ENDIAN else "<"):
            return None
        elif c == "T" and form[n:n + 1] == "{":
            n += 1
        elif c not in "}@=<^!> ":
            codes.append(c)
    return "".join(codes)


# Field by field: a number of 64 bits is two of 32 with the low one first only where machines store it so. A long has
# the size that makes 12 bytes of all: on Windows it is NumPy's code for 32 bits, elsewhere for 64.
cdef tuple RECORDS = ("III", "LLL", "I(2)I", "L(2)L") + (() if PY_BIG_ENDIAN else ("IQ", "LQ", "IL"))
cdef str WANTED = 'records of 12 bytes, such as an array of numpy.dtype([("pid", "u4"), ("start_time", "u8")])'


cdef tuple pack_records(object given):
    """The records of a buffer where they are, with the view that keeps them there."""
    cdef ProcessArray made = ProcessArray.__new__(ProcessArray)
    cdef Py_buffer *buffer
    kind = getattr(given, "dtype", None)
    view = plain_view(given, "processes", WANTED)
    fields = record_fields(view.format)
    said = f"the format {view.format!r}" if kind is None else f"the dtype {kind}"
    if fields is None:
        raise ValueError(f"processes has the byte order of other machines ({said}): convert it first")
    if view.itemsize == 1 and fields in ("B", "b", "c"):
        if view.nbytes % 12:
            raise ValueError(f"processes has {view.nbytes} bytes, no multiple of 12: pass {WANTED}")
    elif view.itemsize != 12 or fields not in RECORDS and fields not in ("12x", "12s", "B"):
        raise ValueError(f"processes has {said}, {view.itemsize} bytes an item: pass {WANTED}")
    buffer = view_of(view)
    made.count = counted(view.nbytes // 12, "processes")
    if <size_t>buffer.buf % 4 == 0:
        made.items = <RM_UNIQUE_PROCESS *>buffer.buf
        made.borrowed = True
        return made, view
    # C cannot read them there.
    made.items = <RM_UNIQUE_PROCESS *>malloc(made.count * sizeof(RM_UNIQUE_PROCESS) + 1)
    if made.items is NULL:
        raise MemoryError("no memory for processes")
    memcpy(made.items, buffer.buf, made.count * sizeof(RM_UNIQUE_PROCESS))
    return made, None


# ---- for calls ----

cdef TextList packed_paths(object files):
    if type(files) is PathList:
        return (<PathList>files).texts
    return pack_texts(files, "files", True)


cdef ProcessArray packed_processes(object processes):
    if type(processes) is ProcessList:
        return (<ProcessList>processes).processes
    return pack_processes(processes)
