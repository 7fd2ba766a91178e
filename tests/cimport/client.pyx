# SPDX-License-Identifier: MIT
# cython: language_level=3
"""Somebody else's extension module, compiled against the installed rmcy."""

from rmcy.restartmanager cimport (
    CCH_RM_SESSION_KEY, DWORD, ERROR_SUCCESS, LPCWSTR, RM_PROCESS_INFO, RM_UNIQUE_PROCESS, RmGetList,
    RmRegisterResources, RmStartSession, RmEndSession, RmConsole, RmStatusRunning, UINT, WCHAR,
)
from rmcy.restartmanager_ext cimport RMX_INFO, RmxGetInfo

SIZES = (sizeof(RM_UNIQUE_PROCESS), sizeof(RM_PROCESS_INFO), sizeof(WCHAR))
VALUES = (CCH_RM_SESSION_KEY, RmConsole, RmStatusRunning)


def backend():
    cdef const RMX_INFO *info = NULL
    assert RmxGetInfo(&info) == ERROR_SUCCESS
    return info.backend.decode()


def register(DWORD handle, str path):
    cdef WCHAR text[4096]
    cdef LPCWSTR name = text
    cdef DWORD code
    for n, character in enumerate(path):
        text[n] = ord(character)
    text[len(path)] = 0
    with nogil:
        code = RmRegisterResources(handle, 1, &name, 0, NULL, 0, NULL)
    return code


def pids(DWORD handle):
    cdef RM_PROCESS_INFO rows[16]
    cdef UINT needed = 0
    cdef UINT count = 16
    cdef DWORD reasons = 0
    cdef DWORD code
    with nogil:
        code = RmGetList(handle, &needed, &count, rows, &reasons)
    return code, [rows[n].Process.dwProcessId for n in range(count)]


def own_session():
    cdef DWORD handle = 0
    cdef WCHAR key[33]
    assert RmStartSession(&handle, 0, key) == ERROR_SUCCESS
    return handle, "".join(chr(unit) for unit in key[:32])


def end(DWORD handle):
    return RmEndSession(handle)
