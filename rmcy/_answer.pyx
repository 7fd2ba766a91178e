# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""An answer: kept as the library gave it, as columns for who wants those, and records made when they are touched."""

cimport cython
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES, PyBUF_WRITABLE, Py_buffer
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from rmcy._records cimport AffectedApp, affected_app, file_use, member
from rmcy._text cimport from_bytes, prefetch, prefetch_line
from rmcy.restartmanager cimport (
    CCH_RM_MAX_APP_NAME, CCH_RM_MAX_SVC_NAME, DWORD, RM_INVALID_TS_SESSION, RM_PROCESS_INFO, WCHAR,
)
from rmcy.restartmanager_ext cimport (
    RMX_APP, RMX_LIST, RMX_LIST_COMPLETE, RMX_LIST_TELLS_USES, RMX_SKIP, RMX_SKIP_BLOCKED, RMX_SKIP_CHANGING,
    RMX_SKIP_ERROR, RMX_SKIP_FILE, RMX_SKIP_NAMESPACE, RMX_SKIP_PERMISSION, RMX_SKIP_UNCERTAIN, RmxFreeList,
)

import sys
from array import array

from rmcy.enums import SkipCause

cdef extern from "Python.h":
    const int PY_BIG_ENDIAN

cdef dict SKIP_CAUSES = {
    RMX_SKIP_PERMISSION: SkipCause.PERMISSION,
    RMX_SKIP_BLOCKED: SkipCause.BLOCKED,
    RMX_SKIP_NAMESPACE: SkipCause.NAMESPACE,
    RMX_SKIP_CHANGING: SkipCause.CHANGING,
    RMX_SKIP_UNCERTAIN: SkipCause.UNCERTAIN,
    RMX_SKIP_ERROR: SkipCause.ERROR,
    RMX_SKIP_FILE: SkipCause.FILE,
}

# RM_PROCESS_INFO, 668 bytes; the words are those of the JSON document.
cdef const char *ROW_FORMAT = (
    b"T{=I:pid:=I:start_time_low:=I:start_time_high:(256)=H:name:(64)=H:service:"
    b"=i:type:=I:status:=I:ts_session_id:=i:restartable:}"
    if PY_BIG_ENDIAN else
    b"T{=I:pid:=Q:start_time:(256)=H:name:(64)=H:service:=i:type:=I:status:=I:ts_session_id:=i:restartable:}"
)
cdef RM_PROCESS_INFO NO_ROW


@cython.final
@cython.no_gc  # records hold nothing that could refer to it
cdef class Programs:
    """The programs of an answer; it owns the block that came from the library."""

    def __cinit__(self):
        self.source = NULL
        self.own = NULL
        self.count = 0
        self.strides[0] = sizeof(RM_PROCESS_INFO)

    def __init__(self, tuple apps=()):
        """Of records that somebody made."""
        for app in apps:
            if not isinstance(app, AffectedApp):
                raise TypeError(f"apps must hold AffectedApp records, not {type(app).__name__}")
        self.made = list(apps)
        self.count = len(apps)

    def __dealloc__(self):
        RmxFreeList(self.source)
        free(self.own)

    cdef str file(self, uint32_t index):
        """Each name becomes one str, however many programs use the file."""
        name = self.files[index]
        if name is None:
            name = self.files[index] = from_bytes(self.source.files[index])
        return name

    cdef AffectedApp program(self, Py_ssize_t n):
        cdef const RMX_APP *app
        cdef uint32_t use
        cdef AffectedApp made
        with cython.critical_section(self):
            made = self.made[n]
            if made is not None:
                return made
            app = &self.source.apps[n]
            uses = None
            if self.source.flags & RMX_LIST_TELLS_USES:
                uses = []
                for use in range(app.first_use, app.first_use + app.use_count):
                    uses.append(file_use(&self.source.uses[use], self.file(self.source.uses[use].file)))
                uses = tuple(uses)
            made = affected_app(&self.source.rows[n], app, uses)
            self.made[n] = made
            return made

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        cdef Py_ssize_t n
        if isinstance(index, slice):
            return tuple([self.program(n) for n in range(*index.indices(self.count))])
        n = index
        if n < 0:
            n += self.count
        if not 0 <= n < self.count:
            raise IndexError("AffectedList index out of range")
        return self.program(n)

    def __iter__(self):
        cdef Iteration made = Iteration.__new__(Iteration)
        made.programs = self
        made.next = 0
        return made

    @cython.boundscheck(False)  # each column has an entry for each row
    @cython.wraparound(False)
    def numbers(self):
        """The numbers of all rows, a buffer for each column."""
        # A row has two places with numbers, far from each other; one way through the rows touches each once.
        cdef const RM_PROCESS_INFO *rows = self.rows()
        cdef Py_ssize_t count = self.count
        cdef Py_ssize_t n
        made = {
            "pid": array("I", bytes(4 * count)), "start_time": array("Q", bytes(8 * count)),
            "type": array("i", bytes(4 * count)), "status": array("I", bytes(4 * count)),
            "ts_session_id": array("I", bytes(4 * count)), "restartable": bytearray(count),
        }
        cdef uint32_t[::1] pid = made["pid"]
        cdef uint64_t[::1] start_time = made["start_time"]
        cdef int32_t[::1] kind = made["type"]
        cdef uint32_t[::1] status = made["status"]
        cdef uint32_t[::1] ts_session_id = made["ts_session_id"]
        cdef uint8_t[::1] restartable = made["restartable"]
        with nogil:
            for n in range(count):
                if n + 16 < count:
                    prefetch_line(&rows[n + 16].Process)
                    prefetch_line(&rows[n + 16].ApplicationType)
                pid[n] = rows[n].Process.dwProcessId
                start_time[n] = <uint64_t>rows[n].Process.ProcessStartTime.dwHighDateTime << 32
                start_time[n] |= rows[n].Process.ProcessStartTime.dwLowDateTime
                kind[n] = (<const int32_t *>&rows[n].ApplicationType)[0]
                status[n] = rows[n].AppStatus
                ts_session_id[n] = rows[n].TSSessionId
                restartable[n] = rows[n].bRestartable != 0
        shown = {word: memoryview(column).toreadonly() for word, column in made.items()}
        shown["restartable"] = shown["restartable"].cast("?")
        return shown

    cdef const RM_PROCESS_INFO *rows(self) except? NULL:
        if self.count == 0:
            return &NO_ROW
        if self.source is not NULL:
            return self.source.rows
        with cython.critical_section(self):
            if self.own is NULL:
                self.own = rows_of(self.made)
        return self.own


@cython.final
@cython.internal
@cython.no_gc  # programs do not refer to it
cdef class Iteration:
    """A generator would take longer to go on than a record takes to be made."""

    cdef Programs programs
    cdef Py_ssize_t next

    def __iter__(self):
        return self

    def __next__(self):
        cdef Programs programs = self.programs
        cdef Py_ssize_t n = self.next
        if n >= programs.count:
            raise StopIteration
        self.next = n + 1
        # A row is long, and little of it is read.
        if programs.source is not NULL and n + 4 < programs.count:
            prefetch(<void *>&programs.source.rows[n + 4])
            prefetch(<void *>&programs.source.rows[n + 4].ApplicationType)
        return programs.program(n)

    def __length_hint__(self):
        return max(0, self.programs.count - self.next)


cdef int put(str text, WCHAR *to, Py_ssize_t room) except -1:
    """As much of a text as there is room for; half a pair is not written."""
    cdef const WCHAR *units
    cdef Py_ssize_t n
    encoded = text.encode("utf-16-be" if PY_BIG_ENDIAN else "utf-16-le", "surrogatepass")
    units = <const WCHAR *><const char *>encoded
    n = min(len(encoded) // 2, room)
    if n and n < len(encoded) // 2 and (units[n - 1] & 0xFC00) == 0xD800:
        n -= 1
    for i in range(n):
        to[i] = units[i]
    return 0


cdef int fill(RM_PROCESS_INFO *row, AffectedApp app) except -1:
    row.Process.dwProcessId = app.process.pid
    row.Process.ProcessStartTime.dwLowDateTime = <DWORD>app.process.start_time
    row.Process.ProcessStartTime.dwHighDateTime = <DWORD>(app.process.start_time >> 32)
    put(app.name, row.strAppName, CCH_RM_MAX_APP_NAME)
    # The header has a name for services only, not for scopes and other units.
    if app.service is not None and (sys.platform == "win32" or app.service.endswith(".service")):
        put(app.service, row.strServiceShortName, CCH_RM_MAX_SVC_NAME)
    (<int *>&row.ApplicationType)[0] = app.type
    row.AppStatus = app.status
    row.TSSessionId = <DWORD>RM_INVALID_TS_SESSION if app.ts_session_id is None else app.ts_session_id
    row.bRestartable = app.restartable
    return 0


cdef RM_PROCESS_INFO *rows_of(list apps) except NULL:
    """Rows for records that somebody made: all of them, or an exception."""
    cdef RM_PROCESS_INFO *rows = <RM_PROCESS_INFO *>calloc(len(apps), sizeof(RM_PROCESS_INFO))
    cdef Py_ssize_t n
    if rows is NULL:
        raise MemoryError("no memory for rows")
    try:
        for n in range(len(apps)):
            fill(&rows[n], apps[n])
    except BaseException:
        free(rows)
        raise
    return rows


cdef class Rows:
    """What AffectedList has of C: its programs, and itself as a buffer of them, an RM_PROCESS_INFO each."""

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        cdef Programs programs = self._programs
        if flags & PyBUF_WRITABLE:
            raise BufferError("an AffectedList cannot be written to")
        buffer.buf = <void *>programs.rows()
        buffer.len = programs.count * sizeof(RM_PROCESS_INFO)
        buffer.itemsize = sizeof(RM_PROCESS_INFO)
        buffer.readonly = 1
        buffer.ndim = 1
        buffer.format = <char *>ROW_FORMAT if flags & PyBUF_FORMAT else NULL
        buffer.shape = &programs.count if flags & PyBUF_ND else NULL
        buffer.strides = programs.strides if (flags & PyBUF_STRIDES) == PyBUF_STRIDES else NULL
        buffer.suboffsets = NULL
        buffer.internal = NULL
        # The programs, not the list: they own the memory and are not changed.
        buffer.obj = programs


@cython.final
cdef class Answer:
    """What a list said, taken apart but not yet judged: L3 makes an AffectedList of it."""


cdef tuple skips_of(const RMX_LIST *source):
    cdef list made = []
    cdef const RMX_SKIP *entry
    cdef uint32_t n, m
    for n in range(source.skip_count):
        entry = &source.skips[n]
        pids = []
        for m in range(entry.pid_count):
            pids.append(source.pids[entry.first_pid + m])
        made.append((member(SkipCause, SKIP_CAUSES, entry.cause), entry.count, tuple(pids)))
    return tuple(made)


cdef tuple chosen(Programs programs, const uint32_t *indexes, uint32_t count):
    cdef list made = []
    cdef uint32_t n
    for n in range(count):
        made.append(programs.file(indexes[n]))
    return tuple(made)


cdef Answer decode_take(RMX_LIST **taken):
    """Owns *taken from here on, whatever happens."""
    cdef RMX_LIST *source = taken[0]
    cdef Programs programs = Programs.__new__(Programs)
    cdef Answer answer = Answer.__new__(Answer)
    programs.source = source
    taken[0] = NULL
    if source.size < sizeof(RMX_LIST):
        raise ImportError("the library that is loaded is older than this rmcy: an answer of it is too short")
    programs.count = source.app_count
    programs.made = [None] * source.app_count
    programs.files = [None] * source.file_count
    answer.programs = programs
    answer.complete = (source.flags & RMX_LIST_COMPLETE) != 0
    answer.reboot_reasons = source.reboot_reasons
    answer.missing = chosen(programs, source.missing, source.missing_count)
    answer.directories = chosen(programs, source.directories, source.directory_count)
    answer.skips = skips_of(source)
    answer.counts = (source.processes, source.descriptors, source.maps, source.retries, source.nanoseconds)
    answer.scanner = "" if source.scanner is NULL else source.scanner.decode("utf-8", "replace")
    return answer
