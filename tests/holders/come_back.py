# SPDX-License-Identifier: MIT
"""Hold a file, register to be started again by the same command, tell a socket, and end with the connection.

    come_back.py LIBRARY ADDRESS FILE [COMMAND...]

COMMAND is registered instead, where there is one. With SLOWLY in its environment it does not end when it is asked to,
but says so and waits for a word. It speaks C's interface, for it runs without rmcy.

On Windows LIBRARY does not matter. The tests' rstrtmgr.dll, which runs where the system keeps no registration, reads
what was registered from a value of the registry, which is for tests only.
"""

import ctypes
import os
import signal
import socket
import subprocess
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


def register(words):
    texts = [os.fsencode(word) for word in words]
    arguments = (ctypes.c_char_p * len(texts))(*texts)
    wish = Relaunch(ctypes.sizeof(Relaunch), 0, arguments, len(texts), 0, None, None)
    code = ctypes.CDLL(library).RmxRegisterApplicationRestart(ctypes.byref(wish))
    if code:
        sys.exit(f"RmxRegisterApplicationRestart: {code}")


def start_time():
    times = (ctypes.c_uint64 * 4)()
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.GetProcessTimes(ctypes.c_void_p(kernel.GetCurrentProcess()), *(ctypes.byref(times, 8 * n) for n in range(4)))
    return times[0]


def register_on_windows(words):
    import winreg

    code = ctypes.WinDLL("kernel32").RegisterApplicationRestart(subprocess.list2cmdline(words), 0)
    if code:
        sys.exit(f"RegisterApplicationRestart: {code}")
    if not hasattr(ctypes.WinDLL("ntdll"), "wine_get_version"):
        return  # here the system keeps it
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, r"Software\rmcy-test\restart") as key:
        line = subprocess.list2cmdline([sys.executable, *words])
        winreg.SetValueEx(key, f"{os.getpid()}-{start_time()}", 0, winreg.REG_SZ, line)


held = os.open(path, os.O_RDONLY)
words = command or ["-I", "-S", os.path.abspath(__file__), library, address, path]
if os.name == "nt":
    register_on_windows(words)
    connection = socket.create_connection(("127.0.0.1", int(address)))
    # It is asked to end by Ctrl-C, of which Python would hear when it has read something.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    @ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint32)
    def asked(event):
        connection.sendall(b"asked\n")
        return True

    if "SLOWLY" in os.environ:
        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(asked, True)
else:
    register(words)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"\0{address}")
    if "SLOWLY" in os.environ:
        signal.signal(signal.SIGTERM, lambda number, frame: connection.sendall(b"asked\n"))
connection.sendall(b"%d\n" % os.getpid())
connection.recv(1)
