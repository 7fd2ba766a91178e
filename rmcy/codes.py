# SPDX-License-Identifier: MIT
"""Which exception a function's result becomes: for most codes that of `rmcy.errors`, for some a particular one.

What is to be done about a code may depend on whose Restart Manager says it.
"""

from __future__ import annotations

from rmcy.errors import (
    ROWS,
    UNKNOWN,
    BadArgumentsError,
    DirectoryRegisteredError,
    FilterNotFoundError,
    OperationCancelledError,
    OutOfMemoryError,
    ProcessNotFoundError,
    RestartManagerError,
    Row,
    SessionAccessError,
    SessionEndedError,
    SessionLimitError,
    SessionTimeoutError,
    ShutdownIncompleteError,
    StoreError,
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
    ("RmxGetProcess", 5): Row(
        "",
        None,
        RestartManagerError,
        "the process does not tell this user when it started",
        "It is another user's, or the system's own: ask as an administrator, who may debug it (SeDebugPrivilege).",
    ),
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

# Where Windows' own Restart Manager means something else than the engine, or something else helps; "" is any function.
_ON_WINDOWS: dict[tuple[str, int], Row] = {
    ("RmxGetSessions", 120): Row(
        "",
        None,
        UnsupportedPlatformError,
        "Windows tells nobody which sessions there are",
        "Only the program that started a session knows of it.",
    ),
    ("RmxRecover", 120): Row(
        "",
        None,
        UnsupportedPlatformError,
        "Windows keeps no account of what a session has stopped whose owner died",
        "There is nothing to recover from. Start by hand what should run.",
    ),
    ("RmxAddCritical", 120): Row(
        "",
        None,
        UnsupportedPlatformError,
        "Windows decides itself what is critical",
        'add_filter("no_shutdown", ...) keeps a program running.',
    ),
    ("RmShutdown", 120): Row(
        "",
        None,
        UnsupportedPlatformError,
        "Windows cannot be told how long a program or a service may take to end, and nothing was stopped",
        "Leave app_timeout and service_timeout out: Windows gives 30 and 20 seconds. timeout= is for the whole call.",
    ),
    ("RmxRegisterApplicationRestart", 120): Row(
        "",
        None,
        UnsupportedPlatformError,
        "Windows keeps the arguments of a program that is to be restarted, and nothing else",
        "Leave directory and environment out, and name in the arguments what the program has to know.",
    ),
    ("RmShutdown", 350): Row(
        "",
        None,
        ShutdownIncompleteError,
        "nothing was stopped, since a restart of the system is needed all the same",
        "Windows stops all programs or none: a critical one, one of another user or session, or the caller itself "
        "is among them. Look at .outcome, and at reboot_reasons.",
    ),
    ("RmRegisterResources", 29): Row(
        "",
        None,
        StoreError,
        "the session has no room left for so many names",
        "Windows keeps them in the registry, with a limit (100,000 paths were too many). A part of them may be "
        "registered: start another session for the rest.",
    ),
    ("", 29): Row(
        "",
        None,
        StoreError,
        "the registry, where Windows keeps sessions, cannot be read or written",
        "Is the registry full, or may this user not write to HKEY_CURRENT_USER?",
    ),
    ("", 14): Row("", None, OutOfMemoryError, "not enough memory"),
    ("", 121): Row(
        "",
        None,
        SessionTimeoutError,
        "the time-out passed first",
        "Try again, or with a longer timeout. Where it happens again and again, Microsoft advises a restart of the "
        "system: the Restart Manager's lock is not given back.",
    ),
    ("", 353): Row(
        "", None, SessionLimitError, "no more sessions can be had", "Close sessions that are not needed: a user has 64."
    ),
}


def _backend() -> str:
    # The module that asks stands above this one.
    from rmcy._backend import info

    return info()[0]


def _row(code: int, function: str) -> Row:
    on_windows = _ON_WINDOWS if _backend() == "rstrtmgr" else {}
    return (
        on_windows.get((function, code))
        or _PARTICULAR.get((function, code))
        or on_windows.get(("", code))
        or ROWS.get(code, UNKNOWN)
    )


def error_for(code: int, function: str) -> RestartManagerError:
    """Make the exception for a result of a function."""
    row = _row(code, function)
    name = ROWS.get(code, UNKNOWN).name or "an unknown code"
    return row.kind(code, function, f"{function} failed: {row.text} ({name}, {code})", advice=row.advice)
