# SPDX-License-Identifier: MIT
"""Hold an open descriptor of a file."""

import os
import sys

held = os.open(os.fsencode(sys.argv[1]), os.O_RDONLY)
print("ready", flush=True)
sys.stdin.read()
