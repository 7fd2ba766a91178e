# SPDX-License-Identifier: MIT
"""Hold a shared library, as a program does that was linked with it."""

import ctypes
import os
import sys

# Windows adds a suffix to a name without one, unless a dot ends it, which Python takes away unless winmode is given.
library = ctypes.CDLL(sys.argv[1] + ".", winmode=0) if os.name == "nt" else ctypes.CDLL(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
