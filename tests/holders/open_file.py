# SPDX-License-Identifier: MIT
"""Hold an open descriptor of a file."""

import os
import signal
import sys

# Windows asks a program to end by Ctrl-C.
signal.signal(signal.SIGINT, signal.SIG_DFL)
held = os.open(os.fsencode(sys.argv[1]), os.O_RDONLY)
print("ready", flush=True)
sys.stdin.read()
