# SPDX-License-Identifier: MIT
"""Hold a shared library, as a program does that was linked with it."""

import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
