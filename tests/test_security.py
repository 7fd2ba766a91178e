# SPDX-License-Identifier: MIT
"""The rules of docs/security.md that no other test holds."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest

import rmcy

from correctness.lab import USER, Lab, compiled
from correctness.ways import can_filter
from fix_program import Program

pytestmark = pytest.mark.linux("the rules are about /proc, signals and other users' programs")

TESTS = Path(__file__).parent
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become other users and to mount")


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Unlike tmp_path, a place that other users can enter."""
    with TemporaryDirectory(prefix="rmcy-case-") as name:
        Path(name).chmod(0o755)
        with Lab(Path(name)) as lab:
            yield lab


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def start(stack: ExitStack, command: list[str | bytes | Path], **how: object) -> int:
    """Start a holder in a way of the test's own."""
    process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **how
    )
    stack.callback(process.communicate)
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"ready")
    return process.pid


def run_asker(source: str, *arguments: str | Path, prefix: tuple[str, ...] = ()) -> object:
    """Run a Python program that prints JSON."""
    command = [*prefix, sys.executable, "-c", dedent(source), *arguments]
    environment = os.environ | {"PYTHONPATH": str(TESTS), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, (done.returncode, done.stderr)
    return json.loads(done.stdout)


SEALED = """
    import json, sys
    import rmcy
    from correctness.without import forbid_acting

    with rmcy.start() as session:
        session.register(sys.argv[1:])
        forbid_acting()
        print(json.dumps([app.exe for app in session.affected()]))
"""


@pytest.mark.skipif(not can_filter(), reason="this kernel has no seccomp filters")
def test_looking_executes_nothing_and_signals_nobody(lab: Lab, stack: ExitStack) -> None:
    file, directory = lab.file(), lab.place()
    mark = lab.place() / "mark"
    name = f"$(touch {mark.name});`touch {mark.name}`\n;"
    program = directory / name
    shutil.copy(compiled("holder"), program)
    for module in ("rmcy.py", "sitecustomize.py", "encodings.py"):
        (directory / module).write_text(f"open({str(mark)!r}, 'w')")
    start(stack, [program, "fd", file], cwd=directory, env={"PYTHONPATH": str(directory), "LD_LIBRARY_PATH": "."})
    assert run_asker(SEALED, file) == [str(program)]
    assert not mark.exists()


@pytest.mark.parametrize("seal", ["forbid_acting", "forbid_signals_by_number"])
def test_the_seal_kills_who_acts(seal: str) -> None:
    source = f"from correctness.without import {seal} as forbid; import os; forbid(); os.kill(os.getpid(), 0)"
    environment = os.environ | {"PYTHONPATH": str(TESTS), "PYTHONSAFEPATH": "1"}
    if not can_filter():
        pytest.skip("this kernel has no seccomp filters")
    done = subprocess.run([sys.executable, "-c", source], check=False, env=environment)
    assert done.returncode == -signal.SIGSYS


STOPS = """
    import json, sys
    import rmcy
    from correctness.without import forbid_signals_by_number

    with rmcy.start() as session:
        session.register(sys.argv[1:])
        forbid_signals_by_number()
        stopped = session.shutdown(force=True, app_timeout=0.01)
        stopped.leave_stopped()
        print(json.dumps(stopped.outcome.ok))
"""
HOLDS = "import sys; held = open(sys.argv[1]); print('ready', flush=True)"
IGNORES = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HOLDS


@pytest.mark.skipif(not can_filter(), reason="this kernel has no seccomp filters")
def test_stopping_signals_through_pidfds_alone(tmp_path: Path) -> None:
    (tmp_path / "held").touch()
    with Program(HOLDS, str(tmp_path / "held")) as holds, Program(IGNORES, str(tmp_path / "held")) as ignores:
        assert run_asker(STOPS, tmp_path / "held") is True
        assert (holds.process.wait(), ignores.process.wait()) == (-signal.SIGTERM, -signal.SIGKILL)


TRIES_TO_STOP = """
    import json, os, resource, sys
    import rmcy

    with rmcy.start() as session:
        session.register(sys.argv[2:])
        if sys.argv[1] != "0":
            open_now = len(os.listdir("/proc/self/fd"))
            resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + int(sys.argv[1]),) * 2)
        try:
            session.shutdown()
        except rmcy.RestartManagerError as error:
            print(json.dumps(error.code))
"""
NO_PIDFDS = (sys.executable, str(TESTS / "correctness/without.py"), "pidfd_open", "--")


@pytest.mark.parametrize(
    ("prefix", "spare", "code"),
    [
        pytest.param(
            NO_PIDFDS,
            0,
            120,
            marks=pytest.mark.skipif(not can_filter(), reason="this kernel has no seccomp filters"),
            id="no pidfds",
        ),
        pytest.param((), 20, 14, id="more programs than descriptors"),
    ],
)
def test_where_nobody_can_be_pinned_nobody_is_signalled(
    tmp_path: Path, stack: ExitStack, prefix: tuple[str, ...], spare: int, code: int
) -> None:
    """Rather than the ones that could be (ours, and so are the codes)."""
    (tmp_path / "held").touch()
    holders = []
    for _ in range(30):
        with (tmp_path / "held").open() as held:
            holders.append(subprocess.Popen(["sleep", "infinity"], stdin=held))
        stack.callback(holders[-1].wait)
        stack.callback(holders[-1].kill)
    assert run_asker(TRIES_TO_STOP, str(spare), tmp_path / "held", prefix=prefix) == code
    assert [holder.poll() for holder in holders] == [None] * 30


def test_environment_directory_and_arguments_change_nothing(lab: Lab, stack: ExitStack) -> None:
    file, program, place = lab.file(), lab.program(), lab.place()
    plain = start(stack, [program, "fd", file])
    odd = start(
        stack,
        [b"/usr/lib/systemd/systemd\xff\n(deleted)", "fd", file],
        executable=program,
        cwd=place,
        env={"PATH": str(place), "XDG_RUNTIME_DIR": str(place), "RMCY_SESSION_KEY": "0" * 32, "LISTEN_PID": "1"},
    )
    apps = {app.process.pid: app for app in rmcy.who(file)}
    assert apps.keys() == {plain, odd}
    told = [(a.name, a.exe, a.uid, a.service, a.type, a.status, a.restartable, a.uses) for a in apps.values()]
    assert told[0] == told[1]
    assert told[0][:2] == (program.name, str(program))


LOOKS_ONLY = """
    import json, os, sys
    import rmcy

    def may_signal(pid):
        try:
            os.kill(pid, 0)
        except PermissionError:
            return False
        return True

    apps = rmcy.who(sys.argv[1])
    print(json.dumps([[app.process.pid, app.type, may_signal(app.process.pid)] for app in apps]))
"""


@needs_root
def test_looking_needs_no_right_to_act(lab: Lab) -> None:
    file = lab.file()
    holder = lab.hold("fd", file)
    rights = "+sys_ptrace,+dac_read_search"
    user = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups")
    looker = (*user, f"--inh-caps={rights}", f"--ambient-caps={rights}", f"--bounding-set=-all,{rights}")
    assert run_asker(LOOKS_ONLY, file, prefix=looker) == [[holder.pid, rmcy.AppType.CRITICAL, False]]


def serve(stack: ExitStack, source: Path, target: Path) -> subprocess.Popen[bytes]:
    """Start a file server in the foreground and wait until the kernel says that its mount is there."""
    if shutil.which("bindfs") is None:
        pytest.skip("bindfs is not installed")
    with Path("/proc/self/mounts").open() as mounts:
        changed = select.poll()
        changed.register(mounts, select.POLLPRI)
        server = stack.enter_context(subprocess.Popen(["bindfs", "-f", source, target]))
        while f" {target} " not in mounts.read():
            changed.poll()
            mounts.seek(0)
    stack.callback(subprocess.run, ["umount", target], check=True)
    return server


@needs_root
def test_a_file_server_that_is_stopped_keeps_nobody_waiting(lab: Lab, stack: ExitStack) -> None:
    source, other, target = lab.file(), lab.file(), lab.place()
    server = serve(stack, source.parent, target)
    served = target / source.name
    holder, neighbour = lab.hold("fd", served, "map", served), lab.hold("fd", other)
    stack.callback(holder.end)
    with rmcy.start() as session:
        session.register([served, other])
        server.send_signal(signal.SIGSTOP)
        stack.callback(server.send_signal, signal.SIGCONT)
        answer = session.affected()
    named = {app.process.pid for app in answer}
    skipped = {pid for skip in answer.skipped for pid in skip.pids}
    assert neighbour.pid in named
    assert holder.pid in named | skipped


def test_page_names_tests_that_exist() -> None:
    page = (TESTS.parent / "docs" / "security.md").read_text()
    names = set(re.findall(r"`(test_\w+|fuzz_\w+)`", page))
    assert names
    sources = [*TESTS.glob("**/*.py"), *TESTS.glob("**/*.c")]
    text = "\n".join(path.read_text(errors="replace") for path in sources) + "\n".join(path.stem for path in sources)
    assert {name for name in names if not re.search(rf"\b{name}\b", text)} == set()
