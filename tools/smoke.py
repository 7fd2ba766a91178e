# SPDX-License-Identifier: MIT
"""Whether an installed wheel does what it is for: its modules load, and a session gets as far as an answer.

Run with `python -P`, or the source folder's `rmcy` would be what is found.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import rmcy


def main() -> None:
    with rmcy.start() as session, Path(sys.executable).open("rb") as held:
        session.register(files=[held.name])
        with rmcy.join(session.key) as joined:
            joined.register(files=[sys.executable])
        affected = session.affected()
        found = rmcy.who(held.name)
    for programs in (affected, found):
        assert any(program.process.pid == os.getpid() for program in programs), programs
    info = rmcy.backend_info()
    assert (info.library is None) == (info.backend == "rstrtmgr"), info  # None: the system's own
    print(f"Python {sys.version.split()[0]}, rmcy {rmcy.__version__}: {info.backend} {info.version}, {info.library}")


main()
