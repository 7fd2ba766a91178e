# SPDX-License-Identifier: MIT
"""Hold an open descriptor of a file after a change of root: chroot's name for it is not ours."""

import os
import sys

root, path = sys.argv[1:]
os.chroot(root)
os.chdir("/")
held = os.open(path, os.O_RDONLY)
print("ready", flush=True)
sys.stdin.read()
