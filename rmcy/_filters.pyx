# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""The three filter functions, and what a caller adds to the critical ones."""

from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from rmcy._processes cimport pack_process
from rmcy._records cimport UniqueProcess, unique_process
from rmcy._handle cimport Handle
from rmcy._status cimport check
from rmcy._text cimport NAMES_ARE_BYTES, from_utf16, units
from rmcy.restartmanager cimport (
    BYTE, DWORD, ERROR_BAD_ARGUMENTS, ERROR_MORE_DATA, ERROR_OUTOFMEMORY, ERROR_SUCCESS, LPCWSTR, RM_FILTER_ACTION,
    RM_FILTER_INFO, RM_UNIQUE_PROCESS, RmAddFilter, RmFilterTriggerFile, RmFilterTriggerProcess,
    RmFilterTriggerService, RmGetFilterList, RmRemoveFilter, WCHAR,
)
from rmcy.restartmanager_ext cimport RmxAddCritical

from rmcy.codes import error_for
from rmcy.errors import BadArgumentsError

cdef extern from "Python.h":
    const int PY_BIG_ENDIAN

# Others may add filters between the question for the size and the one for the list.
cdef enum:
    TRIES = 8


cdef bytes wide(str text, str what, str function):
    """UTF-16 with a terminator; None stays None."""
    if text is None:
        return None
    where = f"{what} is {text[:80]!r}"
    if not text:
        reason = f"{what} is an empty string"
    elif "\0" in text:
        reason = f"{where}, with a NUL character in it: no name has one"
    elif NAMES_ARE_BYTES and any("\ud800" <= c <= "\udfff" and not "\udc80" <= c <= "\udcff" for c in text):
        reason = f"{where}, with an unpaired surrogate in it that stands for no byte"
    else:
        return (text + "\0").encode("utf-16-be" if PY_BIG_ENDIAN else "utf-16-le", "surrogatepass")
    raise BadArgumentsError(ERROR_BAD_ARGUMENTS, function, reason, advice="Pass the name as os.fsdecode() gives it.")


cdef LPCWSTR units_of(bytes text) noexcept:
    # Not in one expression: Cython's temporary for it is not const.
    if text is None:
        return NULL
    return <LPCWSTR><const char *>text


cdef RM_UNIQUE_PROCESS *packed(UniqueProcess process, RM_UNIQUE_PROCESS *room) noexcept:
    if process is None:
        return NULL
    pack_process(process, room)
    return room


def add(Handle handle not None, str module, UniqueProcess process, str service, int action):
    """Add a filter, or replace the one for the same target; exactly one of the three is given."""
    cdef bytes module_text = wide(module, "module", "RmAddFilter")
    cdef bytes service_text = wide(service, "service", "RmAddFilter")
    cdef LPCWSTR module_units = units_of(module_text)
    cdef LPCWSTR service_units = units_of(service_text)
    cdef RM_UNIQUE_PROCESS room
    cdef RM_UNIQUE_PROCESS *selected = packed(process, &room)
    handle.enter()
    try:
        with nogil:
            check(RmAddFilter(handle.number, module_units, selected, service_units, <RM_FILTER_ACTION>action),
                  b"RmAddFilter")
    finally:
        handle.leave()


def remove(Handle handle not None, str module, UniqueProcess process, str service):
    """Remove the filter for a target; exactly one of the three is given."""
    cdef bytes module_text = wide(module, "module", "RmRemoveFilter")
    cdef bytes service_text = wide(service, "service", "RmRemoveFilter")
    cdef LPCWSTR module_units = units_of(module_text)
    cdef LPCWSTR service_units = units_of(service_text)
    cdef RM_UNIQUE_PROCESS room
    cdef RM_UNIQUE_PROCESS *selected = packed(process, &room)
    handle.enter()
    try:
        with nogil:
            check(RmRemoveFilter(handle.number, module_units, selected, service_units), b"RmRemoveFilter")
    finally:
        handle.leave()


def listed(Handle handle not None):
    """The filters: (module, process, service, action) each, with None for what it is not about."""
    cdef BYTE *buffer = NULL
    cdef DWORD size = 0
    cdef DWORD needed = 0
    cdef DWORD code = ERROR_MORE_DATA
    cdef int _
    handle.enter()
    try:
        for _ in range(TRIES):
            with nogil:
                code = RmGetFilterList(handle.number, buffer, size, &needed)
            if code != ERROR_MORE_DATA:
                break
            free(buffer)
            size = needed
            buffer = <BYTE *>malloc(size)
            if buffer is NULL:
                raise error_for(ERROR_OUTOFMEMORY, "RmGetFilterList")
            memset(buffer, 0, size)
        if code != ERROR_SUCCESS:
            check(code, b"RmGetFilterList")
        return taken_apart(buffer, min(needed, size))
    finally:
        free(buffer)
        handle.leave()


cdef list taken_apart(const BYTE *buffer, DWORD size):
    """The header's format: records, each with the distance to the next; names lie in the buffer, too."""
    cdef list made = []
    cdef DWORD at = 0
    cdef const RM_FILTER_INFO *info
    while size - at >= sizeof(RM_FILTER_INFO):
        info = <const RM_FILTER_INFO *>(buffer + at)
        module, process, service = None, None, None
        if info.FilterTrigger == RmFilterTriggerFile:
            module = name_in(buffer, size, info.strFilename)
        elif info.FilterTrigger == RmFilterTriggerService:
            service = name_in(buffer, size, info.strServiceShortName)
        elif info.FilterTrigger == RmFilterTriggerProcess:
            process = unique_process(&info.Process)
        made.append((module, process, service, <int>info.FilterAction))
        if info.cbNextOffset == 0 or info.cbNextOffset > size - at:
            break
        at += info.cbNextOffset
    return made


cdef str name_in(const BYTE *buffer, DWORD size, const WCHAR *name):
    """A name that the library says is in the buffer; nothing outside of that is read."""
    cdef uintptr_t begin = <uintptr_t>buffer
    cdef uintptr_t at = <uintptr_t>name
    if at < begin or at > begin + size:
        return ""
    return from_utf16(name, units(name, (begin + size - at) // sizeof(WCHAR)))


def add_critical(Handle handle not None, str pattern not None):
    """Add to what counts as critical in this session."""
    cdef bytes text = wide(pattern, "pattern", "RmxAddCritical")
    cdef LPCWSTR pattern_units = units_of(text)
    handle.enter()
    try:
        with nogil:
            check(RmxAddCritical(handle.number, pattern_units), b"RmxAddCritical")
    finally:
        handle.leave()
