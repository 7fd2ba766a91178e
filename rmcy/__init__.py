# SPDX-License-Identifier: MIT
"""Who uses these files? The Windows Restart Manager for Python, and one for Linux."""

from __future__ import annotations

import logging

from rmcy import _backend
from rmcy._lists import PathList, ProcessList
from rmcy.about import backend_info, get_include
from rmcy.affected import AffectedList
from rmcy.enums import AppStatus, AppType, RebootReason, SessionState, SkipCause, UseKind
from rmcy.errors import (
    BadArgumentsError,
    DirectoryRegisteredError,
    IncompleteAnswerError,
    InvalidSessionError,
    LeftStoppedWarning,
    ListUnstableError,
    OperationCancelledError,
    OutOfMemoryError,
    ProcessNotFoundError,
    RestartManagerError,
    SessionAccessError,
    SessionClosedError,
    SessionEndedError,
    SessionForkedError,
    SessionLimitError,
    SessionTimeoutError,
    StoreError,
    UnsupportedPlatformError,
)
from rmcy.key import KEY_VARIABLE, SessionKey
from rmcy.paths import ArrowArray, ArrowStream, Directories, PathArg
from rmcy.programs import ProcessArg
from rmcy.records import (
    AffectedApp,
    BackendInfo,
    FileUse,
    ListStats,
    Registered,
    SessionInfo,
    Skipped,
    UniqueProcess,
)
from rmcy.session import JoinedSession, PrimarySession, Scope, Session, join, sessions, start, who

__all__ = [
    "KEY_VARIABLE",
    "AffectedApp",
    "AffectedList",
    "AppStatus",
    "AppType",
    "ArrowArray",
    "ArrowStream",
    "BackendInfo",
    "BadArgumentsError",
    "Directories",
    "DirectoryRegisteredError",
    "FileUse",
    "IncompleteAnswerError",
    "InvalidSessionError",
    "JoinedSession",
    "LeftStoppedWarning",
    "ListStats",
    "ListUnstableError",
    "OperationCancelledError",
    "OutOfMemoryError",
    "PathArg",
    "PathList",
    "PrimarySession",
    "ProcessArg",
    "ProcessList",
    "ProcessNotFoundError",
    "RebootReason",
    "Registered",
    "RestartManagerError",
    "Scope",
    "Session",
    "SessionAccessError",
    "SessionClosedError",
    "SessionEndedError",
    "SessionForkedError",
    "SessionInfo",
    "SessionKey",
    "SessionLimitError",
    "SessionState",
    "SessionTimeoutError",
    "SkipCause",
    "Skipped",
    "StoreError",
    "UniqueProcess",
    "UnsupportedPlatformError",
    "UseKind",
    "__version__",
    "backend_info",
    "get_include",
    "join",
    "sessions",
    "start",
    "who",
]

__version__ = _backend.VERSION

logging.getLogger("rmcy").addHandler(logging.NullHandler())
