# SPDX-License-Identifier: MIT
"""How much memory a session takes: registers the paths of its standard input, each ended by NUL, and prints bytes.

Memory as the system counts it (RssAnon), with what the allocator keeps for
later given back first; the paths are shorter than the text that came in, which
is kept all the time.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys

import rmcy


def resident() -> int:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))


def main() -> None:
    paths = sys.stdin.read().split("\0")[:-1]
    # Everything that is made once is made now.
    with rmcy.start() as session:
        session.register(paths[:1])
        session.affected()
    with rmcy.start() as session:
        before = resident()
        session.register(paths)
        registered = resident()
        session.affected()
        listed = resident()
    print(json.dumps({"memory after registering": registered - before, "memory after listing": listed - before}))


if __name__ == "__main__":
    main()
