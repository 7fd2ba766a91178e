# SPDX-License-Identifier: MIT
"""Have a current directory, and hold nothing in it."""

import os
import sys

os.chdir(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
