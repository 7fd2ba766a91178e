# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""What became of a registration: what was stored, or an error that names the entry that is to blame."""

from rmcy._records cimport Registered, registered, registered_anew
from rmcy._texts cimport TextList, shown
from rmcy.restartmanager cimport BYTE, DWORD, ERROR_ACCESS_DENIED, ERROR_BAD_ARGUMENTS, ERROR_SEM_TIMEOUT, UINT
from rmcy.restartmanager_ext cimport (
    ERROR_DIRECTORY, RMX_FILE_DENIED, RMX_FILE_DIRECTORY, RMX_FILE_IGNORED, RMX_FILE_MISSING, RMX_FILE_STORED,
    RMX_REGISTER_SKIP_DIRECTORIES,
)

from rmcy.codes import error_for
from rmcy.errors import BadArgumentsError, DirectoryRegisteredError, SessionTimeoutError


cdef Registered sort_out(TextList paths, const BYTE *states, unsigned int flags, UINT processes, UINT services):
    """What became of each file; nearly always nothing but "stored", which is looked for first."""
    cdef Registered made
    cdef BYTE every = 0
    cdef UINT n
    for n in range(paths.count):
        every |= states[n]
    if every == RMX_FILE_STORED:
        return registered(paths.count, processes, services)
    made = registered_anew(paths.count, processes, services)
    missing, denied, directories = [], [], []
    for n in range(paths.count):
        if states[n] == RMX_FILE_STORED:
            continue
        if states[n] == RMX_FILE_MISSING:
            missing.append(paths.name(n))
        elif states[n] == RMX_FILE_DENIED:
            denied.append(paths.name(n))
        elif states[n] == RMX_FILE_DIRECTORY and flags & RMX_REGISTER_SKIP_DIRECTORIES:
            directories.append(paths.name(n))
            made.files -= 1
        elif states[n] == RMX_FILE_IGNORED:
            made.files -= 1
    made.missing, made.denied, made.skipped = tuple(missing), tuple(denied), tuple(directories)
    return made


cdef int raise_directories(tuple directories) except -1:
    error = error_for(ERROR_ACCESS_DENIED, "RmGetList")
    named = ", ".join([shown(name) for name in directories[:5]])
    more = f" and {len(directories) - 5} more" if len(directories) > 5 else ""
    named_error = DirectoryRegisteredError(
        error.code, error.function, f"{error.strerror}: {named}{more}", advice=error.advice, filename=directories[0],
    )
    named_error.directories = directories
    raise named_error


cdef int raise_refused(DWORD code, UINT bad, TextList paths, TextList services) except -1:
    """Raise for a registration that failed, naming the entry that is to blame."""
    error = error_for(code, "RmRegisterResources")
    what, name = None, None
    if bad < paths.count:
        what, name = "files", paths.name(bad)
    # The index says nothing of the list; what is refused here is refused for its length.
    if code == ERROR_BAD_ARGUMENTS and bad < services.count:
        service = services.name(bad)
        if name is None or len(service) > len(name):
            what, name = "services", service
    if name is None:
        raise error
    if code == ERROR_DIRECTORY:
        named = DirectoryRegisteredError(
            error.code, error.function, f"nothing was registered: {what}[{bad}] is a directory: {shown(name)}",
            advice=error.advice, filename=name,
        )
        named.directories = (name,)
        raise named
    if code == ERROR_SEM_TIMEOUT:
        raise SessionTimeoutError(
            error.code, error.function,
            f"nothing was registered: {what}[{bad}] could not be looked up in time: {shown(name)}",
            advice="The server of its file system does not answer. Leave it out, or try again when it does.",
            filename=name,
        )
    if code == ERROR_BAD_ARGUMENTS:
        raise BadArgumentsError(
            error.code, error.function,
            f"nothing was registered: {what}[{bad}] is longer than the system takes: {shown(name)}",
            advice="No file or service can have that name: leave it out.",
        )
    raise error
