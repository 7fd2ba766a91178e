#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ask the Restart Manager of this Windows what its documentation leaves open, and write the answers down as JSON.

    python windows_probe.py                    all questions that can do no harm; ten minutes or so
    python windows_probe.py --quick            without those that wait for time-outs
    python windows_probe.py --list             what is asked
    python windows_probe.py --only join_keys   one question

It needs Windows, Python 3.8 or newer and nothing else. It calls Rstrtmgr.dll and other documented functions, starts
children of its own, holds temporary files, and stops nobody but those children: what it has stopped is registered as a
process, never as a file that somebody else might use, and the list is looked at before each stop. What it changes is
gone when it ends. Each question is asked in a process of its own that is ended if it takes too long.

The report names no user, no computer and no folder of yours. It is written anew with each answer.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import functools
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from ctypes import wintypes
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SCHEMA = "rmcy.windows-probe/1"
ON_WINDOWS = sys.platform == "win32"

# ---- the header -----------------------------------------------------------------------------------------------------

SUCCESS, MORE_DATA = 0, 234
KEY_LENGTH = 32
FORCE, ONLY_REGISTERED = 0x1, 0x10
NO_PATCH = 4  # of RegisterApplicationRestart
NO_RESTART, NO_SHUTDOWN = 1, 2
UNKNOWN_HANDLE = 0x00ABCDEF


class UniqueProcess(ctypes.Structure):
    _fields_ = [("pid", ctypes.c_uint32), ("start_low", ctypes.c_uint32), ("start_high", ctypes.c_uint32)]


class ProcessInfo(ctypes.Structure):
    _fields_ = [
        ("process", UniqueProcess),
        ("name", ctypes.c_uint16 * 256),
        ("service", ctypes.c_uint16 * 64),
        ("type", ctypes.c_uint32),
        ("status", ctypes.c_uint32),
        ("session", ctypes.c_int32),
        ("restartable", ctypes.c_int32),
    ]


Callback = ctypes.CFUNCTYPE(None, ctypes.c_uint)  # as the header has it: cdecl

_U, _P = ctypes.c_uint32, ctypes.c_void_p
ARGUMENTS = {
    "RmStartSession": (_P, _U, _P),
    "RmJoinSession": (_P, _P),
    "RmEndSession": (_U,),
    "RmRegisterResources": (_U, _U, _P, _U, _P, _U, _P),
    "RmGetList": (_U, _P, _P, _P, _P),
    "RmShutdown": (_U, _U, _P),
    "RmRestart": (_U, _U, _P),
    "RmCancelCurrentTask": (_U,),
    "RmAddFilter": (_U, _P, _P, _P, _U),
    "RmRemoveFilter": (_U, _P, _P, _P),
    "RmGetFilterList": (_U, _P, _U, _P),
}


class Library:
    """Rstrtmgr.dll: Windows' own, unless `--dll` names another."""

    path = "rstrtmgr.dll"
    loaded: Any = None

    @classmethod
    def function(cls, name: str) -> Any:
        if cls.loaded is None:
            cls.loaded = ctypes.WinDLL(cls.path)
        function = getattr(cls.loaded, name)
        function.restype = ctypes.c_uint32
        function.argtypes = ARGUMENTS.get(name)
        return function


def call(name: str, *arguments: Any) -> int:
    """The raw code. The functions may be called with anything here; the pages' types are in ARGUMENTS."""
    code = Library.function(name)(*arguments)
    return int(code)


def text(units: Iterable[int]) -> str:
    """What stands in front of the NUL."""
    data = list(units)
    if 0 in data:
        data = data[: data.index(0)]
    return struct.pack(f"<{len(data)}H", *data).decode("utf-16-le", "replace")


def units(value: str) -> Any:
    """A string for a WCHAR[] argument, with its NUL."""
    data = value.encode("utf-16-le", "surrogatepass")
    return (ctypes.c_uint16 * (len(data) // 2 + 1)).from_buffer_copy(data + b"\0\0")


def name_array(names: Sequence[str | None]) -> Any:
    """LPCWSTR[]; None is a NULL entry; NULL if there is none."""
    return (ctypes.c_wchar_p * len(names))(*names) if names else None


# ---- the rest of Win32 ----------------------------------------------------------------------------------------------


def kernel32() -> Any:
    dll = ctypes.WinDLL("kernel32", use_last_error=True)
    for name in ("OpenProcess", "CreateEventW", "OpenMutexW", "CreateJobObjectW", "GetModuleHandleW"):
        getattr(dll, name).restype = ctypes.c_void_p
    return dll


def unique(pid: int) -> UniqueProcess:
    """A process as RM_UNIQUE_PROCESS."""
    times = [wintypes.FILETIME() for _ in range(4)]
    kernel = kernel32()
    process = ctypes.c_void_p(kernel.OpenProcess(0x1000, False, pid))
    if not process:
        raise OSError(f"process {pid} cannot be opened")
    done = kernel.GetProcessTimes(process, *map(ctypes.byref, times))
    kernel.CloseHandle(process)
    if not done:
        raise OSError(f"process {pid} does not tell its times")
    return UniqueProcess(pid, times[0].dwLowDateTime, times[0].dwHighDateTime)


def wine_version() -> str | None:
    try:
        function = ctypes.WinDLL("ntdll").wine_get_version
    except AttributeError:
        return None
    function.restype = ctypes.c_char_p
    return str(function().decode())


def is_elevated() -> bool:
    return bool(ctypes.WinDLL("shell32").IsUserAnAdmin())


def terminal_session() -> int:
    session = ctypes.c_uint32()
    kernel32().ProcessIdToSessionId(os.getpid(), ctypes.byref(session))
    return session.value


def library_facts() -> dict[str, str | None]:
    """Which DLL has answered: where it is, and what its version resource says."""
    Library.function("RmEndSession")
    buffer = ctypes.create_unicode_buffer(32768)
    kernel32().GetModuleFileNameW(ctypes.c_void_p(Library.loaded._handle), buffer, len(buffer))
    facts: dict[str, str | None] = {"path": scrubbed(buffer.value)}
    for name in ("CompanyName", "FileVersion", "FileDescription"):
        facts[name] = version_text(buffer.value, name)
    return facts


def version_text(path: str, name: str) -> str | None:
    """One string of a file's version resource, in the language that it has first."""
    version = ctypes.WinDLL("version")
    size = version.GetFileVersionInfoSizeW(path, None)
    data = ctypes.create_string_buffer(size or 1)
    found, length = ctypes.c_void_p(), ctypes.c_uint()
    if not size or not version.GetFileVersionInfoW(path, 0, size, data):
        return None
    where = (data, "\\VarFileInfo\\Translation", ctypes.byref(found), ctypes.byref(length))
    if not version.VerQueryValueW(*where) or length.value < 4:
        return None
    language, codepage = struct.unpack("<HH", ctypes.string_at(found.value or 0, 4))
    query = f"\\StringFileInfo\\{language:04x}{codepage:04x}\\{name}"
    if not version.VerQueryValueW(data, query, ctypes.byref(found), ctypes.byref(length)) or not length.value:
        return None
    return ctypes.wstring_at(found.value or 0, length.value).rstrip("\0")


def scrubbed(path: str) -> str:
    """A path below the system's folder, or the name of a file and nothing else."""
    folder = os.environ.get("SYSTEMROOT", "")
    if folder and path.lower().startswith(folder.lower() + "\\"):
        return f"%SYSTEMROOT%{path[len(folder) :]}"
    return nameless(path)


def nameless(words: str) -> str:
    """A message without the folders of paths in it, for they tell whose they are, and without the names themselves."""
    words = re.sub(r"""(?:[A-Za-z]:|\\\\)[^:*?"<>|\r\n]*[\\/]""", "", words)
    for variable in ("USERNAME", "USERDOMAIN", "COMPUTERNAME"):
        name = os.environ.get(variable, "")
        if name:
            words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f"%{variable}%", words, flags=re.IGNORECASE)
    return words


# ---- a session ------------------------------------------------------------------------------------------------------


class Listing(NamedTuple):
    code: int
    rows: list[dict[str, Any]]
    reasons: int

    def pids(self) -> list[int]:
        return [row["pid"] for row in self.rows]


class Unexpected(Exception):
    """What a question begins with did not work, so that it could not be asked."""


class Session:
    """A session handle, and the calls that are made with it; each gives the raw code."""

    def __init__(self, handle: int, key: str = "") -> None:
        self.handle = handle
        self.key = key

    @classmethod
    def start(cls) -> Session:
        handle, key = ctypes.c_uint32(), (ctypes.c_uint16 * (KEY_LENGTH + 1))()
        code = call("RmStartSession", ctypes.byref(handle), 0, key)
        if code:
            raise Unexpected(f"RmStartSession answered {code}")
        return cls(handle.value, text(key))

    @classmethod
    def join(cls, key: str) -> Session:
        code, handle = join(key)
        if code:
            raise Unexpected(f"RmJoinSession answered {code}")
        return cls(handle)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> int:
        return call("RmEndSession", self.handle)

    def register(
        self,
        files: Sequence[str | None] = (),
        pids: Sequence[int] = (),
        services: Sequence[str | None] = (),
    ) -> int:
        return self.register_processes([unique(pid) for pid in pids], files, services)

    def register_processes(
        self,
        processes: Sequence[UniqueProcess],
        files: Sequence[str | None] = (),
        services: Sequence[str | None] = (),
    ) -> int:
        listed = (UniqueProcess * len(processes))(*processes) if processes else None
        counts = (len(files), name_array(files), len(processes), listed, len(services), name_array(services))
        return call("RmRegisterResources", self.handle, *counts)

    def list(self) -> Listing:
        needed, room, reasons = ctypes.c_uint32(), ctypes.c_uint32(), ctypes.c_uint32()
        size = 16
        for _ in range(10):
            rows = (ProcessInfo * size)()
            room.value = size
            code = call("RmGetList", self.handle, *map(ctypes.byref, (needed, room)), rows, ctypes.byref(reasons))
            if code != MORE_DATA:
                return Listing(code, [as_row(row) for row in rows[: room.value]] if not code else [], reasons.value)
            size = needed.value + 16
        return Listing(MORE_DATA, [], reasons.value)

    def list_code(self) -> int:
        return self.list().code

    def shutdown(self, flags: int = 0, callback: Any = None, mine: Iterable[int] = ()) -> int:
        """Stops nobody but `mine`: whoever else is listed makes it refuse."""
        listing = self.list()
        if listing.code:
            raise Unexpected(f"RmGetList answered {listing.code}, and nobody is stopped who has not been listed")
        if set(listing.pids()) - set(mine):
            raise Unexpected("somebody else is on the list, and is not stopped for a question")
        return call("RmShutdown", self.handle, flags, callback)

    def shutdown_code(self) -> int:
        """From a secondary, which cannot list; the session has nothing registered."""
        return call("RmShutdown", self.handle, 0, None)

    def restart(self, callback: Any = None) -> int:
        return call("RmRestart", self.handle, 0, callback)

    def cancel(self) -> int:
        return call("RmCancelCurrentTask", self.handle)

    def add_filter(
        self,
        action: int = NO_SHUTDOWN,
        module: str | None = None,
        pid: int | None = None,
        service: str | None = None,
    ) -> int:
        return call("RmAddFilter", self.handle, *selectors(module, pid, service), action)

    def remove_filter(self, module: str | None = None, pid: int | None = None, service: str | None = None) -> int:
        return call("RmRemoveFilter", self.handle, *selectors(module, pid, service))

    def filters_code(self) -> int:
        return call("RmGetFilterList", self.handle, None, 0, ctypes.byref(ctypes.c_uint32()))

    def add_own_filter(self) -> int:
        return self.add_filter(pid=os.getpid())

    def remove_own_filter(self) -> int:
        return self.remove_filter(pid=os.getpid())


def selectors(module: str | None, pid: int | None, service: str | None) -> tuple[Any, ...]:
    return (
        None if module is None else units(module),
        None if pid is None else ctypes.byref(unique(pid)),
        None if service is None else units(service),
    )


def join(key: str) -> tuple[Any, ...]:
    """The raw code, and the handle."""
    handle = ctypes.c_uint32(0xFFFFFFFF)
    return call("RmJoinSession", ctypes.byref(handle), units(key)), handle.value


def join_code(key: str) -> int:
    """Joins, leaves again at once, and gives the code of the join."""
    code, handle = join(key)
    if not code:
        call("RmEndSession", handle)
    return int(code)


def as_row(info: ProcessInfo) -> dict[str, Any]:
    return {
        "pid": info.process.pid,
        "name": text(info.name),
        "service": text(info.service),
        "type": info.type,
        "status": info.status,
        "session": info.session,
        "restartable": info.restartable,
    }


def told(listing: Listing, roles: dict[int, str]) -> dict[str, Any]:
    """A list for the report, with roles for process ids."""
    rows = [dict(row, pid=roles[row["pid"]]) if row["pid"] in roles else {"pid": "another"} for row in listing.rows]
    return {"code": listing.code, "reasons": listing.reasons, "rows": rows}


# ---- one question being asked ---------------------------------------------------------------------------------------


class Asking:
    """What a question's function works with: a folder, programs of its own, and the place for its answers.

    Each answer is written down at once: whatever happens afterwards, it counts."""

    def __init__(self, answers: str, folder: str, skip: Sequence[str] = (), other_python: str = "") -> None:
        self.answers = answers
        self.folder = folder
        self.skip = frozenset(skip)
        self.other_python = other_python
        self.programs: list[Program] = []

    def _write(self, **line: Any) -> None:
        with open(self.answers, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def tell(self, name: str, value: Any) -> None:
        self._write(told=name, value=value)

    def cannot(self, name: str, why: str) -> None:
        self._write(cannot=name, why=nameless(why))

    def fail(self, why: str) -> None:
        self._write(failed=nameless(why))

    def ask(self, name: str, question: Callable[[], Any]) -> None:
        """Should `question` end or block this process, only this answer is missing: the rest is asked again."""
        if name in self.skip:
            return
        self._write(asking=name)
        try:
            value = question()
        except Unexpected as error:
            self.cannot(name, str(error))
        except OSError as error:
            if "access violation" not in str(error):
                self.cannot(name, str(error))
            else:  # ctypes makes an exception of it
                self.tell(name, "access violation")
        else:
            self.tell(name, value)

    def file(self, name: str = "file.txt") -> str:
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write("rmcy\n")
        return path

    def program(self, kind: str, *arguments: str, python: str = "") -> Program:
        program = Program(kind, *arguments, python=python)
        self.programs.append(program)
        return program

    def done(self) -> None:
        for program in self.programs:
            program.end()


class Program:
    """A child that does what `--helper` names. It says what it has to say as lines of JSON."""

    def __init__(self, kind: str, *arguments: str, python: str = "") -> None:
        # A console of its own, which is not seen: what is sent to a console reaches everybody who has it.
        startup = subprocess.STARTUPINFO()
        startup.dwFlags = 1  # STARTF_USESHOWWINDOW
        startup.wShowWindow = 0
        flags = 0x8 if kind == "window" else 0x10  # DETACHED_PROCESS, CREATE_NEW_CONSOLE
        self.process = subprocess.Popen(
            [python or interpreter(), os.path.abspath(__file__), "--dll", Library.path, "--helper", kind, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=flags,
            startupinfo=startup,
        )
        self.pid = self.process.pid
        self.first = self.line()

    def line(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Unexpected("a program of the probe's own has ended")
        return json.loads(line)

    def do(self, method: str, *arguments: Any) -> Any:
        """Of a secondary: what the method of its session answers."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([method, *arguments]).encode() + b"\n")
        self.process.stdin.flush()
        return self.line()

    def die(self) -> None:
        """Of one that has been told to end without cleaning up."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        self.ended()

    def ended(self, seconds: float = 10) -> int | None:
        """The exit status, or None if it goes on."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def rest(self) -> list[Any]:
        """What it has said until it ended."""
        assert self.process.stdout is not None
        return [json.loads(line) for line in self.process.stdout.read().splitlines()]

    def end(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
        if self.ended(0) is None:
            self.process.kill()
            self.process.wait()


class Background:
    """A call in a thread of its own."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self.result: Any = None
        self.thread = threading.Thread(target=self._run, args=(function,), daemon=True)
        self.thread.start()

    def _run(self, function: Callable[[], Any]) -> None:
        try:
            self.result = function()
        except Exception as error:
            self.result = nameless(f"{type(error).__name__}: {error}")

    def join(self) -> Any:
        self.thread.join()
        return self.result


class Told:
    """What RmShutdown and RmRestart tell their callback, and where."""

    def __init__(self, then: Callable[[int], None] = lambda percent: None) -> None:
        self.percents: list[int] = []
        self.threads: set[int] = set()
        self._then = then
        self.callback = Callback(self._told)

    def _told(self, percent: int) -> None:
        self.percents.append(percent)
        self.threads.add(threading.get_ident())
        self._then(percent)


def interpreter() -> str:
    """Not the launcher of a virtual environment, which would start a second process that is the one that counts."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


# ---- programs of its own --------------------------------------------------------------------------------------------


def say(value: Any) -> None:
    print(json.dumps(value), flush=True)


def helper_hold(path: str, how: str = "") -> None:
    """A console program that holds a file until Ctrl-C, or until its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN if how == "ignore" else signal.SIG_DFL)
    with open(path, "rb"):
        say("ready")
        sys.stdin.buffer.read()


def helper_secondary() -> None:
    """Joins, and makes calls for the question's process."""
    session = Session(UNKNOWN_HANDLE)
    say("ready")
    for line in sys.stdin.buffer:
        method, *arguments = json.loads(line)
        if method == "join":
            code, session.handle = join(*arguments)
            say(code)
        else:
            say(getattr(session, method)(*arguments))


def helper_abandon() -> None:
    """Starts a session, tells its key, and dies without ending it when it is told to."""
    say(Session.start().key)
    sys.stdin.buffer.readline()
    os._exit(0)


WINES_RESTARTS = "Software\\rmcy-test\\restart"


def register_restart(arguments: str, flags: int) -> int:
    """RegisterApplicationRestart. Wine's keeps nothing, and the library of rmcy's tests reads this instead."""
    result = int(kernel32().RegisterApplicationRestart(units(arguments), flags))
    if wine_version():
        import winreg

        command = f'"{interpreter()}" {arguments}'
        if not flags & NO_PATCH:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, WINES_RESTARTS) as key:
                me = unique(os.getpid())
                name = f"{me.pid}-{me.start_high << 32 | me.start_low}"
                winreg.SetValueEx(key, name, 0, winreg.REG_SZ, command)
    return result


def helper_come_back(path: str, answer: str, event: str, flags: str = "0") -> None:
    """Holds a file until Ctrl-C, and wants to be started again."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ["RMCY_PROBE"] = "kept"
    arguments = f'"{os.path.abspath(__file__)}" --helper came_back "{answer}" {event}'
    with open(path, "rb"):
        say(register_restart(arguments, int(flags)))
        sys.stdin.buffer.read()


def helper_came_back(answer: str, event: str) -> None:
    """Tells what it is now."""
    facts = {
        "pid": os.getpid(),
        "in_system_folder": os.getcwd().lower() == os.path.join(os.environ["SYSTEMROOT"], "system32").lower(),
        "in_folder_of_the_file": os.getcwd().lower() == os.path.dirname(os.path.abspath(answer)).lower(),
        "environment_kept": os.environ.get("RMCY_PROBE") == "kept",
        "elevated": is_elevated(),
        "has_console": bool(kernel32().GetConsoleWindow()),
        "session": terminal_session(),
    }
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(facts, file)
    kernel = kernel32()
    kernel.SetEvent(ctypes.c_void_p(kernel.CreateEventW(None, True, False, event)))
    time.sleep(300)  # the question's job ends it


def helper_window(path: str, how: str = "agree") -> None:
    """A program with a window. It tells what it is sent; `how`: agree, refuse, or stay in spite of having agreed."""
    user = ctypes.WinDLL("user32")
    word = ctypes.c_ssize_t
    procedure_type = ctypes.WINFUNCTYPE(word, ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, word)
    user.DefWindowProcW.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, word]
    user.DefWindowProcW.restype = word
    user.CreateWindowExW.restype = ctypes.c_void_p
    user.CreateWindowExW.argtypes = [_U, _P, _P, _U, *[ctypes.c_int] * 4, _P, _P, _P, _P]
    messages = {0x11: "WM_QUERYENDSESSION", 0x16: "WM_ENDSESSION", 0x10: "WM_CLOSE"}

    def procedure(window: int, message: int, w: int, parameter: int) -> int:
        if message not in messages:
            return int(user.DefWindowProcW(window, message, w, parameter))
        say({"message": messages[message], "wParam": w, "lParam": parameter & 0xFFFFFFFF})
        if message == 0x11:
            return 0 if how == "refuse" else 1
        if how == "agree" and (message == 0x10 or w):
            user.PostQuitMessage(0)
        return 0

    class WindowClass(ctypes.Structure):
        _fields_ = [
            ("style", _U),
            ("procedure", procedure_type),
            ("extra", ctypes.c_int * 2),
            ("instance", _P),
            ("icon", _P),
            ("cursor", _P),
            ("background", _P),
            ("menu", _P),
            ("name", ctypes.c_wchar_p),
        ]

    kept = procedure_type(procedure)
    description = WindowClass(procedure=kept, name="rmcy-probe")
    user.RegisterClassW(ctypes.byref(description))
    # Visible, for that is what counts, and where nobody sees it.
    window = user.CreateWindowExW(
        0x80, units("rmcy-probe"), units("rmcy probe"), 0x10CF0000, -32000, -32000, 9, 9, None, None, None, None
    )
    with open(path, "rb"):
        say("ready" if window else "no window")
        thread = kernel32().GetCurrentThreadId()

        def watch() -> None:
            sys.stdin.buffer.read()
            user.PostThreadMessageW(thread, 0x12, 0, 0)

        threading.Thread(target=watch, daemon=True).start()
        message = wintypes.MSG()
        while user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            user.DispatchMessageW(ctypes.byref(message))
    os._exit(0)  # the thread still waits for input, which Python does not end with


HELPERS: dict[str, Callable[..., None]] = {
    name[len("helper_") :]: function for name, function in globals().items() if name.startswith("helper_")
}


# ---- the questions --------------------------------------------------------------------------------------------------


class Question(NamedTuple):
    id: str
    section: tuple[int, ...]  # of the list of open questions
    asks: str
    function: Callable[[Asking], None]
    seconds: int  # it may take, all in all
    kind: str  # "": harmless and quick; "slow"; "intrusive": others notice


QUESTIONS: dict[str, Question] = {}


def question(*section: int, asks: str, seconds: int = 60, kind: str = "") -> Callable[[Any], Any]:
    def note(function: Callable[[Asking], None]) -> Callable[[Asking], None]:
        name = function.__name__
        QUESTIONS[name] = Question(name, section, asks, function, seconds, kind)
        return function

    return note


@question(1, asks="What does RmJoinSession answer to keys that no session has?")
def join_keys(asking: Asking) -> None:
    asking.ask("unknown", lambda: join_code("0123456789abcdef" * 2))
    asking.ask("zeros", lambda: join_code("0" * 32))
    asking.ask("short", lambda: join_code("0" * 31))
    asking.ask("long", lambda: join_code("0" * 33))
    asking.ask("not_hex", lambda: join_code("g" * 32))
    asking.ask("empty", lambda: join_code(""))

    def ended() -> int:
        session = Session.start()
        session.end()
        return join_code(session.key)

    def abandoned() -> int:
        owner = asking.program("abandon")
        owner.die()
        return join_code(owner.first)

    asking.ask("ended", ended)
    asking.ask("owner_died", abandoned)

    def key_and_more() -> int:
        with Session.start() as session:
            return join_code(session.key + "0")

    asking.ask("right_key_and_a_digit", key_and_more)
    asking.cannot("other_users", "it would take a second user")


@question(2, 9, asks="What does a session key look like, is its case significant, and is it terminated?")
def key_form(asking: Asking) -> None:
    keys = []
    for _ in range(32):
        with Session.start() as session:
            keys.append(session.key)
    letters = [c for key in keys for c in key if c.isalpha()]
    case = "lower" if all(c.islower() for c in letters) else "upper" if all(c.isupper() for c in letters) else "mixed"
    asking.tell("lengths", sorted({len(key) for key in keys}))
    asking.tell("case", case)
    asking.tell("is_hex", all(c in "0123456789abcdefABCDEF" for key in keys for c in key))
    # The version of a GUID stands where its byte order puts it.
    same = {at: keys[0][at] for at in range(len(keys[0])) if len({key[at : at + 1] for key in keys}) == 1}
    asking.tell("digits_that_are_always_the_same", {str(at): digit for at, digit in same.items()})

    def in_case(change: Callable[[str], str]) -> Callable[[], int]:
        def joins() -> int:
            with Session.start() as session:
                return join_code(change(session.key))

        return joins

    asking.ask("joins_in_lower_case", in_case(str.lower))
    asking.ask("joins_in_upper_case", in_case(str.upper))

    def terminates() -> list[bool]:
        found = []
        for _ in range(3):
            handle, key = ctypes.c_uint32(), (ctypes.c_uint16 * 40)(*[0xFFFF] * 40)
            call("RmStartSession", ctypes.byref(handle), 0, key)
            call("RmEndSession", handle.value)
            found.append(key[KEY_LENGTH] == 0)
        return found

    asking.ask("is_terminated", terminates)


@question(3, 29, asks="What is kept in the registry, in which form, and is the key there? (It is only read.)")
def registry(asking: Asking) -> None:
    import winreg

    def sessions() -> dict[str, dict[str, tuple[Any, int]]]:
        """The values of each session's key."""
        found: dict[str, dict[str, tuple[Any, int]]] = {}
        try:
            root = winreg.OpenKey(winreg.HKEY_CURRENT_USER, "Software\\Microsoft\\RestartManager")
        except OSError:
            return found
        with root:
            for i in range(winreg.QueryInfoKey(root)[0]):
                name = winreg.EnumKey(root, i)
                with winreg.OpenKey(root, name) as key:
                    values = (winreg.EnumValue(key, j) for j in range(winreg.QueryInfoKey(key)[1]))
                    found[name] = {value[0]: (value[1], value[2]) for value in values}
        return found

    def mine() -> dict[str, tuple[Any, int]]:
        owner = bytes(unique(os.getpid()))
        found = [values for values in sessions().values() if values.get("Owner", (b"", 0))[0] == owner]
        return found[0] if found else {}

    def shape(values: dict[str, tuple[Any, int]]) -> dict[str, Any]:
        return {name: {"type": kind, "size": len(value) if hasattr(value, "__len__") else value}
                for name, (value, kind) in values.items()}  # fmt: skip

    path = asking.file("Mixed Case.txt")
    with Session.start() as session:
        asking.tell("after_start", shape(mine()))
        values = mine()
        raw = bytes.fromhex(session.key)
        everything = b"".join(value for value, _ in values.values() if isinstance(value, bytes))
        asking.tell("holds_the_key", raw in everything or session.key.encode("utf-16-le") in everything)
        sources = {"bytes": raw, "utf_16": session.key.encode("utf-16-le"), "ascii": session.key.encode("ascii")}
        sources["utf_16_terminated"] = sources["utf_16"] + b"\0\0"
        digest = values.get("SessionHash", (b"", 0))[0]
        asking.tell(
            "session_hash_is_of_the_key",
            [f"{how} {what}" for how in ("md5", "sha1", "sha256", "sha512") for what, data in sources.items()
             if digest and hashlib.new(how, data).digest() == digest],
        )  # fmt: skip
        session.register([path, path.replace("\\", "/"), path.upper()], [os.getpid()], ["EventLog"])
        values = mine()
        asking.tell("after_registering", shape(values))
        kept = values.get("RegFiles0000", ([], 0))[0] or []
        forms = {path: "as given", path.replace("\\", "/"): "forward slashes", path.upper(): "upper case"}
        asking.tell("kept_paths", [forms.get(item, "in another form") for item in kept])
        before = set(values)
        session.add_own_filter()
        asking.tell("values_that_a_filter_adds", sorted(set(mine()) - before))
        sequence = values.get("Sequence", (None, 0))[0]
        session.register([path])
        asking.tell("sequence", [sequence, mine().get("Sequence", (None, 0))[0]])
    asking.tell("is_gone_after_the_end", not mine())
    asking.cannot("wrong_hash", "it would take to write into the Restart Manager's own key")


@question(4, asks="How long is the lock waited for, and what if who had it died?", seconds=400, kind="intrusive")
def lock(asking: Asking) -> None:
    name = "Local\\RstrMgr3887CAB8-533F-4C85-B0DC-3E5639F8D511"
    kernel = kernel32()
    with Session.start():
        mutex = ctypes.c_void_p(kernel.OpenMutexW(0x100000, False, name))
    asking.tell("mutex_exists", bool(mutex))
    if not mutex:
        return

    def wait_for_it() -> dict[str, Any]:
        kernel.WaitForSingleObject(mutex, 10000)
        began = time.monotonic()
        other = Background(start_code)
        code = other.join()
        took = time.monotonic() - began
        kernel.ReleaseMutex(mutex)
        return {"code": code, "seconds": round(took, 1)}

    def start_code() -> int:
        handle, key = ctypes.c_uint32(), (ctypes.c_uint16 * 33)()
        code = call("RmStartSession", ctypes.byref(handle), 0, key)
        if not code:
            call("RmEndSession", handle.value)
        return code

    asking.ask("held", wait_for_it)
    thread = Background(lambda: kernel.WaitForSingleObject(mutex, 10000))
    thread.join()  # a thread that ends with the mutex abandons it
    asking.ask("abandoned", start_code)


@question(5, asks="How many sessions can there be, and do joins count?", kind="intrusive")
def limit(asking: Asking) -> None:
    started: list[Session] = []
    code = 0
    while not code and len(started) < 200:
        handle, key = ctypes.c_uint32(), (ctypes.c_uint16 * 33)()
        code = call("RmStartSession", ctypes.byref(handle), 0, key)
        if not code:
            started.append(Session(handle.value, text(key)))
    # Others may have sessions, too: the number is at most that of this user.
    asking.tell("sessions", len(started))
    asking.tell("one_more", code)
    asking.ask("join_while_full", lambda: join_code(started[0].key))
    for session in started[1:]:
        session.end()

    def many_joins() -> dict[str, int]:
        handles: list[int] = []
        code = 0
        while not code and len(handles) < 300:
            code, handle = join(started[0].key)
            if not code:
                handles.append(handle)
        for handle in handles:
            call("RmEndSession", handle)
        return {"joined": len(handles), "code": code}

    asking.ask("joins_of_one_session", many_joins)
    started[0].end()


@question(6, asks="Can a process of another bitness join, and register?")
def join_other_bits(asking: Asking) -> None:
    if not asking.other_python:
        asking.cannot("join", "--other-python names no Python of the other bitness")
        return
    with Session.start() as session:
        other = asking.program("secondary", python=asking.other_python)
        asking.ask("join", lambda: other.do("join", session.key))
        asking.ask("register", lambda: other.do("register", [asking.file()]))
    asking.cannot("across_integrity_levels", "it would take a process of another integrity level")


def joined_by_another(asking: Asking, session: Session) -> Program:
    other = asking.program("secondary")
    code = other.do("join", session.key)
    if code:
        raise Unexpected(f"RmJoinSession answered {code}")
    return other


@question(7, asks="What does a secondary's handle answer after the primary ended its session, or died?")
def after_the_primary(asking: Asking) -> None:
    path = asking.file()
    session = Session.start()
    other = joined_by_another(asking, session)
    session.end()
    asking.ask("ended_register", lambda: other.do("register", [path]))
    asking.ask("ended_list", lambda: other.do("list_code"))
    asking.ask("ended_end", lambda: other.do("end"))
    asking.ask("ended_end_again", lambda: other.do("end"))

    owner = asking.program("abandon")
    other = asking.program("secondary")
    other.do("join", owner.first)
    owner.die()
    asking.ask("died_register", lambda: other.do("register", [path]))
    asking.ask("died_end", lambda: other.do("end"))


SECONDARY_CALLS = {
    "register": "register",
    "list": "list_code",
    "shutdown": "shutdown_code",
    "restart": "restart",
    "cancel": "cancel",
    "add_filter": "add_own_filter",
    "remove_filter": "remove_own_filter",
    "filters": "filters_code",
    "end": "end",
}


@question(8, asks="Is a handle that the primary's own process joined with a secondary's?")
def same_process_join(asking: Asking) -> None:
    session = Session.start()
    joined = Session.join(session.key)
    asking.tell("same_handle", joined.handle == session.handle)
    asking.ask("list", joined.list_code)
    asking.ask("restart", joined.restart)
    asking.ask("cancel", joined.cancel)
    asking.ask("add_filter", joined.add_own_filter)
    asking.ask("filters", joined.filters_code)
    asking.ask("shutdown", joined.shutdown_code)
    asking.ask("end", joined.end)
    asking.ask("primary_lists_after_that", session.list_code)
    session.end()


@question(10, asks="Can many threads use one handle at a time?")
def threads(asking: Asking) -> None:
    path = asking.file()

    def registering() -> list[int]:
        def often() -> list[int]:
            return [session.register([path]) for _ in range(50)]

        with Session.start() as session:
            return sorted({code for thread in [Background(often) for _ in range(8)] for code in thread.join()})

    def listing() -> list[int]:
        def often() -> list[int]:
            return [session.list_code() for _ in range(10)]

        with Session.start() as session:
            session.register([path])
            return sorted({code for thread in [Background(often) for _ in range(8)] for code in thread.join()})

    asking.ask("registering", registering)
    asking.ask("listing", listing)


@question(11, asks="Is RmReserveHeap exported?")
def reserve_heap(asking: Asking) -> None:
    try:
        Library.function("RmReserveHeap")
    except AttributeError:
        asking.tell("exported", False)
    else:
        asking.tell("exported", True)
    asking.cannot("what_it_does", "nothing is documented: it is not called")


@question(12, asks="What do functions answer to NULL, to flags that are not there, and to bad handles with them?")
def arguments(asking: Asking) -> None:
    number = ctypes.byref(ctypes.c_uint32())
    key = (ctypes.c_uint16 * 33)()
    session = Session.start()
    bad = UNKNOWN_HANDLE
    asking.ask("start_null_handle", lambda: call("RmStartSession", None, 0, key))
    asking.ask("start_null_key", lambda: call("RmStartSession", number, 0, None))
    asking.ask("start_flags", lambda: call("RmStartSession", number, 1, key))
    asking.ask("join_null_handle", lambda: call("RmJoinSession", None, units(session.key)))
    asking.ask("join_null_key", lambda: call("RmJoinSession", number, None))
    asking.ask("end_bad_handle", lambda: call("RmEndSession", bad))

    def register(handle: int, files: int = 0, processes: int = 0, services: int = 0) -> int:
        return call("RmRegisterResources", handle, files, None, processes, None, services, None)

    asking.ask("register_nothing", lambda: register(session.handle))
    asking.ask("register_files_null", lambda: register(session.handle, files=1))
    asking.ask("register_processes_null", lambda: register(session.handle, processes=1))
    asking.ask("register_services_null", lambda: register(session.handle, services=1))
    asking.ask("register_bad_handle", lambda: register(bad))
    asking.ask("register_bad_handle_files_null", lambda: register(bad, files=1))

    def listing(handle: int, missing: str = "", room: int = 0) -> int:
        size, needed, reasons = ctypes.c_uint32(room), ctypes.c_uint32(), ctypes.c_uint32()
        given = {"needed": needed, "room": size, "reasons": reasons}
        n, r, why = (None if name == missing else ctypes.byref(value) for name, value in given.items())
        return call("RmGetList", handle, n, r, None, why)

    asking.ask("list_bad_handle", lambda: listing(bad))
    asking.ask("list_null_needed", lambda: listing(session.handle, "needed"))
    asking.ask("list_null_room", lambda: listing(session.handle, "room"))
    asking.ask("list_null_reasons", lambda: listing(session.handle, "reasons"))
    asking.ask("list_room_without_array", lambda: listing(session.handle, room=4))
    asking.ask("list_bad_handle_null_needed", lambda: listing(bad, "needed"))

    asking.ask("shutdown_bad_handle", lambda: call("RmShutdown", bad, 0, None))
    asking.ask("shutdown_unknown_flag", lambda: call("RmShutdown", session.handle, 0x2, None))
    asking.ask("shutdown_bad_handle_unknown_flag", lambda: call("RmShutdown", bad, 0x2, None))
    asking.ask("restart_bad_handle", lambda: call("RmRestart", bad, 0, None))
    asking.ask("restart_flags", lambda: call("RmRestart", session.handle, 1, None))
    asking.ask("restart_bad_handle_flags", lambda: call("RmRestart", bad, 1, None))
    asking.ask("cancel_bad_handle", lambda: call("RmCancelCurrentTask", bad))
    session.end()


@question(12, 30, asks="What do the filter functions answer to arguments that make no sense?")
def filter_arguments(asking: Asking) -> None:
    session = Session.start()
    here = interpreter()
    stranger = Session(UNKNOWN_HANDLE)
    asking.ask("add_nothing", session.add_filter)
    asking.ask("add_two", lambda: session.add_filter(module=here, service="EventLog"))
    asking.ask("add_action_0", lambda: session.add_filter(0, module=here))
    asking.ask("add_action_3", lambda: session.add_filter(3, module=here))
    asking.ask("add_relative_module", lambda: session.add_filter(module="python.exe"))
    asking.ask("add_missing_module", lambda: session.add_filter(module=os.path.join(asking.folder, "missing.exe")))
    asking.ask("add_empty_module", lambda: session.add_filter(module=""))
    asking.ask("add_empty_service", lambda: session.add_filter(service=""))
    asking.ask("add_unknown_service", lambda: session.add_filter(service="rmcy-no-such-service"))
    asking.ask("add_bad_handle", lambda: stranger.add_filter(module=here))
    asking.ask("remove_nothing", session.remove_filter)
    asking.ask("remove_two", lambda: session.remove_filter(module=here, service="EventLog"))
    asking.ask("remove_what_is_not_there", lambda: session.remove_filter(module=here))
    asking.ask("remove_bad_handle", lambda: stranger.remove_filter(module=here))
    asking.ask("filters_bad_handle", stranger.filters_code)
    asking.ask("filters_null_needed", lambda: call("RmGetFilterList", session.handle, None, 0, None))
    asking.ask("filters_size_without_buffer",
               lambda: call("RmGetFilterList", session.handle, None, 64, ctypes.byref(ctypes.c_uint32())))  # fmt: skip
    session.end()


@question(13, asks="What is accepted at registration, and what do lists make of it?")
def register_edges(asking: Asking) -> None:
    def registered(**what: Any) -> Callable[[], dict[str, Any]]:
        def codes() -> dict[str, Any]:
            with Session.start() as session:
                code = session.register_processes(**{"processes": (), **what})
                listing = session.list()
                return {"register": code, "list": listing.code, "rows": len(listing.rows), "reasons": listing.reasons}

        return codes

    program = asking.program("hold", asking.file())
    dead = unique(program.pid)
    program.end()
    own = unique(os.getpid())
    wrong = UniqueProcess(own.pid, own.start_low ^ 1, own.start_high)
    asking.ask("missing_file", registered(files=[os.path.join(asking.folder, "missing")]))
    asking.ask("empty_path", registered(files=[""]))
    asking.ask("null_path", registered(files=[None]))
    asking.ask("null_service", registered(services=[None]))
    asking.ask("empty_service", registered(services=[""]))
    asking.ask("unknown_service", registered(services=["rmcy-no-such-service"]))
    asking.ask("long_service", registered(services=["s" * 300]))
    asking.ask("dead_process", registered(processes=[dead]))
    asking.ask("wrong_start_time", registered(processes=[wrong]))
    asking.ask("no_start_time", registered(processes=[UniqueProcess(own.pid, 0, 0)]))
    asking.ask("process_0", registered(processes=[UniqueProcess(0, 0, 0)]))
    asking.ask("lone_surrogate", registered(files=[os.path.join(asking.folder, "a\ud800b")]))
    asking.ask("path_of_40000", registered(files=[os.path.join(asking.folder, "x" * 40000)]))


@question(14, asks="What does RmGetList leave behind with 234, in which order are rows, and are they folded?")
def more_data(asking: Asking) -> None:
    path = asking.file()
    programs = [asking.program("hold", path) for _ in range(3)]
    pids = [program.pid for program in programs]
    with Session.start() as session:
        session.register([path])
        needed, room, reasons = ctypes.c_uint32(77), ctypes.c_uint32(1), ctypes.c_uint32(0xABCD)
        rows = (ProcessInfo * 1)()
        rows[0].process.pid = 0xABCD
        code = call("RmGetList", session.handle, *map(ctypes.byref, (needed, room)), rows, ctypes.byref(reasons))
        asking.tell("code", code)
        asking.tell("needed", needed.value)
        asking.tell("room_after_it", room.value)
        asking.tell("array_is_touched", rows[0].process.pid != 0xABCD)
        asking.tell("reasons_are_written", reasons.value != 0xABCD)
        asking.tell("reasons", reasons.value)
        again = session.list()
        order = [pid for pid in again.pids() if pid in pids]
        asking.tell("rows_are_by_start", order == pids)
        asking.tell("rows_are_by_pid", order == sorted(pids))
        session.register([path], pids)
        asking.tell("rows_for_a_process_by_file_and_by_itself", session.list().pids().count(pids[0]))
        asking.tell("a_row", told(again, dict.fromkeys(pids, "holder"))["rows"][:1])


@question(15, asks="Under which names of a file is its holder found?")
def path_forms(asking: Asking) -> None:
    path = asking.file("Long file name.txt")
    kernel = kernel32()
    holder = asking.program("hold", path)

    def found_by(name: str, folder: str = "") -> Callable[[], dict[str, Any]]:
        def codes() -> dict[str, Any]:
            before = os.getcwd()
            with Session.start() as session:
                os.chdir(folder or before)
                register = session.register([name])
                os.chdir(before)
                listing = session.list()
                return {"register": register, "list": listing.code, "found": holder.pid in listing.pids()}

        return codes

    drive, rest = os.path.splitdrive(path)
    volume = ctypes.create_unicode_buffer(64)
    kernel.GetVolumeNameForVolumeMountPointW(drive + "\\", volume, 64)
    short = ctypes.create_unicode_buffer(1024)
    kernel.GetShortPathNameW(path, short, 1024)
    folder, name = os.path.split(path)
    asking.ask("as_it_is", found_by(path))
    asking.ask("upper_case", found_by(path.upper()))
    asking.ask("forward_slashes", found_by(path.replace("\\", "/")))
    asking.ask("doubled_separator", found_by(path.replace("\\", "\\\\")))
    asking.ask("dot_dot", found_by(os.path.join(folder, "x", "..", name)))
    asking.ask("trailing_dot", found_by(path + "."))
    asking.ask("trailing_space", found_by(path + " "))
    asking.ask("relative", found_by(name, folder))
    asking.ask("relative_to_the_drive", found_by(rest))
    asking.ask("long_prefix", found_by("\\\\?\\" + path))
    asking.ask("device_prefix", found_by("\\\\.\\" + path))
    asking.ask("stream", found_by(path + "::$DATA"))
    asking.ask("unc_of_the_same_file", found_by(f"\\\\localhost\\{drive[:1]}${rest}"))
    if volume.value:
        asking.ask("volume_guid", found_by(volume.value + rest.lstrip("\\")))
    else:
        asking.cannot("volume_guid", "the system names no volume for the drive")
    if short.value and short.value != path:
        asking.ask("short_name", found_by(short.value))
    else:
        asking.cannot("short_name", "the file has none")
    for kind, make in (("hard_link", os.link), ("symbolic_link", os.symlink)):
        link = os.path.join(folder, kind)
        try:
            make(path, link)
        except OSError as error:
            asking.cannot(kind, f"it cannot be made: {error.strerror}")
        else:
            asking.ask(kind, found_by(link))
    asking.ask("null_device", found_by("NUL"))
    asking.ask("serial_port", found_by("\\\\.\\COM1"))
    asking.ask("pipe", found_by("\\\\.\\pipe\\rmcy-no-such-pipe"))
    asking.cannot("substituted_drive", "it would take a change of the drives of this login")
    asking.cannot("mapped_drive", "it would take a server")


@question(15, asks="Is the holder of a file found whose path has more than 260 characters?")
def long_paths(asking: Asking) -> None:
    folder = "\\\\?\\" + os.path.join(asking.folder, *["d" * 100] * 3)
    os.makedirs(folder)
    path = os.path.join(folder, "file.txt")
    with open(path, "w", encoding="ascii") as file:
        file.write("rmcy\n")
    holder = asking.program("hold", path)
    for name, form in (("with_prefix", path), ("without_prefix", path[4:])):

        def found(form: str = form) -> dict[str, Any]:
            with Session.start() as session:
                register, listing = session.register([form]), session.list()
                return {"register": register, "list": listing.code, "found": holder.pid in listing.pids()}

        asking.ask(name, found)


@question(16, asks="Does a directory, or a file that may not be read, spoil the list of the others?")
def directories(asking: Asking) -> None:
    path = asking.file()
    holder = asking.program("hold", path)

    def listed(*paths: str) -> Callable[[], dict[str, Any]]:
        def codes() -> dict[str, Any]:
            with Session.start() as session:
                register, listing = session.register(list(paths)), session.list()
                return {"register": register, "list": listing.code, "found": holder.pid in listing.pids()}

        return codes

    asking.ask("directory", listed(asking.folder))
    asking.ask("directory_among_files", listed(path, asking.folder))
    asking.ask("missing_directory", listed(path, os.path.join(asking.folder, "missing", "file")))

    asking.cannot("shutdown_with_a_directory", "nothing tells beforehand whom it would stop")
    secret = asking.file("secret.txt")
    if subprocess.call(["icacls", secret, "/deny", "*S-1-1-0:(R)"], stdout=subprocess.DEVNULL):
        asking.cannot("unreadable", "icacls does not work here")
        return
    asking.ask("unreadable", listed(path, secret))
    subprocess.call(["icacls", secret, "/remove:d", "*S-1-1-0"], stdout=subprocess.DEVNULL)


def start_waiting(program: str) -> subprocess.Popen[bytes]:
    """A cmd.exe that does nothing but wait for a line."""
    command = [program, "/d", "/c", "set /p line="]
    nowhere = subprocess.DEVNULL
    flags = 0x08000000  # CREATE_NO_WINDOW
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nowhere, close_fds=False, creationflags=flags)


@question(17, asks="How many processes can be on a list?", seconds=180, kind="slow")
def many_processes(asking: Asking) -> None:
    import msvcrt

    path = asking.file()
    began: list[subprocess.Popen[bytes]] = []
    try:
        with open(path, "rb") as file:
            os.set_handle_inheritable(msvcrt.get_osfhandle(file.fileno()), True)
            for goal in (100, 126, 127, 128, 160):
                while len(began) < goal:
                    began.append(start_waiting(os.environ["COMSPEC"]))  # whoever inherits the file holds it

                def listed() -> dict[str, int]:
                    with Session.start() as session:
                        session.register([path])
                        listing = session.list()
                        return {"code": listing.code, "rows": len(listing.rows)}

                asking.ask(f"of_{goal}", listed)
    finally:
        for program in began:
            program.kill()


@question(18, asks="Does RmCancelCurrentTask end an RmGetList?")
def cancel_list(asking: Asking) -> None:
    paths = [asking.file(f"{i}.txt") for i in range(2000)]

    def codes() -> dict[str, list[int]]:
        lists, cancels = set(), set()
        with Session.start() as session:
            session.register(paths)
            for _ in range(20):
                listing = Background(session.list_code)
                while listing.thread.is_alive():
                    cancels.add(session.cancel())
                lists.add(listing.join())
        return {"list": sorted(lists), "cancel": sorted(cancels)}

    asking.ask("codes", codes)


@question(19, asks="How is the caller itself listed, and what does a stop make of it?")
def caller_itself(asking: Asking) -> None:
    path = asking.file()
    roles = {os.getpid(): "caller"}
    with open(path, "rb"):

        def alone() -> dict[str, Any]:
            with Session.start() as session:
                session.register([path])
                return told(session.list(), roles)

        def registered() -> dict[str, Any]:
            with Session.start() as session:
                session.register(pids=[os.getpid()])
                return told(session.list(), roles)

        def with_another() -> dict[str, Any]:
            holder = asking.program("hold", path)
            with Session.start() as session:
                session.register(pids=[os.getpid(), holder.pid])
                return told(session.list(), {**roles, holder.pid: "holder"})

        def filtered() -> dict[str, Any]:
            with Session.start() as session:
                session.register(pids=[os.getpid()])
                session.add_own_filter()
                progress = Told()
                code = session.shutdown(0, progress.callback, [os.getpid()])
                return {"code": code, "told": progress.percents, **told(session.list(), roles)}

        def shut_down() -> dict[str, Any]:
            holder = asking.program("hold", path)
            with Session.start() as session:
                session.register(pids=[os.getpid(), holder.pid])
                progress = Told()
                code = session.shutdown(0, progress.callback, [os.getpid(), holder.pid])
                told_100 = progress.percents[-1:] == [100]
                return {"code": code, "told_100": told_100, "other_was_stopped": holder.ended(1) is not None}

        asking.ask("alone", alone)
        asking.ask("registered", registered)
        asking.ask("with_another", with_another)
        asking.ask("with_a_filter_for_itself", filtered)
        asking.ask("shutdown", shut_down)


def stopped(asking: Asking, session: Session, program: Program, flags: int = 0, mine: Sequence[int] = ()) -> int:
    session.register(pids=[program.pid])
    return session.shutdown(flags, None, [program.pid, *mine])


@question(20, asks="How long does a stop wait for who does not end, asked and forced?", seconds=600, kind="slow")
def waits(asking: Asking) -> None:
    import winreg

    for name, root, where in (
        ("HungAppTimeout", winreg.HKEY_CURRENT_USER, "Control Panel\\Desktop"),
        ("WaitToKillServiceTimeout", winreg.HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet\\Control"),
    ):
        try:
            with winreg.OpenKey(root, where) as key:
                asking.tell(name, winreg.QueryValueEx(key, name)[0])
        except OSError:
            asking.tell(name, None)

    found: dict[str, float] = {}

    def measure(name: str, flags: int, *kinds: tuple[str, str]) -> None:
        def timed() -> dict[str, Any]:
            programs = [asking.program(kind, asking.file(), how) for kind, how in kinds]
            pids = [program.pid for program in programs]
            with Session.start() as session:
                session.register(pids=pids)
                rows = told(session.list(), dict.fromkeys(pids, "mine"))
                progress = Told()
                began = time.monotonic()
                code = session.shutdown(flags, progress.callback, pids)
                found[name] = took = round(time.monotonic() - began, 1)
            statuses = [program.ended(1) for program in programs]
            return {"code": code, "seconds": took, "told": progress.percents, "exit": statuses, "before": rows}

        asking.ask(name, timed)

    measure("console_that_stays", 0, ("hold", "ignore"))
    measure("console_that_stays_forced", FORCE, ("hold", "ignore"))
    measure("two_consoles_that_stay_forced", FORCE, ("hold", "ignore"), ("hold", "ignore"))
    measure("window_that_stays", 0, ("window", "stay"))
    measure("window_that_stays_forced", FORCE, ("window", "stay"))

    def ratio(one: str, other: str) -> float:
        if one not in found or other not in found:
            raise Unexpected("what would be compared was not measured in one go")
        return found[one] / (found[other] or 0.1)

    asking.ask("two_are_waited_for_together",
               lambda: ratio("two_consoles_that_stay_forced", "console_that_stays_forced") < 1.5)  # fmt: skip
    asking.ask("waits_as_long_without_force",
               lambda: 0.8 < ratio("console_that_stays", "console_that_stays_forced") < 1.25)  # fmt: skip


@question(20, asks="What is a program with a window sent, and what if it refuses?", seconds=150)
def messages(asking: Asking) -> None:
    def sent(flags: int, how: str) -> Callable[[], dict[str, Any]]:
        def codes() -> dict[str, Any]:
            program = asking.program("window", asking.file(), how)
            if program.first != "ready":
                raise Unexpected("no window can be made here")
            with Session.start() as session:
                session.register(pids=[program.pid])
                rows = told(session.list(), {program.pid: "window"})
                code = session.shutdown(flags, None, [program.pid])
            status = program.ended(2)
            program.process.kill()
            return {"code": code, "exit": status, "sent": program.rest(), "before": rows}

        return codes

    asking.ask("agrees", sent(0, "agree"))
    asking.ask("refuses", sent(0, "refuse"))
    asking.ask("refuses_forced", sent(FORCE, "refuse"))


@question(21, asks="What does RmShutdownOnlyRegistered answer if somebody has not registered?")
def only_registered(asking: Asking) -> None:
    program = asking.program("hold", asking.file())
    with Session.start() as session:
        session.register(pids=[program.pid])
        progress = Told()
        asking.tell("code", session.shutdown(ONLY_REGISTERED, progress.callback, [program.pid]))
        asking.tell("told", progress.percents)
        asking.tell("goes_on", program.ended(1) is None)
        asking.tell("code_forced", session.shutdown(ONLY_REGISTERED | FORCE, None, [program.pid]))
        asking.tell("goes_on_forced", program.ended(1) is None)
        session.add_filter(NO_RESTART, pid=program.pid)
        asking.tell("code_if_it_shall_stay_closed", session.shutdown(ONLY_REGISTERED, None, [program.pid]))


@question(22, asks="What may follow on RmShutdown, and what on RmRestart?")
def sequence(asking: Asking) -> None:
    path = asking.file()
    with Session.start() as session:
        asking.ask("restart_first", session.restart)
        program = asking.program("hold", path)
        asking.ask("shutdown", lambda: stopped(asking, session, program))
        asking.tell("how_it_ended", program.ended())
        asking.ask("list_after_shutdown", lambda: told(session.list(), {program.pid: "stopped"}))
        asking.ask("shutdown_again", lambda: session.shutdown(0, None, [program.pid]))
        asking.ask("register_after_shutdown", lambda: session.register([os.path.join(asking.folder, "missing")]))
        asking.ask("add_filter_after_shutdown", session.add_own_filter)
        asking.ask("restart", session.restart)
        asking.ask("list_after_restart", lambda: told(session.list(), {program.pid: "stopped"}))
        asking.ask("restart_again", session.restart)
        asking.ask("shutdown_after_restart", lambda: session.shutdown(0, None, [program.pid]))
    with Session.start() as session:
        session.register(pids=[os.getpid()])
        asking.ask("shutdown_of_the_caller", lambda: session.shutdown(0, None, [os.getpid()]))
        asking.ask("restart_after_350", session.restart)


@question(23, asks="What if a session is ended before what it has stopped is back?")
def end_early(asking: Asking) -> None:
    def after_shutdown() -> dict[str, Any]:
        came_back = ComingBack(asking, "early")
        session = Session.start()
        code = stopped(asking, session, came_back.program)
        end = session.end()
        return {"shutdown": code, "end": end, "came_back": came_back.facts(3) is not None}

    asking.ask("after_shutdown", after_shutdown)


@question(23, asks="What if a session is ended while it stops programs?", seconds=120)
def end_meanwhile(asking: Asking) -> None:
    def during_shutdown() -> dict[str, Any]:
        program = asking.program("hold", asking.file(), "ignore")
        session = Session.start()
        session.register(pids=[program.pid])
        begun = threading.Event()
        progress = Told(lambda percent: begun.set())
        stopping = Background(lambda: session.shutdown(0, progress.callback, [program.pid]))
        begun.wait(20)
        end = session.end()
        program.end()
        return {"end": end, "shutdown": stopping.join()}

    asking.ask("during_shutdown", during_shutdown)


@question(24, asks="What does RmCancelCurrentTask answer and leave behind?", seconds=120)
def cancel(asking: Asking) -> None:
    path = asking.file()
    with Session.start() as session:
        asking.ask("nothing_running", session.cancel)

        def list_after_it() -> int:
            session.cancel()
            return session.list_code()

        asking.ask("list_after_it", list_after_it)

    def from_the_callback() -> dict[str, Any]:
        programs = [asking.program("hold", path, how) for how in ("", "ignore")]
        codes: list[int] = []
        with Session.start() as session:
            session.register(pids=[program.pid for program in programs])
            progress = Told(lambda percent: codes.append(session.cancel()))
            code = session.shutdown(0, progress.callback, [program.pid for program in programs])
            roles = {programs[0].pid: "would end", programs[1].pid: "ignores it"}
            listing = told(session.list(), roles)
            return {
                "cancel": sorted(set(codes)),
                "shutdown": code,
                "told": progress.percents,
                "goes_on": [program.ended(0) is None for program in programs],
                "list": listing,
                "restart": session.restart(),
            }

    def from_another_thread() -> dict[str, Any]:
        program = asking.program("hold", path, "ignore")
        with Session.start() as session:
            session.register(pids=[program.pid])
            begun = threading.Event()
            progress = Told(lambda percent: begun.set())
            stopping = Background(lambda: session.shutdown(0, progress.callback, [program.pid]))
            begun.wait(20)
            codes = {"cancel": session.cancel(), "shutdown": stopping.join()}
            told_100 = progress.percents[-1:] == [100]
            statuses = [row["status"] for row in session.list().rows]
            return {**codes, "told_100": told_100, "goes_on": program.ended(0) is None, "statuses": statuses}

    asking.ask("from_the_callback", from_the_callback)
    asking.ask("from_another_thread", from_another_thread)


@question(25, asks="What is the callback told, in which thread, and of failures?", seconds=120)
def callback(asking: Asking) -> None:
    def told_by(*hows: str) -> Callable[[], dict[str, Any]]:
        def codes() -> dict[str, Any]:
            programs = [asking.program("hold", asking.file(), how) for how in hows]
            pids = [program.pid for program in programs]
            with Session.start() as session:
                session.register(pids=pids)
                stopping, starting = Told(), Told()
                code = session.shutdown(0, stopping.callback, pids)
                again = session.restart(starting.callback)
            here = {threading.get_ident()}
            return {
                "shutdown": code,
                "told": stopping.percents,
                "told_0": stopping.percents[:1] == [0],
                "told_100": stopping.percents[-1:] == [100],
                "in_the_calling_thread": stopping.threads == here if stopping.threads else None,
                "restart": again,
                "told_by_restart": starting.percents,
                "restart_in_the_calling_thread": starting.threads == here if starting.threads else None,
            }

        return codes

    asking.ask("nobody", told_by())
    asking.ask("one", told_by(""))
    asking.ask("three", told_by("", "", ""))
    asking.ask("one_that_stays", told_by("ignore"))


@question(25, asks="May the callback call the Restart Manager?", seconds=200, kind="slow")
def callback_calls(asking: Asking) -> None:
    def calling(what: Callable[[Session], int]) -> Callable[[], dict[str, Any]]:
        def codes() -> dict[str, Any]:
            program = asking.program("hold", asking.file())
            inside: list[int] = []
            with Session.start() as session:
                session.register(pids=[program.pid])

                def call_once(percent: int) -> None:  # it may wait for long
                    if not inside:
                        inside.append(what(session))

                code = session.shutdown(0, Told(call_once).callback, [program.pid])
            return {"inside": inside, "shutdown": code}

        return codes

    asking.ask("cancel", calling(Session.cancel))
    asking.ask("register", calling(lambda session: session.register(pids=[os.getpid()])))
    asking.ask("list", calling(Session.list_code))
    asking.ask("end", calling(Session.end))


class ComingBack:
    """A program that wants to be started again, and what it says when it is."""

    def __init__(self, asking: Asking, name: str, flags: int = 0) -> None:
        self.answer = os.path.join(asking.folder, f"{name}.json")
        self.pid: int | None = None  # as which it came back
        event = f"Local\\rmcy-probe-{os.getpid()}-{name}"
        self.event = ctypes.c_void_p(kernel32().CreateEventW(None, True, False, event))
        self.program = asking.program("come_back", asking.file(), self.answer, event, str(flags))
        self.registered = self.program.first

    def facts(self, seconds: float) -> Any:
        """None: it did not come back."""
        kernel32().WaitForSingleObject(self.event, int(seconds * 1000))
        if not os.path.exists(self.answer):
            return None
        with open(self.answer, encoding="utf-8") as file:
            facts = json.load(file)
        self.pid = facts.pop("pid")
        return facts


def restarted(
    asking: Asking, name: str, flags: int = 0, age: float = 0, patience: float = 15
) -> Callable[[], dict[str, Any]]:
    def codes() -> dict[str, Any]:
        back = ComingBack(asking, name, flags)
        time.sleep(age)  # how long it has run is what is asked
        with Session.start() as session:
            session.register(pids=[back.program.pid])
            before = session.list()
            shutdown = session.shutdown(0, None, [back.program.pid])
            restart = session.restart()
            facts = back.facts(patience)
            after = told(session.list(), {back.program.pid: "the stopped one", back.pid or 0: "the new one"})
        return {
            "registered": back.registered,
            "restartable": [row["restartable"] for row in before.rows],
            "shutdown": shutdown,
            "restart": restart,
            "came_back": facts is not None,
            "as": facts,
            "listed_as": [row["pid"] for row in after["rows"]],
            "after": after,
        }

    return codes


@question(26, asks="Who is started again, and as what?", seconds=120)
def restart_rules(asking: Asking) -> None:
    def unregistered() -> dict[str, Any]:
        program = asking.program("hold", asking.file())
        with Session.start() as session:
            session.register(pids=[program.pid])
            restartable = [row["restartable"] for row in session.list().rows]
            return {
                "restartable": restartable,
                "shutdown": session.shutdown(0, None, [program.pid]),
                "restart": session.restart(),
            }

    def masked(late: bool) -> dict[str, Any]:
        back = ComingBack(asking, "masked_late" if late else "masked")
        with Session.start() as session:
            session.register(pids=[back.program.pid])
            if not late:
                session.add_filter(NO_RESTART, pid=back.program.pid)
            code = session.shutdown(0, None, [back.program.pid])
            if late:
                session.add_filter(NO_RESTART, pid=back.program.pid)
            return {"shutdown": code, "restart": session.restart(), "came_back": back.facts(3) is not None}

    asking.ask("unregistered", unregistered)
    asking.ask("registered", restarted(asking, "registered"))
    asking.ask("no_patch", restarted(asking, "no_patch", flags=NO_PATCH, patience=3))
    asking.ask("masked", lambda: masked(late=False))
    asking.ask("masked_after_the_stop", lambda: masked(late=True))


@question(26, asks="Must a program have run for 60 seconds to be started again?", seconds=150, kind="slow")
def restart_after_a_minute(asking: Asking) -> None:
    asking.ask("registered", restarted(asking, "old", age=65))


@question(27, asks="How are services listed? (None is stopped.)")
def services(asking: Asking) -> None:
    def listed(name: str) -> Callable[[], dict[str, Any]]:
        def codes() -> dict[str, Any]:
            with Session.start() as session:
                register, listing = session.register(services=[name]), session.list()
            keys = ("name", "service", "type", "status", "session", "restartable")
            rows = [{key: row[key] for key in keys} for row in listing.rows]
            pids = len(set(listing.pids()))
            return {"register": register, "list": listing.code, "reasons": listing.reasons, "rows": rows, "pids": pids}

        return codes

    for name in ("EventLog", "RpcSs", "Schedule", "Dnscache", "Spooler", "BITS", "CryptSvc"):
        asking.ask(name, listed(name))
    asking.ask("lower_case", listed("eventlog"))
    asking.ask("by_its_long_name", listed("Windows Event Log"))
    asking.cannot("paused_or_disabled", "it would take services that may be stopped")


@question(28, asks="What do all functions answer to a secondary in another process?")
def secondary(asking: Asking) -> None:
    session = Session.start()
    other = joined_by_another(asking, session)
    for name in ("register", "list", "shutdown", "restart", "cancel", "add_filter", "remove_filter", "filters", "end"):
        asking.ask(name, functools.partial(other.do, SECONDARY_CALLS[name]))
    asking.ask("primary_lists_after_its_end", session.list_code)
    session.end()


@question(29, asks="Whom does a filter mean, and which of several counts? (By the masks in the list.)")
def filters(asking: Asking) -> None:
    path = asking.file()
    program = asking.program("hold", path)
    here = running_file(program.pid)

    def masks(*added: dict[str, Any], before: bool = False) -> Callable[[], list[int]]:
        def bits() -> list[int]:
            with Session.start() as session:
                if not before:
                    session.register(pids=[program.pid])
                codes = [session.add_filter(**one) for one in added]
                if any(codes):
                    raise Unexpected(f"RmAddFilter answered {codes}")
                if before:
                    session.register(pids=[program.pid])
                return [row["status"] & 0xC0 for row in session.list().rows]

        return bits

    no_stop, no_start = {"action": NO_SHUTDOWN}, {"action": NO_RESTART}
    asking.ask("process", masks({**no_stop, "pid": program.pid}))
    asking.ask("process_no_restart", masks({**no_start, "pid": program.pid}))
    asking.ask("before_registering", masks({**no_stop, "pid": program.pid}, before=True))
    asking.ask("module", masks({**no_stop, "module": here}))
    asking.ask("module_upper_case", masks({**no_stop, "module": here.upper()}))
    asking.ask("module_forward_slashes", masks({**no_stop, "module": here.replace("\\", "/")}))
    asking.ask("module_long_prefix", masks({**no_stop, "module": "\\\\?\\" + here}))

    def by_hard_link() -> list[int]:
        """Of a copy, so that the link is on the volume of the file."""
        copy, link = (os.path.join(asking.folder, name) for name in ("copy.exe", "link.exe"))
        shutil.copy(os.environ["COMSPEC"], copy)
        os.link(copy, link)
        other = start_waiting(copy)
        try:
            with Session.start() as session:
                session.register(pids=[other.pid])
                session.add_filter(module=link)
                return [row["status"] & 0xC0 for row in session.list().rows]
        finally:
            other.kill()
            other.wait()

    asking.ask("module_hard_link", by_hard_link)
    both = {**no_start, "module": here}, {**no_stop, "pid": program.pid}
    asking.ask("process_after_module", masks(*both))
    asking.ask("module_after_process", masks(*reversed(both)))
    asking.ask("same_target_twice", masks({**no_start, "pid": program.pid}, {**no_stop, "pid": program.pid}))


def running_file(pid: int) -> str:
    kernel = kernel32()
    process = ctypes.c_void_p(kernel.OpenProcess(0x1000, False, pid))
    buffer, size = ctypes.create_unicode_buffer(32768), ctypes.c_uint32(32768)
    done = kernel.QueryFullProcessImageNameW(process, 0, buffer, ctypes.byref(size))
    kernel.CloseHandle(process)
    if not done:
        raise Unexpected("a program of the probe's own does not tell its file")
    return buffer.value


@question(30, asks="How is the buffer of RmGetFilterList laid out?")
def filter_buffer(asking: Asking) -> None:
    here = interpreter()
    with Session.start() as session:
        codes = [session.add_filter(module=here), session.add_own_filter(), session.add_filter(1, service="EventLog")]
        asking.tell("added", codes)
        needed = ctypes.c_uint32(77)
        asking.tell("without_a_buffer", call("RmGetFilterList", session.handle, None, 0, ctypes.byref(needed)))
        asking.tell("needed", needed.value)
        size = needed.value
        small = ctypes.create_string_buffer(max(size - 1, 1))
        asking.tell("one_byte_short",
                    call("RmGetFilterList", session.handle, small, size - 1, ctypes.byref(needed)))  # fmt: skip
        buffer = ctypes.create_string_buffer(size + 64)
        asking.tell("code", call("RmGetFilterList", session.handle, buffer, size + 64, ctypes.byref(needed)))
        asking.tell("needed_after_it", needed.value - size)
        record = 32 if ctypes.sizeof(ctypes.c_void_p) == 8 else 24
        at, found = 0, []
        for _ in codes:
            action, trigger, after = struct.unpack_from("<III", buffer.raw, at)
            pointer = struct.unpack_from("<Q" if record == 32 else "<I", buffer.raw, at + (16 if record == 32 else 12))
            inside = pointer[0] - ctypes.addressof(buffer) if trigger != 2 else None
            found.append({"action": action, "trigger": trigger, "next": after, "at": at,
                          "text_at": inside if inside is None or 0 <= inside <= size else "outside"})  # fmt: skip
            if not after or at + after + record > size:
                break
            at += after
        asking.tell("records_if_next_counts_from_the_record", found)


# ---- asking them all ------------------------------------------------------------------------------------------------


class Job:
    """Whoever is in it ends when it is closed: nothing is left of a question that hung or crashed."""

    def __init__(self) -> None:
        self.kernel = kernel32()
        self.handle = ctypes.c_void_p(self.kernel.CreateJobObjectW(None, None))
        size = 144 if ctypes.sizeof(ctypes.c_void_p) == 8 else 112
        limits = ctypes.create_string_buffer(size)  # JOBOBJECT_EXTENDED_LIMIT_INFORMATION
        struct.pack_into("<I", limits, 16, 0x2000)  # JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        self.kernel.SetInformationJobObject(self.handle, 9, limits, size)

    def add(self, process: subprocess.Popen[bytes]) -> None:
        self.kernel.AssignProcessToJobObject(self.handle, ctypes.c_void_p(int(process._handle)))  # type: ignore

    def close(self) -> None:
        self.kernel.CloseHandle(self.handle)


def ask_here(name: str, answers: str, folder: str, skip: Sequence[str], other_python: str) -> int:
    """In the question's own process."""
    asking = Asking(answers, folder, skip, other_python)
    try:
        QUESTIONS[name].function(asking)
    except Unexpected as error:
        asking.fail(str(error))
    except Exception:
        asking.fail(traceback.format_exc(limit=-2))
    finally:
        asking.done()
    return 0


class Answer:
    """What the lines say that a question's process has written, so far."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.unanswered: dict[str, str] = {}
        self.failed = ""
        self.asking = ""

    def read(self, path: str) -> None:
        self.failed = self.asking = ""
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as file:
            for line in map(json.loads, file):
                if "told" in line:
                    self.values[line["told"]] = line["value"]
                elif "cannot" in line:
                    self.unanswered[line["cannot"]] = line["why"]
                self.asking = line.get("asking", "")
                self.failed = line.get("failed", self.failed)


def ask_question(question: Question, options: argparse.Namespace) -> dict[str, Any]:
    """One entry of the report. Where a process ends before it has answered, the rest is asked in another one."""
    began = time.monotonic()
    answer = Answer()
    skip: list[str] = []
    for _ in range(6):
        folder = os.path.realpath(tempfile.mkdtemp(prefix="rmcy-probe-"))
        answers = os.path.join(folder, "answers.jsonl")
        reason = run_question(question, answers, folder, skip, options)
        answer.read(answers)
        shutil.rmtree(folder, ignore_errors=True)
        if not reason:
            break
        if not answer.asking:
            answer.failed = answer.failed or reason
            break
        answer.unanswered[answer.asking] = reason
        skip = [*answer.values, *answer.unanswered]
    entry: dict[str, Any] = {"id": question.id, "section": list(question.section), "asks": question.asks}
    entry["state"] = "answered" if answer.values else "failed" if answer.failed else "not answered"
    entry.update(values=answer.values, unanswered=answer.unanswered, seconds=round(time.monotonic() - began, 1))
    if answer.failed:
        entry["failed"] = answer.failed
    return entry


def run_question(
    question: Question, answers: str, folder: str, skip: Sequence[str], options: argparse.Namespace
) -> str:
    """Why its process has not ended well; empty if it has."""
    command = [interpreter(), os.path.abspath(__file__), "--dll", options.dll, "--ask", question.id, answers, folder]
    command += ["--other-python", options.other_python, *(f"--skip={name}" for name in skip)]
    job = Job()
    nowhere = subprocess.DEVNULL
    flags = 0x08000000  # CREATE_NO_WINDOW: a console of its own, so that Ctrl-C is not for us
    process = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, creationflags=flags)
    job.add(process)
    try:
        status = process.wait(question.seconds)
        return "" if not status else f"its process ended with 0x{status & 0xFFFFFFFF:08x}"
    except subprocess.TimeoutExpired:
        return f"no answer within {question.seconds} s"
    finally:
        process.kill()
        process.wait()
        job.close()


def left_out(question: Question, options: argparse.Namespace) -> str:
    """Why it is not asked; empty if it is."""
    if question.kind == "slow" and options.quick:
        return "--quick: it waits for time-outs"
    if question.kind == "intrusive" and not options.intrusive:
        return "others would notice it while it is asked: --intrusive"
    return ""


def system_facts() -> dict[str, Any]:
    """Nothing that tells whose machine this is."""
    version = sys.getwindowsversion()
    return {
        "version": f"{version.major}.{version.minor}.{version.build}",
        "release": platform.win32_edition() if hasattr(platform, "win32_edition") else None,
        "server": version.product_type != 1,
        "machine": platform.machine(),
        "wine": wine_version(),
        "elevated": is_elevated(),
        "terminal_session": terminal_session(),
    }


def save(report: dict[str, Any], path: str) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        json.dump(report, file, indent=2, sort_keys=True)
        file.write("\n")


def ask_all(options: argparse.Namespace) -> None:
    """The report is written anew with each answer: who breaks it off has the others."""
    entries: list[dict[str, Any]] = []
    report = dict(all_facts(), questions=entries)
    names = options.only or list(QUESTIONS)
    for number, name in enumerate(names, 1):
        question = QUESTIONS[name]
        print(f"[{number:2}/{len(names)}] {name}: {question.asks}", flush=True)
        why = left_out(question, options)
        if why:
            entry: dict[str, Any] = {"id": name, "section": list(question.section), "asks": question.asks}
            entry.update(state="not asked", reason=why, values={}, unanswered={})
        else:
            entry = ask_question(question, options)
        entries.append(entry)
        save(report, options.output)
        print(f"        {in_words(entry)}", flush=True)


def all_facts() -> dict[str, Any]:
    with open(__file__, "rb") as file:
        probe = hashlib.sha256(file.read().replace(b"\r\n", b"\n")).hexdigest()
    return {
        "schema": SCHEMA,
        "probe": probe,
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "windows": system_facts(),
        "python": {"version": platform.python_version(), "bits": 8 * ctypes.sizeof(ctypes.c_void_p)},
        "library": library_facts(),
    }


def in_words(entry: dict[str, Any]) -> str:
    if entry["state"] == "not asked":
        return f"not asked ({entry['reason']})"
    count = len(entry["values"])
    words = [f"{count} answer{'' if count == 1 else 's'} in {entry['seconds']} s"]
    words += [f"{name}: {why}" for name, why in entry["unanswered"].items()]
    if "failed" in entry:
        words.append(f"failed: {entry['failed'].strip().splitlines()[-1]}")
    return "; ".join(words)


def list_questions() -> None:
    for question in QUESTIONS.values():
        kind = f" ({question.kind})" if question.kind else ""
        print(f"{question.id}{kind}: {question.asks}")


def parser() -> argparse.ArgumentParser:
    what = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    what.add_argument("--list", action="store_true", help="say what is asked, and end")
    what.add_argument(
        "--only", action="append", metavar="ID", choices=list(QUESTIONS), help="ask this; may be repeated"
    )
    what.add_argument("--output", metavar="FILE", default="windows-probe.json", help="where the report goes")
    what.add_argument("--quick", action="store_true", help="leave out what waits for time-outs")
    what.add_argument("--intrusive", action="store_true", help="also what others notice: no installer should run")
    what.add_argument("--other-python", default="", metavar="EXE", help="a Python of the other bitness (32 or 64)")
    what.add_argument("--dll", default=Library.path, help="ask this library instead of the system's")
    for hidden in ("--ask", "--helper"):  # what the probe's own children are told
        what.add_argument(hidden, nargs="+" if hidden == "--helper" else 3, help=argparse.SUPPRESS)
    what.add_argument("--skip", action="append", default=[], help=argparse.SUPPRESS)
    return what


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if options.list:
        list_questions()
        return 0
    if not ON_WINDOWS:
        print("windows_probe.py asks the Restart Manager of Windows: run it there, with any Python from 3.8 on.",
              file=sys.stderr)  # fmt: skip
        return 2
    Library.path = options.dll
    if options.helper:
        HELPERS[options.helper[0]](*options.helper[1:])
        return 0
    if options.ask:
        name, answers, folder = options.ask
        return ask_here(name, answers, folder, options.skip, options.other_python)
    ask_all(options)
    print(f"The report is {options.output}. It names nobody: please attach it to an issue of the project.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
