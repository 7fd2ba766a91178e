# SPDX-License-Identifier: MIT
"""Hold a memory map of a file whose descriptor is closed: Python's own mmap would keep one."""

import ctypes
import mmap
import os
import sys


def map_on_windows(path):
    import msvcrt

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileMappingW.restype = kernel.MapViewOfFile.restype = ctypes.c_void_p
    file = os.open(path, os.O_RDONLY)
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(file))
    mapping = ctypes.c_void_p(kernel.CreateFileMappingW(handle, None, 2, 0, 0, None))  # PAGE_READONLY
    if not kernel.MapViewOfFile(mapping, 4, 0, 0, ctypes.c_size_t(0)):  # FILE_MAP_READ
        raise ctypes.WinError(ctypes.get_last_error())
    kernel.CloseHandle(mapping)
    os.close(file)


def map_elsewhere(path):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    descriptor = os.open(os.fsencode(path), os.O_RDONLY)
    address = libc.mmap(None, mmap.PAGESIZE, mmap.PROT_READ, mmap.MAP_PRIVATE, descriptor, 0)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    os.close(descriptor)


(map_on_windows if os.name == "nt" else map_elsewhere)(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
