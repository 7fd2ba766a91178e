# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""The records that are made by the thousand, and how one is made of a row of RMX_LIST.

They are extension types because a frozen dataclass costs fourteen times as
much to make.  Nothing in them points into the answer of the library, and they
hold nothing that can change.
"""

cimport cython
from libc.stdint cimport uint32_t, uint64_t

from rmcy._status cimport check
from rmcy._text cimport from_bytes, from_row
from rmcy._texts cimport LISTS_ARE_SHARED
from rmcy.restartmanager cimport CCH_RM_MAX_APP_NAME, DWORD, RM_INVALID_TS_SESSION, RM_PROCESS_INFO, RM_UNIQUE_PROCESS
from rmcy.restartmanager_ext cimport (
    RMX_APP, RMX_NO_UID, RMX_USE, RMX_USE_EXECUTABLE, RMX_USE_MAPPED, RMX_USE_OPEN, RmxGetProcess,
)

from rmcy.enums import AppStatus, AppType, UseKind

# Calling an enumeration costs as much as all the rest of a record: its members are looked up here.
# By the number itself; larger ones are looked up by calling it.
cdef enum:
    KNOWN_NUMBERS = 1024  # RmCritical is 1000
cdef list APP_TYPES = [None] * KNOWN_NUMBERS
cdef list APP_STATUSES = [None] * KNOWN_NUMBERS
cdef dict USE_KINDS = {
    RMX_USE_OPEN: UseKind.OPEN,
    RMX_USE_MAPPED: UseKind.MAPPED,
    RMX_USE_EXECUTABLE: UseKind.EXECUTABLE,
}


cdef uint64_t unsigned(object value, str what, uint64_t limit) except? 0xDEAD:
    """A number that fits; int(3.7) and int("4711") would hide a mistake, so only integers do."""
    if not hasattr(value, "__index__"):
        raise TypeError(f"{what} must be an int, not {type(value).__name__}")
    number = value.__index__()
    if not 0 <= number <= limit:
        raise ValueError(f"{what} must be between 0 and {limit}, not {number}")
    return number


cdef str text(object value, str what):
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {type(value).__name__}")
    return str(value)


cdef tuple names(object values, str what):
    if isinstance(values, str):
        raise TypeError(f"{what} must hold names, and is a str: {values!r}")
    return tuple([text(value, f"{what}[{n}]") for n, value in enumerate(values)])


cdef object optional_uid(object value, str what):
    return None if value is None else unsigned(value, what, 0xFFFFFFFE)


@cython.final
cdef class UniqueProcess:
    """RM_UNIQUE_PROCESS: a process that cannot be confused with a later one that has the same pid.

    `start_time` is the raw 64-bit number of the system, to be compared for
    equality only.

    Windows and Linux: a FILETIME on Windows; on Linux the time since boot in
    units of 100 ns.
    """

    __match_args__ = ("pid", "start_time")

    def __init__(self, pid, start_time):
        self.pid = unsigned(pid, "pid", 0xFFFFFFFF)
        self.start_time = unsigned(start_time, "start_time", 0xFFFFFFFFFFFFFFFF)

    @staticmethod
    def from_pid(pid):
        """Look up the living process with that pid.

        Raises ProcessNotFoundError (also ProcessLookupError) where there is none.
        """
        cdef DWORD number = unsigned(pid, "pid", 0xFFFFFFFF)
        cdef RM_UNIQUE_PROCESS process
        with nogil:
            check(RmxGetProcess(number, &process), b"RmxGetProcess")
        return unique_process(&process)

    def __repr__(self):
        return f"UniqueProcess(pid={self.pid}, start_time={self.start_time})"

    def __eq__(self, other):
        if not isinstance(other, UniqueProcess):
            return NotImplemented
        return self.pid == (<UniqueProcess>other).pid and self.start_time == (<UniqueProcess>other).start_time

    def __hash__(self):
        return hash((self.pid, self.start_time))

    def __reduce__(self):
        return UniqueProcess, (self.pid, self.start_time)

    def __replace__(self, **changes):
        return UniqueProcess(**({"pid": self.pid, "start_time": self.start_time} | changes))


@cython.final
@cython.no_gc  # it holds nothing that could refer to it
cdef class FileUse:
    """That a program uses one of the files.

    `path` is the registered name. `device` is major << 32 | minor. `deleted`:
    the file has no name any more.
    """

    __match_args__ = ("path", "kind")

    def __init__(self, path, kind, *, deleted=False, device=0, inode=0):
        self.path = text(path, "path")
        self.kind = UseKind(kind)
        self.deleted = bool(deleted)
        self.device = unsigned(device, "device", 0xFFFFFFFFFFFFFFFF)
        self.inode = unsigned(inode, "inode", 0xFFFFFFFFFFFFFFFF)

    cdef tuple key(self):
        return (self.path, self.kind, self.deleted, self.device, self.inode)

    def __repr__(self):
        return (
            f"FileUse({self.path!r}, {str(self.kind)!r}, deleted={self.deleted}, "
            f"device={self.device}, inode={self.inode})"
        )

    def __eq__(self, other):
        if not isinstance(other, FileUse):
            return NotImplemented
        return self.key() == (<FileUse>other).key()

    def __hash__(self):
        return hash(self.key())

    def __reduce__(self):
        return _new, (FileUse, self._fields())

    def __replace__(self, **changes):
        return FileUse(**(self._fields() | changes))

    def _fields(self):
        return {
            "path": self.path, "kind": self.kind, "deleted": self.deleted, "device": self.device, "inode": self.inode,
        }


@cython.final
@cython.no_gc  # neither does this
cdef class AffectedApp:
    """A program that is affected: RM_PROCESS_INFO, and what that has no room for.

    `name`: what a person calls it. `exe`: path of the program, None where it
    is not known. `uid`: effective user, None where not known. `service`: whole
    name of the unit; `service_manager_uid`: whose service manager runs it,
    None for the system's. `ts_session_id`: None where there is none.
    `restartable`: it could be brought back. `uses`: None where the system does
    not tell; empty for a program that was registered itself.

    Windows and Linux: `exe`, `uid` and `uses` are None on Windows, and
    `service` is a short name there.
    """

    __match_args__ = ("process", "name")

    def __init__(
        self, process, name, *, exe=None, uid=None, service=None, service_manager_uid=None, type=AppType.UNKNOWN,
        status=AppStatus.UNKNOWN, ts_session_id=None, restartable=False, uses=None,
    ):
        if not isinstance(process, UniqueProcess):
            raise TypeError("process must be a UniqueProcess")
        self.process = process
        self.name = text(name, "name")
        self.exe = None if exe is None else text(exe, "exe")
        self.uid = optional_uid(uid, "uid")
        self.service = None if service is None else text(service, "service")
        self.service_manager_uid = optional_uid(service_manager_uid, "service_manager_uid")
        self.type = AppType(type)
        self.status = AppStatus(status)
        # As the header has them: a row could not hold more.
        if not -0x80000000 <= self.type.value <= 0x7FFFFFFF:
            raise ValueError(f"type must have at most 32 bits, and is {self.type.value}")
        if not 0 <= self.status.value <= 0xFFFFFFFF:
            raise ValueError(f"status must have at most 32 bits, and is {self.status.value}")
        self.ts_session_id = optional_uid(ts_session_id, "ts_session_id")
        self.restartable = bool(restartable)
        self.uses = None if uses is None else tuple(uses)
        for use in self.uses or ():
            if not isinstance(use, FileUse):
                raise TypeError("uses must hold FileUse records")

    cdef tuple key(self):
        return (
            self.process, self.name, self.exe, self.uid, self.service, self.service_manager_uid, self.type,
            self.status, self.ts_session_id, self.restartable, self.uses,
        )

    def __repr__(self):
        head = f"AffectedApp({self.process!r}, {self.name!r}"
        others = list(self._fields().items())[2:]
        rest = "".join(f", {word}={value!r}" for word, value in others)
        return f"{head}{rest})"

    def __eq__(self, other):
        if not isinstance(other, AffectedApp):
            return NotImplemented
        return self.key() == (<AffectedApp>other).key()

    def __hash__(self):
        return hash(self.key())

    def __reduce__(self):
        return _new, (AffectedApp, self._fields())

    def __replace__(self, **changes):
        return AffectedApp(**(self._fields() | changes))

    def _fields(self):
        return {
            "process": self.process, "name": self.name, "exe": self.exe, "uid": self.uid, "service": self.service,
            "service_manager_uid": self.service_manager_uid, "type": self.type, "status": self.status,
            "ts_session_id": self.ts_session_id, "restartable": self.restartable, "uses": self.uses,
        }


@cython.final
@cython.no_gc  # nor this: its tuples have names in them
@cython.freelist(8)
cdef class Registered:
    """What one `register` stored.

    `missing`: files that are stored though nothing has that name now; each
    list looks for them again. `denied`: stored, but the system did not let
    their identity be read, so that lists will be incomplete. `skipped`:
    directories that were left out (``directories="skip"``).
    """

    __match_args__ = ()

    def __init__(self, *, files=0, processes=0, services=0, missing=(), denied=(), skipped=()):
        # One of them may be told to several.
        if self.missing is not None:
            raise TypeError("a Registered cannot be changed")
        self.files = unsigned(files, "files", 0xFFFFFFFF)
        self.processes = unsigned(processes, "processes", 0xFFFFFFFF)
        self.services = unsigned(services, "services", 0xFFFFFFFF)
        self.missing = names(missing, "missing")
        self.denied = names(denied, "denied")
        self.skipped = names(skipped, "skipped")

    cdef tuple key(self):
        return (self.files, self.processes, self.services, self.missing, self.denied, self.skipped)

    def __repr__(self):
        return f"Registered({', '.join([f'{word}={value!r}' for word, value in self._fields().items()])})"

    def __eq__(self, other):
        if not isinstance(other, Registered):
            return NotImplemented
        return self.key() == (<Registered>other).key()

    def __hash__(self):
        return hash(self.key())

    def __reduce__(self):
        return _new, (Registered, self._fields())

    def __replace__(self, **changes):
        return Registered(**(self._fields() | changes))

    def _fields(self):
        return {
            "files": self.files, "processes": self.processes, "services": self.services, "missing": self.missing,
            "denied": self.denied, "skipped": self.skipped,
        }


# What was told last, if nothing more was to be said than these numbers: whoever registers file after file hears it
# each time, and nobody can change it.
cdef Registered told = Registered()


cdef Registered registered(uint32_t files, uint32_t processes, uint32_t services):
    """For what nothing more is to be said of."""
    global told
    if LISTS_ARE_SHARED:
        return registered_anew(files, processes, services)
    if told.files != files or told.processes != processes or told.services != services:
        told = registered_anew(files, processes, services)
    return told


cdef Registered registered_anew(uint32_t files, uint32_t processes, uint32_t services):
    """For what more is to be said of: nobody else has it."""
    cdef Registered made = Registered.__new__(Registered)
    made.files = files
    made.processes = processes
    made.services = services
    made.missing = made.denied = made.skipped = ()
    return made


def _new(kind, fields):
    # Pickle calls with positions only; by names a record can gain a field.
    return kind(**fields)


cdef UniqueProcess unique_process(const RM_UNIQUE_PROCESS *process):
    cdef UniqueProcess unique = UniqueProcess.__new__(UniqueProcess)
    unique.pid = process.dwProcessId
    unique.start_time = <uint64_t>process.ProcessStartTime.dwHighDateTime << 32
    unique.start_time |= process.ProcessStartTime.dwLowDateTime
    return unique


cdef object member(object kind, dict known, uint32_t value):
    """The member for a number; a number without one gets its pseudo-member."""
    found = known.get(value)
    if found is None:
        found = kind(f"unknown_{value}")
    return found


# A list of members has KNOWN_NUMBERS entries, always.
@cython.boundscheck(False)
@cython.wraparound(False)
cdef inline object numbered(object kind, list known, Py_ssize_t value):
    """The same for an enumeration of numbers; the small ones are kept."""
    if not 0 <= value < KNOWN_NUMBERS:
        return kind(value)
    found = known[value]
    if found is None:
        found = known[value] = kind(value)
    return found


cdef FileUse file_use(const RMX_USE *use, str path):
    cdef FileUse made = FileUse.__new__(FileUse)
    made.path = path
    made.kind = member(UseKind, USE_KINDS, use.kind)
    made.deleted = use.deleted != 0
    made.device = use.device
    made.inode = use.inode
    return made


cdef AffectedApp affected_app(const RM_PROCESS_INFO *row, const RMX_APP *app, tuple uses):
    cdef AffectedApp made = AffectedApp.__new__(AffectedApp)
    made.process = unique_process(&row.Process)
    made.name = from_row(row.strAppName, CCH_RM_MAX_APP_NAME)
    made.exe = from_bytes(app.exe)
    made.uid = None if app.uid == RMX_NO_UID else app.uid
    made.service = from_bytes(app.unit)
    made.service_manager_uid = None if app.manager_uid == RMX_NO_UID else app.manager_uid
    made.type = numbered(AppType, APP_TYPES, <int>row.ApplicationType)
    made.status = numbered(AppStatus, APP_STATUSES, row.AppStatus)
    made.ts_session_id = None if row.TSSessionId == <DWORD>RM_INVALID_TS_SESSION else row.TSSessionId
    made.restartable = row.bRestartable != 0
    made.uses = uses
    return made
