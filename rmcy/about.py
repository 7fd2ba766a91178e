# SPDX-License-Identifier: MIT
"""What this rmcy is built on."""

from __future__ import annotations

import os

from rmcy import _backend
from rmcy.records import BackendInfo

__all__ = ["backend_info", "get_include"]


def backend_info() -> BackendInfo:
    """Tell which Restart Manager is in use, where its library is and how it looks for users of files.

    Works, and raises nothing, also where there is no backend.
    """
    backend, version, library, scanners, scanner, store, limit = _backend.info()
    return BackendInfo(
        backend=backend,
        version=version,
        library=None if library is None else os.path.realpath(library),
        scanners=tuple(scanners.split()),
        scanner=scanner,
        store=store or None,
        session_limit=limit,
    )


def get_include() -> str:
    """Return the directory of restartmanager.h and restartmanager_ext.h, for the include path of a C compiler.

    Cython finds ``rmcy.restartmanager`` and ``rmcy.restartmanager_ext`` for
    ``cimport`` by itself. Link with ``backend_info().library``.
    """
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "include")
