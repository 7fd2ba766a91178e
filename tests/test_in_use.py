# SPDX-License-Identifier: MIT
"""What counts as use, and what does not: each with a real program that holds a real file."""

from __future__ import annotations

import _ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rmcy
from rmcy import AffectedList, FileUse, SkipCause, UseKind

from fix_holders import FOLDER, REPEATS, Argument, Holders
from fix_platform import for_linux
from fix_process import ON_WINDOWS, OWN_UID

# Without root an answer about all processes is incomplete on most systems.
SCOPE: rmcy.Scope = "all" if OWN_UID in (None, 0) else "mine"

# For what Windows itself sees, see the probe.
UNSEEN = "Wine does not show which files are only mapped"

# A shared library that programs can load.
LIBRARY = Path(_ctypes.__file__).parent / "libffi-8.dll" if ON_WINDOWS else rmcy.backend_info().library

# The pages of a program that runs are maps of its file as well.
WAYS = {
    "open_file": {UseKind.OPEN},
    "map_file": {UseKind.MAPPED},
    "load_library": {UseKind.MAPPED},
    "executable": {UseKind.EXECUTABLE, UseKind.MAPPED},
}


def make(way: str, path: Argument) -> None:
    """Make a file that can be held in that way."""
    source = {"load_library": LIBRARY, "executable": REPEATS}.get(way)
    if source:
        shutil.copy(source, path)
    else:
        Path(os.fsdecode(path)).write_bytes(b"x")


def hold(holders: Holders, way: str, path: Argument) -> int:
    return holders.start_executable(path) if way == "executable" else holders.start(way, path)


def use(path: Argument, kind: UseKind, of: os.stat_result, *, deleted: bool = False) -> FileUse:
    device = os.major(of.st_dev) << 32 | os.minor(of.st_dev)
    return FileUse(os.fsdecode(path), kind, deleted=deleted, device=device, inode=of.st_ino)


def uses(way: str, path: Argument, of: os.stat_result, *, deleted: bool = False) -> set[FileUse]:
    """What is told of a program; Windows tells who uses a file, not how."""
    if ON_WINDOWS:
        return set()
    return {use(path, kind, of, deleted=deleted) for kind in WAYS[way]}


def may_inspect(pid: int) -> bool:
    """Some machines have a process 1 that even root may not look into."""
    try:
        os.stat(f"/proc/{pid}/exe")
        os.stat(f"/proc/{pid}/fd/0")
    except PermissionError:
        return False
    except FileNotFoundError:
        pass
    return True


def found(answer: AffectedList) -> dict[int, set[FileUse]]:
    """Who holds what, in an answer that is right about itself."""
    for skip in answer.skipped:
        # Some other program of this machine may have been executing programs all the time, or be out of sight.
        assert skip.cause in (SkipCause.CHANGING, SkipCause.NAMESPACE, SkipCause.PERMISSION)
        for pid in skip.pids if skip.cause is SkipCause.PERMISSION else ():
            assert not may_inspect(pid)
    assert answer.complete == (not answer.skipped)
    assert answer.free == (answer.complete and len(answer) == 0)
    assert answer.missing == ()
    programs = {app.process.pid: app for app in answer}
    assert len(programs) == len(answer)
    for app in answer:
        assert app.process == rmcy.UniqueProcess.from_pid(app.process.pid)
        assert (app.uses is None) == ON_WINDOWS
        assert len(app.uses or ()) == len(set(app.uses or ()))
    return {pid: set(app.uses or ()) for pid, app in programs.items()}


def ask(*paths: Argument) -> dict[int, set[FileUse]]:
    return found(rmcy.who(*paths, scope=SCOPE))


@pytest.fixture
def registered() -> Iterator[Callable[[Argument], Callable[[], dict[int, set[FileUse]]]]]:
    """Register a file now, and list later."""
    with rmcy.start(label="in use") as session:

        def register(path: Argument) -> Callable[[], dict[int, set[FileUse]]]:
            session.register(path)
            return lambda: found(session.affected(scope=SCOPE))

        yield register


Registers = Callable[[Argument], Callable[[], dict[int, set[FileUse]]]]


@pytest.mark.parametrize("way", for_linux(WAYS, ["map_file"], UNSEEN))
def test_each_way_of_holding_is_found(way: str, tmp_path: Path, holders: Holders) -> None:
    path = tmp_path / "held"
    make(way, path)
    assert ask(path) == {}
    pid = hold(holders, way, path)
    assert ask(path) == {pid: uses(way, path, path.stat())}


@pytest.mark.linux("Windows tells who uses a file, not how")
def test_one_answer_tells_who_holds_which_file(tmp_path: Path, holders: Holders) -> None:
    paths = [tmp_path / name for name in ("first", "second", "nobody's")]
    for path in paths:
        make("open_file", path)
    first, second, _ = paths
    both = holders.start("open_file", first, before=["sh", "-c", 'exec 9<"$0" && exec "$@"', str(second)])
    one = holders.start("map_file", second)
    assert ask(*paths) == {
        both: uses("open_file", first, first.stat()) | uses("open_file", second, second.stat()),
        one: uses("map_file", second, second.stat()),
    }


@pytest.mark.linux("Windows tells who uses a file, not how")
def test_a_file_has_the_name_that_was_asked_about(tmp_path: Path, holders: Holders) -> None:
    path, hard, soft = tmp_path / "held", tmp_path / "hard", tmp_path / "soft"
    make("open_file", path)
    hard.hardlink_to(path)
    soft.symlink_to(path)
    pid = holders.start("open_file", hard)
    for name in (path, soft):
        assert ask(name) == {pid: uses("open_file", name, path.stat())}
    assert ask(path, soft) == {pid: uses("open_file", path, path.stat()) | uses("open_file", soft, path.stat())}


@pytest.mark.parametrize("way", for_linux(["open_file", "map_file", "executable"], ["map_file"], UNSEEN))
@pytest.mark.parametrize(
    "name",
    for_linux(
        [b"\xff\xfe", "\u00e9 \U0001f600".encode(), b"a\nb", b"x (deleted)"],
        [b"\xff\xfe", b"a\nb"],
        "names of Windows are text, without control characters",
    ),
)
def test_any_name_will_do(way: str, name: bytes, tmp_path: Path, holders: Holders) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    make(way, path)
    pid = hold(holders, way, path)
    assert ask(path) == {pid: uses(way, path, os.stat(path))}


@pytest.mark.linux("on Windows a file that is open can be neither replaced nor deleted")
@pytest.mark.parametrize("way", WAYS)
def test_replaced_by_rename(way: str, tmp_path: Path, holders: Holders, registered: Registers) -> None:
    path, new = tmp_path / "held", tmp_path / "new"
    make(way, path)
    make(way, new)
    listing = registered(path)
    old = hold(holders, way, path)
    before = path.stat()
    new.rename(path)
    innocent = hold(holders, way, path)
    assert listing() == {old: uses(way, path, before, deleted=True)}
    assert ask(path) == {innocent: uses(way, path, path.stat())}


@pytest.mark.linux("on Windows a file that is open can be neither replaced nor deleted")
@pytest.mark.parametrize("way", WAYS)
def test_deleted_after_it_was_registered(way: str, tmp_path: Path, holders: Holders, registered: Registers) -> None:
    path = tmp_path / "held"
    make(way, path)
    listing = registered(path)
    before = path.stat()
    pid = hold(holders, way, path)
    path.unlink()
    assert listing() == {pid: uses(way, path, before, deleted=True)}
    assert rmcy.who(path, scope=SCOPE).missing == (str(path),)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    answer = rmcy.who(tmp_path / "not", scope=SCOPE)
    assert (len(answer), answer.missing) == (0, (str(tmp_path / "not"),))


# ---- numbers that come again ----


def take_number(folder: Path, number: int) -> Path | None:
    """Make files until one has that inode number, as the next file that a package manager unpacks may have."""
    for attempt in range(256):
        path = folder / f"next-{attempt}"
        path.touch()
        if path.stat().st_ino == number:
            return path
    return None


@pytest.fixture
def reusing(tmp_path: Path, root: None) -> Iterator[Path]:
    """A folder of a file system that gives a number again at once: ext4 on a loop device."""
    image, folder = tmp_path / "image", tmp_path / "mounted"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    folder.mkdir()
    if not shutil.which("mkfs.ext4"):
        pytest.skip("mkfs.ext4 is not installed (Debian: e2fsprogs)")
    subprocess.run(["mkfs.ext4", "-q", "-I", "256", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.linux("on Windows a file that is open can be neither replaced nor deleted")
@pytest.mark.parametrize("way", WAYS)
def test_an_upgrade_names_nobody_innocent(way: str, reusing: Path, holders: Holders, registered: Registers) -> None:
    """In the manner of dpkg: the new file is renamed over the old one, and a third takes the old one's number."""
    path, new = reusing / "lib.so", reusing / "lib.so.dpkg-new"
    make(way, path)
    listing = registered(path)
    number = path.stat().st_ino
    make(way, new)
    new.rename(path)
    innocent = take_number(reusing, number)
    assert innocent is not None
    with innocent.open("wb") as file, path.open("rb") as like:
        shutil.copyfileobj(like, file)
    innocent.chmod(0o755)
    pid = hold(holders, way, innocent)
    assert listing() == {}
    assert ask(innocent) == {pid: uses(way, innocent, innocent.stat())}


# ---- other roots, other mounts ----


@pytest.mark.linux("mounts, roots and namespaces are Linux's")
def test_a_holder_in_another_root_is_found(tmp_path: Path, root: None, holders: Holders) -> None:
    path = tmp_path / "held"
    make("open_file", path)
    pid = holders.start("open_in_chroot", tmp_path, "/held")
    assert ask(path) == {pid: uses("open_file", path, path.stat())}


def in_namespace(script: str, *arguments: Argument) -> list[Argument]:
    """What to put before a command for it to run in a mount namespace that the script has set up."""
    unshare = ["unshare", "--mount", "--propagation", "private"]
    count = len(arguments)
    return [*unshare, "sh", "-c", f'set -e; {script}; shift {count}; exec "$@"', "sh", *arguments]


@pytest.mark.linux("mounts, roots and namespaces are Linux's")
@pytest.mark.parametrize("way", ["open_file", "map_file"])
def test_a_file_mounted_elsewhere_is_found(way: str, tmp_path: Path, root: None, holders: Holders) -> None:
    path, elsewhere = tmp_path / "held", tmp_path / "elsewhere"
    make("open_file", path)
    elsewhere.touch()
    pid = holders.start(way, elsewhere, before=in_namespace('mount --bind "$1" "$2"', path, elsewhere))
    assert ask(path) == {pid: uses(way, path, path.stat())}
    assert ask(elsewhere) == {}


@pytest.mark.linux("mounts, roots and namespaces are Linux's")
@pytest.mark.parametrize("way", ["open_file", "map_file"])
def test_the_same_path_may_be_another_file(way: str, tmp_path: Path, root: None, holders: Holders) -> None:
    path = tmp_path / "folder" / "held"
    path.parent.mkdir()
    make("open_file", path)
    other = in_namespace('mount -t tmpfs tmpfs "$1"; echo x >"$2"', path.parent, path)
    innocent = holders.start(way, path, before=other)
    assert ask(path) == {}
    pid = holders.start(way, path)
    assert ask(path) == {pid: uses(way, path, path.stat())}
    assert (Path(f"/proc/{innocent}/root{path}")).read_text() == "x\n"


# ---- programs that mislead ----


@pytest.mark.linux("a program of Windows has the name of its file")
@pytest.mark.parametrize("name", ["x) S 1 (y", "a\nb", "(deleted)", ") R 0 0 0"])
def test_a_program_may_call_itself_anything(name: str, tmp_path: Path, holders: Holders) -> None:
    path = tmp_path / "held"
    make("open_file", path)
    pid = holders.start("open_under_a_name", path, name)
    answer = rmcy.who(path, scope=SCOPE)
    assert found(answer) == {pid: uses("open_file", path, path.stat())}
    assert answer[0].exe == os.readlink(f"/proc/{pid}/exe")


def test_a_current_directory_is_no_use(tmp_path: Path, holders: Holders) -> None:
    path = tmp_path / "held"
    make("open_file", path)
    holders.start("stay_in_directory", tmp_path)
    assert ask(path) == {}


@pytest.mark.linux("a program of Windows does not become another one")
def test_a_program_that_executes_others_all_the_time(tmp_path: Path, holders: Holders) -> None:
    """It is told with what it holds all along, or said to keep changing: never left out in silence."""
    shell = shutil.which("sh")
    assert shell is not None
    path, one, other = tmp_path / "held", tmp_path / "one", tmp_path / "other"
    make("open_file", path)
    for copy in (one, other):
        shutil.copy(shell, copy)
    pid = holders.start_command([one, FOLDER / "execute_forever.sh", path, one, other])
    shells = {str(one), str(other)}
    for _ in range(50):
        answer = rmcy.who(path, one, other, scope=SCOPE)
        changing = {pid for skip in answer.skipped if skip.cause is SkipCause.CHANGING for pid in skip.pids}
        apps = {app.process.pid: app for app in answer}
        assert set(apps) <= {pid}
        assert (pid in apps) != (pid in changing)
        if pid in apps:
            told = {(file.path, file.kind) for file in apps[pid].uses or ()}
            assert (str(path), UseKind.OPEN) in told
            assert len({name for name, kind in told if kind is UseKind.EXECUTABLE} & shells) == 1
            assert apps[pid].exe in shells
        else:
            assert not answer.complete
