# SPDX-License-Identifier: MIT
"""The fixtures and rules that all tests share, one file each; here, the sessions that most tests begin with."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

import rmcy

pytest_plugins = [
    "fix_platform",
    "fix_ci",  # after what it imports
    "fix_cli",
    "fix_comeback",
    "fix_holders",
    "fix_program",
    "fix_relaunch",
    "fix_store",
    "fix_systemd",
    "fix_patch",
    "fix_nginx",  # after what it imports
]


def pytest_configure() -> None:
    # nohup and a shell's background jobs ignore these; programs inherit that, and tests send them.
    for name in ("SIGHUP", "SIGQUIT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    info = rmcy.backend_info()
    return f"rmcy {rmcy.__version__}: {info.backend} {info.version}, scanner {info.scanner}, {info.library}"


@pytest.fixture
def session() -> Iterator[rmcy.PrimarySession]:
    with rmcy.start(label="test") as session:
        yield session


@pytest.fixture
def joined(session: rmcy.PrimarySession) -> Iterator[rmcy.JoinedSession]:
    with rmcy.join(session.key) as joined:
        yield joined
