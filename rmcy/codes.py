# SPDX-License-Identifier: MIT
"""Which exception a function's result becomes: for most codes that of `rmcy.errors`, for some a particular one."""

from __future__ import annotations

from rmcy.errors import (
    ROWS,
    UNKNOWN,
    BadArgumentsError,
    DirectoryRegisteredError,
    FilterNotFoundError,
    OperationCancelledError,
    ProcessNotFoundError,
    RestartManagerError,
    Row,
    SessionAccessError,
    SessionEndedError,
    SessionLimitError,
    SessionTimeoutError,
    UnsupportedPlatformError,
)

__all__: list[str] = []

# Where a code means something particular: what it is then, and the text and advice that go with it.
_PARTICULAR: dict[tuple[str, int], Row] = {
    ("RmGetList", 5): Row(
        "",
        None,
        DirectoryRegisteredError,
        "a registered path is a directory, and then no list can be made",
        "Nothing can be unregistered: start a new session and register files, "
        'or give register() directories="skip" or "expand".',
    ),
    ("RmGetList", 121): Row(
        "",
        None,
        SessionTimeoutError,
        "the time-out passed before every process was looked at",
        "Ask with a longer timeout.",
    ),
    ("RmRegisterResources", 6): Row(
        "",
        None,
        SessionEndedError,
        "the session has ended, or the process that started it died",
        "Nothing was registered. Join the session that the installer has now.",
    ),
    ("RmJoinSession", 160): Row(
        "",
        None,
        BadArgumentsError,
        "the key is not 32 hexadecimal digits",
        "Pass session.key as it is. (Microsoft's page for RmJoinSession prints 22 for ERROR_BAD_ARGUMENTS; "
        "winerror.h says 160, and that is what is returned.)",
    ),
    ("RmJoinSession", 353): Row(
        "",
        None,
        SessionLimitError,
        "this process holds as many sessions as it can",
        "Close sessions that are not needed.",
    ),
    ("RmJoinSession", 1219): Row(
        "",
        None,
        SessionAccessError,
        "the key fits no session that this user may join",
        "Either the session has ended, or the process that started it died, or another user started it "
        "(only the same user may join), or the key is of another session.",
    ),
    ("RmGetList", 1219): Row(
        "",
        None,
        SessionAccessError,
        "only the primary may list",
        "A joined session registers and leaves; list in the process that started the session.",
    ),
    ("RmShutdown", 120): Row(
        "",
        None,
        UnsupportedPlatformError,
        "processes cannot be held by pidfds here, and without that nobody is signalled",
        "A sandbox may forbid pidfd_open, or /proc may be that of another pid namespace.",
    ),
    ("RmxRegisterApplicationRestart", 2): Row(
        "",
        None,
        RestartManagerError,
        "the program's own file, or the current directory, is gone",
        "Without them the program could not be started again; directory= can name another directory.",
    ),
    ("RmxRegisterApplicationRestart", 160): Row(
        "",
        None,
        BadArgumentsError,
        "the arguments are too long, or a variable cannot be one",
        "Arguments may have 1,024 UTF-16 units together, as Windows would join and quote them, and the environment "
        "32,767 bytes; the names of variables are letters, digits and _.",
    ),
    ("RmxRegisterApplicationRestart", 1219): Row(
        "",
        None,
        SessionAccessError,
        "this process has more than one user or group at once",
        "Register when it has become one user for good; a set-user-ID program cannot register.",
    ),
    ("RmxGetProcess", 2): Row("", None, ProcessNotFoundError, "no process has that pid"),
    ("RmRemoveFilter", 2): Row(
        "",
        None,
        FilterNotFoundError,
        "there is no filter for that program",
        "session.filters() lists those that there are.",
    ),
    ("RmShutdown", 121): Row(
        "",
        None,
        SessionTimeoutError,
        "the time-out passed before every program was stopped",
        "What was stopped is brought back. Try again with a longer timeout, or with force=True.",
    ),
    ("RmRestart", 121): Row(
        "",
        None,
        SessionTimeoutError,
        "the time-out passed before every program was back",
        "Look at .outcome. What is not back is brought back by restart() again, or when the session is closed.",
    ),
    ("RmxRecover", 121): Row(
        "",
        None,
        SessionTimeoutError,
        "the time-out passed before every program was back",
        "Look at .outcome, and call rmcy.recover() again.",
    ),
    ("RmShutdown", 1223): Row(
        "",
        None,
        OperationCancelledError,
        "the stop was cancelled",
        "What was stopped is brought back.",
    ),
    ("RmRestart", 1223): Row(
        "",
        None,
        OperationCancelledError,
        "bringing back was cancelled",
        "What is not back is brought back by restart() again, or when the session is closed.",
    ),
    ("RmAddFilter", 160): Row(
        "",
        None,
        BadArgumentsError,
        "there cannot be such a filter",
        "Name one module by its absolute path, one process, or one service.",
    ),
    ("RmxAddCritical", 160): Row(
        "",
        None,
        BadArgumentsError,
        "the pattern cannot be used",
        "Give the name of a unit, in which * and ? stand for anything, or the absolute path of a program.",
    ),
}
_PARTICULAR["RmRemoveFilter", 160] = _PARTICULAR["RmAddFilter", 160]
_PARTICULAR["RmShutdown", 5] = _PARTICULAR["RmxPlan", 5] = _PARTICULAR["RmGetList", 5]
_PARTICULAR["RmxPlan", 121] = _PARTICULAR["RmGetList", 121]
_PARTICULAR["RmJoinSession", 22] = _PARTICULAR["RmJoinSession", 160]


def error_for(code: int, function: str) -> RestartManagerError:
    """Make the exception for a result of a function."""
    general = ROWS.get(code, UNKNOWN)
    row = _PARTICULAR.get((function, code), general)
    name = general.name or "an unknown code"
    return row.kind(code, function, f"{function} failed: {row.text} ({name}, {code})", advice=row.advice)
