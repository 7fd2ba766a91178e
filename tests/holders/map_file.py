# SPDX-License-Identifier: MIT
"""Hold a memory map of a file whose descriptor is closed: Python's own mmap would keep one."""

import ctypes
import mmap
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]

descriptor = os.open(os.fsencode(sys.argv[1]), os.O_RDONLY)
address = libc.mmap(None, mmap.PAGESIZE, mmap.PROT_READ, mmap.MAP_PRIVATE, descriptor, 0)
if address == ctypes.c_void_p(-1).value:
    raise OSError(ctypes.get_errno(), "mmap")
os.close(descriptor)
print("ready", flush=True)
sys.stdin.read()
