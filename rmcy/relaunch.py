# SPDX-License-Identifier: MIT
"""How this program wants to come back after it has been stopped for a patch."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import final

from rmcy import _relaunch, _texts
from rmcy.errors import BadArgumentsError
from rmcy.switch import switch

__all__ = ["Registration", "register_application_restart"]

_FUNCTION = "RmxRegisterApplicationRestart"


class _Kept:
    """Which registration counts in this process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """In a forked child, too: it is another process, which has registered nothing."""
        self.lock = threading.Lock()
        self.current: Registration | None = None


@final
class Registration:
    """That this process wants to be started again; from `register_application_restart`.

    It ends with the process, with `unregister()`, and when the process
    executes another program or registers anew. It belongs to the process that
    made it: a forked child has registered nothing.
    """

    __slots__ = ("_arguments",)

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self._arguments = arguments

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the program is started with, its own name left out."""
        return self._arguments

    @property
    def active(self) -> bool:
        """Is it this registration that counts now, in this process?"""
        return _kept.current is self

    def unregister(self) -> None:
        """Take it back. Nothing happens if it does not count any more; so it may be called any number of times.

        Raises StoreError if it cannot be taken back.
        """
        with _kept.lock:
            if _kept.current is self:
                _relaunch.unregister()
                _kept.current = None

    def __repr__(self) -> str:
        return f"<Registration {list(self._arguments)!r}, {'active' if self.active else 'not active'}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Registration belongs to the process that made it and cannot be pickled")


def register_application_restart(
    args: Sequence[str],
    *,
    directory: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    no_patch: bool = False,
) -> Registration:
    """Ask that this program be started again after a Restart Manager has stopped it.

    Without this, a program that is no service stays stopped. A later call
    replaces the earlier one. As on Windows, register while all is well: when
    the stop comes it is too late.

    Parameters
    ----------
    args
        What the program is to be started with. Its own file is added: of a
        Python program that is the interpreter (under the name that it was
        called by, so a virtual environment is found again), and
        ``sys.orig_argv[1:]`` starts the same program. At most 1,024 UTF-16
        units together, as Windows would join and quote them. Name arguments
        with which the program stays in the foreground: one that leaves its
        work to a child and ends counts as ended.
    directory
        Where to start it; absolute. None: the current directory of now.
    environment
        Variables to start it with, at most 32,767 bytes together; names are
        letters, digits and ``_``. Nothing else of this program's environment
        is kept, and nothing comes from the program that patches: there are a
        usual PATH, and HOME, USER, LOGNAME and SHELL of this user.
    no_patch
        Keep the registration, but do not start it after a patch
        (RESTART_NO_PATCH).

    Raises
    ------
    BadArgumentsError
        An argument has a NUL or is too long, the directory is not absolute, or
        a variable cannot be one.
    SessionAccessError
        The process has more than one user or group at once (set-user-ID): in
        whose name would it be started? (Ours.)
    StoreError
        The registration cannot be kept.

    Windows and Linux
    -----------------
    The counterpart of RegisterApplicationRestart. Windows keeps no directory
    and no environment, starts nothing that ran less than 60 seconds, and may
    start programs after crashes as well; on Linux this is for patches only.
    The program comes back as the user and with the groups that it had: where
    systemd is, as a transient unit of that user, with no standard input and
    with its output in the journal; elsewhere with all three on ``/dev/null``.
    """
    if isinstance(args, str | bytes):
        raise TypeError(f"args must be a sequence of arguments, not one {type(args).__name__}")
    arguments = tuple(args)
    packed = [_pack(text, "an argument") for text in arguments]
    variables = [_pack_variable(name, value) for name, value in (environment or {}).items()]
    place = None if directory is None else os.fsencode(directory)
    if place is not None and (b"\0" in place or not os.path.isabs(place)):
        raise _bad(f"the directory {os.fsdecode(place)!r} is not an absolute path")
    made = Registration(arguments)
    with _kept.lock:
        _relaunch.register(packed, variables, place, switch(no_patch, "no_patch"))
        _kept.current = made
    return made


def _pack(text: str, what: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"{what} must be a str, not {type(text).__name__}")
    if "\0" in text:
        raise _bad(f"{what} has a NUL in it: {text!r}")
    try:
        return _texts.encoded(text)
    except UnicodeEncodeError:
        raise _bad(f"{what} is no text that the system can have: {text!r}") from None


def _pack_variable(name: str, value: str) -> bytes:
    packed = _pack(name, "a variable's name")
    if b"=" in packed:
        raise _bad(f"a variable's name has a '=' in it: {name!r}")
    return packed + b"=" + _pack(value, "a variable's value")


def _bad(message: str) -> BadArgumentsError:
    return BadArgumentsError(160, _FUNCTION, f"{_FUNCTION} failed: {message}")


_kept = _Kept()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_kept.forget)
