# SPDX-License-Identifier: MIT
"""The exceptions: which class for which code, what they say, and that they travel."""

from __future__ import annotations

import copy
import errno
import os
import pickle
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import rmcy
from rmcy import errors
from rmcy.codes import error_for

# code, function: class, built-in class, errno
TABLE = {
    (2, "RmxGetProcess"): (rmcy.ProcessNotFoundError, ProcessLookupError, errno.ESRCH),
    (5, "RmxGetProcess"): (rmcy.RestartManagerError, OSError, errno.EACCES),
    (5, "RmGetList"): (rmcy.DirectoryRegisteredError, IsADirectoryError, errno.EISDIR),
    (5, "RmRegisterResources"): (rmcy.RestartManagerError, OSError, errno.EACCES),
    (6, "RmGetList"): (rmcy.InvalidSessionError, OSError, errno.EBADF),
    (6, "RmRegisterResources"): (rmcy.SessionEndedError, OSError, errno.EBADF),
    (14, "RmStartSession"): (rmcy.OutOfMemoryError, MemoryError, errno.ENOMEM),
    (22, "RmJoinSession"): (rmcy.BadArgumentsError, ValueError, errno.EINVAL),
    (29, "RmStartSession"): (rmcy.StoreError, OSError, errno.EIO),
    (120, "RmStartSession"): (rmcy.UnsupportedPlatformError, NotImplementedError, errno.ENOSYS),
    (121, "RmJoinSession"): (rmcy.SessionTimeoutError, TimeoutError, errno.ETIMEDOUT),
    (121, "RmGetList"): (rmcy.SessionTimeoutError, TimeoutError, errno.ETIMEDOUT),
    (160, "RmJoinSession"): (rmcy.BadArgumentsError, ValueError, errno.EINVAL),
    (234, "RmGetList"): (rmcy.ListUnstableError, TimeoutError, errno.ETIMEDOUT),
    (267, "RmRegisterResources"): (rmcy.DirectoryRegisteredError, IsADirectoryError, errno.EISDIR),
    (2, "RmRemoveFilter"): (rmcy.FilterNotFoundError, LookupError, errno.ENOENT),
    (350, "RmShutdown"): (rmcy.ShutdownIncompleteError, OSError, None),
    (351, "RmShutdown"): (rmcy.ShutdownIncompleteError, OSError, None),
    (352, "RmRestart"): (rmcy.RestartIncompleteError, OSError, None),
    (776, "RmRestart"): (rmcy.RestartManagerError, OSError, None),
    (353, "RmStartSession"): (rmcy.SessionLimitError, OSError, errno.EMFILE),
    (1219, "RmJoinSession"): (rmcy.SessionAccessError, PermissionError, errno.EACCES),
    (1219, "RmGetList"): (rmcy.SessionAccessError, PermissionError, errno.EACCES),
    (1223, "RmGetList"): (rmcy.OperationCancelledError, OSError, errno.ECANCELED),
    (4321, "RmGetList"): (rmcy.RestartManagerError, OSError, None),
}
NAMES = {
    5: "ERROR_ACCESS_DENIED",
    6: "ERROR_INVALID_HANDLE",
    14: "ERROR_OUTOFMEMORY",
    29: "ERROR_WRITE_FAULT",
    120: "ERROR_CALL_NOT_IMPLEMENTED",
    121: "ERROR_SEM_TIMEOUT",
    160: "ERROR_BAD_ARGUMENTS",
    234: "ERROR_MORE_DATA",
    350: "ERROR_FAIL_NOACTION_REBOOT",
    351: "ERROR_FAIL_SHUTDOWN",
    352: "ERROR_FAIL_RESTART",
    353: "ERROR_MAX_SESSIONS_REACHED",
    776: "ERROR_REQUEST_OUT_OF_SEQUENCE",
    1219: "ERROR_SESSION_CREDENTIAL_CONFLICT",
    1223: "ERROR_CANCELLED",
    4321: "ERROR_4321",
}


def test_every_class_is_public_and_one_family() -> None:
    classes = [getattr(errors, name) for name in errors.__all__]
    for kind in classes:
        assert getattr(rmcy, kind.__name__) is kind
        if kind not in (rmcy.IncompleteAnswerError, rmcy.LeftStoppedWarning):
            assert issubclass(kind, rmcy.RestartManagerError)
    assert issubclass(rmcy.RestartManagerError, OSError)


@pytest.mark.parametrize(("code", "function"), TABLE)
def test_a_code_becomes_its_class(code: int, function: str) -> None:
    kind, builtin, number = TABLE[code, function]
    error = error_for(code, function)
    assert type(error) is kind
    assert isinstance(error, builtin)
    assert (error.code, error.function, error.errno) == (code, function, number)
    assert str(error).startswith(f"{function} failed: ")
    assert str(error).endswith(".") or str(error).endswith("?") or str(error).endswith(")")
    assert str(code) in str(error)


@pytest.mark.parametrize("code", NAMES)
def test_a_code_has_the_name_of_winerror_h(code: int) -> None:
    assert error_for(code, "RmGetList").name == NAMES[code]


def test_errno_is_never_the_code() -> None:
    # 2 and 22 mean nearly the same in both tables; every other agreement would be a code that slipped through.
    for code in range(1300):
        number = error_for(code, "RmGetList").errno
        assert number is None or os.strerror(number) != f"Unknown error {number}"
        assert number is None or number != code or code in (2, 22)


def attributes(error: rmcy.RestartManagerError) -> tuple[object, ...]:
    own = {name: value for name, value in vars(error).items() if name != "__notes__"}
    return (type(error), str(error), error.errno, error.filename, own, getattr(error, "__notes__", None))


@pytest.mark.parametrize(
    "way",
    [
        *(lambda error, number=number: pickle.loads(pickle.dumps(error, number)) for number in range(6)),
        copy.copy,
        copy.deepcopy,
    ],
)
@pytest.mark.parametrize(("code", "function"), TABLE)
def test_an_error_survives(
    way: Callable[[rmcy.RestartManagerError], rmcy.RestartManagerError], code: int, function: str
) -> None:
    error = error_for(code, function)
    error.filename = "/etc"
    error.add_note("a note")
    assert attributes(way(error)) == attributes(error)


def test_what_an_error_names_survives() -> None:
    owner = rmcy.SessionInfo(
        slot=1,
        owner=rmcy.UniqueProcess(1, 2),
        state=rmcy.SessionState.LIVE,
        secondaries=0,
        records=0,
        started=datetime(2026, 1, 1, tzinfo=UTC),
    )
    limit = rmcy.SessionLimitError(353, "RmStartSession")
    limit.owners = (owner,)
    assert pickle.loads(pickle.dumps(limit)).owners == (owner,)
    directory = rmcy.DirectoryRegisteredError(267, "RmRegisterResources", "x", advice="y", filename="/etc")
    directory.directories = ("/etc",)
    again = pickle.loads(pickle.dumps(directory))
    assert (again.directories, again.filename, again.advice, str(again)) == (("/etc",), "/etc", "y", "x. y")


def test_an_error_can_be_made_by_hand() -> None:
    error = rmcy.StoreError(29, "RmStartSession")
    assert "cannot be read or written (ERROR_WRITE_FAULT, 29)" in str(error)
    assert "backend_info().store" in error.advice


def test_1219_names_the_causes() -> None:
    advice = error_for(1219, "RmJoinSession").advice
    for cause in ("has ended", "died", "another user", "another session"):
        assert cause in advice
