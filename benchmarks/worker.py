# SPDX-License-Identifier: MIT
"""rmcy in a process of its own: a line of paths in JSON, then "ask" and "tell" as often as wanted, each answered.

`worker.py one` has one processor only.
"""

from __future__ import annotations

import json
import os
import sys

import rmcy


def main() -> None:
    if sys.argv[1] == "one":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    paths = json.loads(sys.stdin.readline())
    found = rmcy.who(paths[:1])
    print(flush=True)
    for line in sys.stdin:
        if line == "ask\n":
            found = rmcy.who(paths)
            print(flush=True)
        else:
            uses = [(app.process.pid, use.path) for app in found for use in app.uses or ()]
            print(json.dumps([found.stats.scanner, uses]), flush=True)


if __name__ == "__main__":
    main()
