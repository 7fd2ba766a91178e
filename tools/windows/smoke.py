# SPDX-License-Identifier: MIT
"""Run by a CPython for Windows: the wheel's modules load, and a session gets as far as an answer."""

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
    assert any(program.pid == os.getpid() for program in affected), affected
    info = rmcy.backend_info()
    print(f"Python {sys.version.split()[0]}, rmcy {rmcy.__version__}: {info.backend} {info.version}, {info.library}")


main()
