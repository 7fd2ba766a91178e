# SPDX-License-Identifier: MIT
"""Hold a file, register to be started again by the same command, tell a socket, and end with the connection.

    come_back.py LIBRARY ADDRESS FILE [COMMAND...]

COMMAND is registered instead, where there is one. With SLOWLY in its environment it does not end when it is asked to,
but says so and waits for a word. It speaks C's interface, for it runs without rmcy.
"""

import ctypes
import os
import signal
import socket
import sys

library, address, path, *command = sys.argv[1:]


class Relaunch(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("arguments", ctypes.POINTER(ctypes.c_char_p)),
        ("argument_count", ctypes.c_uint32),
        ("environment_count", ctypes.c_uint32),
        ("environment", ctypes.POINTER(ctypes.c_char_p)),
        ("directory", ctypes.c_char_p),
    )


held = os.open(path, os.O_RDONLY)
words = [os.fsencode(word) for word in command or ["-I", "-S", os.path.abspath(__file__), library, address, path]]
arguments = (ctypes.c_char_p * len(words))(*words)
wish = Relaunch(ctypes.sizeof(Relaunch), 0, arguments, len(words), 0, None, None)
code = ctypes.CDLL(library).RmxRegisterApplicationRestart(ctypes.byref(wish))
if code:
    sys.exit(f"RmxRegisterApplicationRestart: {code}")
connection = socket.socket(socket.AF_UNIX)
connection.connect(f"\0{address}")
if "SLOWLY" in os.environ:
    signal.signal(signal.SIGTERM, lambda number, frame: connection.sendall(b"asked\n"))
connection.sendall(b"%d\n" % os.getpid())
connection.recv(1)
