# SPDX-License-Identifier: MIT
"""Who uses these files? The Windows Restart Manager for Python, and one for Linux."""

from __future__ import annotations

import logging

from rmcy import _backend
from rmcy._lists import PathList, ProcessList
from rmcy.about import backend_info, get_include
from rmcy.acting import OnCritical, OnProgress
from rmcy.affected import AffectedList, NumberColumn
from rmcy.enums import (
    AppStatus,
    AppType,
    ComeBack,
    Failure,
    FilterAction,
    Phase,
    RebootReason,
    SessionState,
    SkipCause,
    StopAction,
    StopCause,
    UseKind,
)
from rmcy.errors import (
    BadArgumentsError,
    DirectoryRegisteredError,
    FilterNotFoundError,
    IncompleteAnswerError,
    InvalidSessionError,
    LeftStoppedWarning,
    ListUnstableError,
    OperationCancelledError,
    OutOfMemoryError,
    ProcessNotFoundError,
    RestartIncompleteError,
    RestartManagerError,
    SessionAccessError,
    SessionClosedError,
    SessionEndedError,
    SessionForkedError,
    SessionLimitError,
    SessionTimeoutError,
    ShutdownIncompleteError,
    StoreError,
    UnsupportedPlatformError,
)
from rmcy.filters import Filter, FilterWord
from rmcy.items import PlanStep, ProgramOutcome, Progress
from rmcy.key import KEY_VARIABLE, SessionKey
from rmcy.outcome import Outcome
from rmcy.paths import ArrowArray, ArrowStream, Directories, PathArg
from rmcy.plan import Plan
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
from rmcy.recovery import recover, sessions
from rmcy.relaunch import Registration, register_application_restart
from rmcy.session import JoinedSession, PrimarySession, Scope, Session, join, start, who
from rmcy.stopped import Stopped

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
    "ComeBack",
    "Directories",
    "DirectoryRegisteredError",
    "Failure",
    "FileUse",
    "Filter",
    "FilterAction",
    "FilterNotFoundError",
    "FilterWord",
    "IncompleteAnswerError",
    "InvalidSessionError",
    "JoinedSession",
    "LeftStoppedWarning",
    "ListStats",
    "ListUnstableError",
    "NumberColumn",
    "OnCritical",
    "OnProgress",
    "OperationCancelledError",
    "OutOfMemoryError",
    "Outcome",
    "PathArg",
    "PathList",
    "Phase",
    "Plan",
    "PlanStep",
    "PrimarySession",
    "ProcessArg",
    "ProcessList",
    "ProcessNotFoundError",
    "ProgramOutcome",
    "Progress",
    "RebootReason",
    "Registered",
    "Registration",
    "RestartIncompleteError",
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
    "ShutdownIncompleteError",
    "SkipCause",
    "Skipped",
    "StopAction",
    "StopCause",
    "Stopped",
    "StoreError",
    "UniqueProcess",
    "UnsupportedPlatformError",
    "UseKind",
    "__version__",
    "backend_info",
    "get_include",
    "join",
    "recover",
    "register_application_restart",
    "sessions",
    "start",
    "who",
]

__version__ = _backend.VERSION

logging.getLogger("rmcy").addHandler(logging.NullHandler())
