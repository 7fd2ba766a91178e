# SPDX-License-Identifier: MIT
"""A real systemd, process 1 of namespaces of its own on an overlay of /, once for all tests."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import TracebackType
from typing import Literal, Self, TypeAlias, cast

import pytest

import rmcy
from rmcy.schema import AffectedListDict

Layout: TypeAlias = Literal["unified", "hybrid", "legacy"]

SYSTEMD = Path("/lib/systemd/systemd")
BOOT_SECONDS = 60.0
# The user of the box who has a service manager, and what to put before a command for it to be that user's. It may
# read everything, for the Python that runs the tests may be root's own.
USER = 1234
AS_USER = (
    *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
    *("env", f"XDG_RUNTIME_DIR=/run/user/{USER}"),
)
# What would act on the machine instead of the box, or wait for devices that are not there.
MASKED = """
    systemd-journald-audit.socket systemd-logind.service systemd-modules-load.service systemd-pcrphase.service
    systemd-pcrphase-sysinit.service systemd-remount-fs.service systemd-sysusers.service systemd-timesyncd.service
    systemd-tmpfiles-setup.service systemd-tmpfiles-setup-dev.service systemd-udevd.service
    systemd-udev-trigger.service systemd-update-utmp.service
"""

NAMESPACES = "--mount --pid --fork --kill-child --uts --ipc --net --cgroup --propagation private"

# Version 1's hierarchy of systemd, mounted on $1 although this machine may have none.
V1 = 'mount -t cgroup -o none,name=systemd,xattr cgroup "$1"'

# $1: an empty directory. In control groups of its own before it unshares that namespace: its roots are what it is in
# then.
ENTER = f"""
    set -eu
    echo $$ >"$CGROUP/cgroup.procs"
    if [ "$LAYOUT" != unified ]; then
        {V1}; mkdir "$1/$NAME"; echo $$ >"$1/$NAME/cgroup.procs"; umount "$1"
    fi
    exec unshare {NAMESPACES} sh -c "$SETUP" sh "$@"
"""
LEAVE = f'{V1} && find "$1/$2" -depth -type d -exec rmdir {{}} +'

# $1: an empty directory; what follows: directories to be seen inside although they are not on /'s file system.
# LOWER: what the root is an overlay of, or empty for the same root. /proc/sys is read-only, or systemd-sysctl would
# set up this machine anew.
SETUP = r"""
    set -eu
    box=$1; shift
    mount -t tmpfs tmpfs "$box"
    root=$box/root; mkdir "$box/upper" "$box/work" "$root"
    if [ "$LOWER" ]; then
        mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$box/upper,workdir=$box/work" "$root"
    else
        mount --bind / "$root"
    fi
    mount -t proc proc "$root/proc"
    mount --bind "$root/proc/sys" "$root/proc/sys"; mount -o remount,bind,ro "$root/proc/sys"
    mount -t sysfs -o ro sysfs "$root/sys"
    # systemd takes what it finds. The tmpfs is read-only, or it would mount this machine's controllers as well.
    groups=$root/sys/fs/cgroup
    if [ "$LAYOUT" = unified ]; then
        mount -t cgroup2 cgroup2 "$groups"
    else
        mount -t tmpfs -o mode=755 tmpfs "$groups"; mkdir "$groups/systemd"
        mount -t cgroup -o none,name=systemd,xattr cgroup "$groups/systemd"
        [ "$LAYOUT" = legacy ] || { mkdir "$groups/unified"; mount -t cgroup2 cgroup2 "$groups/unified"; }
        mount -o remount,ro "$groups"
    fi
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for name in null zero full random urandom tty; do
        touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"
    done
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    ln -s pts/ptmx "$root/dev/ptmx"; ln -s /proc/self/fd "$root/dev/fd"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    for directory do
        mkdir -p "$root$directory"; mount --bind "$directory" "$root$directory"
        mount -o remount,bind,ro "$root$directory"
    done
    touch "$root/run/booted"; mount --bind "$NOTIFY" "$root/run/booted"
    mkdir -p "$root/run/systemd/system"
    printf '[Unit]\nRequires=dbus.socket\nAfter=dbus.socket\n' >"$root/run/systemd/system/box.target"
    for unit in $MASKED; do ln -s /dev/null "$root/run/systemd/system/$unit"; done
    hostname rmcy-box
    mkdir -p "$root/.old"; cd "$root"; pivot_root . .old; umount -l /.old
    exec env -i container=rmcy NOTIFY_SOCKET=/run/booted PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        setpriv --bounding-set -sys_module,-audit_control,-audit_read,-syslog,-sys_time,-sys_rawio,-sys_boot \
        "$SYSTEMD" --system --unit=box.target --log-target=console --show-status=false
"""

WHO = "import json, sys, rmcy; print(json.dumps(rmcy.who(*sys.argv[1:]).to_dict()))"


class System:
    """A running systemd, by the pid that its process 1 has here."""

    def __init__(self, leader: int) -> None:
        self.leader = leader

    @property
    def root(self) -> Path:
        return Path(f"/proc/{self.leader}/root")

    def inside(self, *command: str) -> list[str]:
        """The command that runs another one inside."""
        return ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--", *command]

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command inside, and give what it prints."""
        done = subprocess.run(self.inside(*command), check=False, capture_output=True, text=True)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def python_command(self, source: str, *arguments: str) -> list[str]:
        """The command that runs a program inside, with the rmcy that is tested here."""
        return ["env", "PYTHONSAFEPATH=1", sys.executable, "-W", "error", "-c", dedent(source), *arguments]

    def python(self, source: str, *arguments: str) -> str:
        """Run that command, and give what it prints."""
        return self.run(*self.python_command(source, *arguments))

    def who(self, *paths: str) -> AffectedListDict:
        """What rmcy inside says of these files."""
        return cast(AffectedListDict, json.loads(self.python(WHO, *paths)))

    def write(self, path: str, text: str) -> str:
        """Make a file inside, with its directories."""
        there = self.root / path.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(dedent(text))
        return path

    def write_unit(self, name: str, text: str) -> str:
        """Write a unit file and have systemd read it."""
        self.write(f"/run/systemd/system/{name}", text)
        self.run("systemctl", "daemon-reload")
        return name

    def start(self, unit: str) -> int:
        """Start a unit; its main process, or 0."""
        self.run("systemctl", "start", unit)
        return self.main_pid(unit)

    def stop(self, *units: str) -> None:
        self.run("systemctl", "stop", *units)

    def show(self, unit: str, what: str) -> str:
        return self.run("systemctl", "show", "--value", "-p", what, unit).strip()

    def main_pid(self, unit: str) -> int:
        """The main process of a unit, as it is numbered inside; 0 without one."""
        return int(self.show(unit, "MainPID"))

    def pid_of(self, other: System) -> int:
        """How another system's process 1 is numbered inside this one."""
        status = Path(f"/proc/{other.leader}/status").read_text()
        (pids,) = [line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")]
        return int(pids[-2])

    def boot_inside(self, unit: str) -> System:
        """Start one more systemd, as a service of this one: a container with all that belongs to it."""
        self.write("/opt/setup", SETUP)
        directory = f"/opt/{unit}.root"
        self.run("mkdir", "-p", directory)
        settings = {"LAYOUT": "unified", "LOWER": "", "MASKED": MASKED.replace("\n", " "), "SYSTEMD": str(SYSTEMD)}
        lines = [f'Environment="{name}={value}"' for name, value in settings.items()]
        lines += ["Type=notify", "NotifyAccess=all", "Delegate=yes", "KillSignal=SIGKILL"]
        lines += ["Environment=NOTIFY=/run/systemd/notify"]
        lines += [f"ExecStart=unshare {NAMESPACES} sh /opt/setup {directory} {' '.join(_seen_inside())}"]
        self.write_unit(unit, "[Service]\n" + "\n".join(lines) + "\n")
        self.run("systemctl", "start", unit)
        pid = (self.root / f"sys/fs/cgroup{self.show(unit, 'ControlGroup')}/init.scope/cgroup.procs").read_text()
        return System(int(pid.split()[0]))


class SystemdBox(System):
    """A booted system. Use it as a context manager; everything in it dies with it."""

    def __init__(self, layout: Layout = "unified") -> None:
        """`layout` of control groups: version 2, version 1 for systemd itself beside it (hybrid), version 1 alone."""
        self._layout = layout
        self._here = Path(tempfile.mkdtemp(prefix="rmcy-box-", dir="/var/tmp"))
        self._cgroup = _cgroup2() / self._here.name
        self._log = self._here / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._boot()
        except BaseException as error:
            if self._log.exists():
                error.add_note(self._log.read_text(errors="replace"))
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._process is not None:
            # With its process 1 a pid namespace ends altogether.
            self._process.kill()
            self._process.wait()
        if self._cgroup.exists():
            _wait_until_empty(self._cgroup)
            for directory, _names, _files in os.walk(self._cgroup, topdown=False):
                os.rmdir(directory)
        if self._layout != "unified":
            leave = ["unshare", "--mount", "--propagation", "private", "sh", "-c", LEAVE, "sh"]
            subprocess.run([*leave, self._here / "box", self._here.name], check=True)
        shutil.rmtree(self._here)

    def _boot(self) -> None:
        self._cgroup.mkdir()
        (self._here / "box").mkdir()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, self._log.open("wb") as log:
            notified.bind(str(self._here / "notify"))
            notified.settimeout(BOOT_SECONDS)
            command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private"]
            command += ["sh", "-c", dedent(ENTER), "sh", str(self._here / "box"), *_seen_inside()]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self._settings(),
            )
            self._wait_for_boot(notified)
        pid = self._process.pid
        self.leader = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
        self.run("systemctl", "is-system-running", "--wait", check=False)

    def _settings(self) -> dict[str, str]:
        """What the scripts above are told."""
        return {
            "CGROUP": str(self._cgroup),
            "LAYOUT": self._layout,
            "LOWER": "/",
            "MASKED": MASKED.replace("\n", " "),
            "NAME": self._here.name,
            "NOTIFY": str(self._here / "notify"),
            "SETUP": dedent(SETUP),
            "SYSTEMD": str(SYSTEMD),
        }

    def _wait_for_boot(self, notified: socket.socket) -> None:
        assert self._process is not None
        ended = os.pidfd_open(self._process.pid)
        try:
            while True:
                ready, _, _ = select.select([notified, ended], [], [], BOOT_SECONDS)
                if notified in ready and b"READY=1" in notified.recv(4096).split(b"\n"):
                    return
                if notified not in ready:
                    raise RuntimeError("systemd did not boot")
        finally:
            os.close(ended)

    def freeze_manager(self) -> None:
        """Stop systemd itself, as a debugger would; only from outside can process 1 be."""
        os.kill(self.leader, signal.SIGSTOP)

    def thaw_manager(self) -> None:
        os.kill(self.leader, signal.SIGCONT)


def _cgroup2() -> Path:
    """Where version 2 of control groups is mounted: on many machines beside version 1, not at the usual place."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if " - cgroup2 " in line:
            return Path(line.split()[4])
    raise LookupError("cgroup2 is not mounted")


def _seen_inside() -> list[str]:
    """The Python that runs the tests and the rmcy that they test; an overlay shows one file system only."""
    wanted = {sys.prefix, sys.base_prefix, str(Path(rmcy.__file__).parent.parent), *sys.path}
    return sorted(path for path in wanted if Path(path).is_dir() and path not in ("/", "/usr"))


def _wait_until_empty(cgroup: Path) -> None:
    """The kernel says so by POLLPRI; what has been killed may still be on its way out."""
    with (cgroup / "cgroup.events").open() as events:
        poll = select.poll()
        poll.register(events, select.POLLPRI)
        while "populated 0" not in events.read():
            assert poll.poll(BOOT_SECONDS * 1000), f"{cgroup} does not empty"
            events.seek(0)


def _obstacle() -> str | None:
    if os.geteuid() != 0:
        return "systemd in namespaces of its own needs root"
    if not SYSTEMD.exists():
        return "systemd is not installed (Debian: systemd, systemd-sysv, dbus)"
    try:
        _cgroup2()
    except LookupError as error:
        return str(error)
    missing = [name for name in ("unshare", "nsenter", "setpriv", "dbus-daemon") if not shutil.which(name)]
    return f"there is no {', '.join(missing)}" if missing else None


def _boot(layout: Layout) -> Iterator[SystemdBox]:
    obstacle = _obstacle()
    if obstacle:
        pytest.skip(obstacle)
    with SystemdBox(layout) as box:
        yield box


@pytest.fixture(scope="session")
def systemd_box() -> Iterator[SystemdBox]:
    yield from _boot("unified")


@pytest.fixture
def own_box() -> Iterator[SystemdBox]:
    """One that nobody else uses, for a test that does something to all of its programs."""
    yield from _boot("unified")


@pytest.fixture(scope="module", params=["hybrid", "legacy"])
def older_box(request: pytest.FixtureRequest) -> Iterator[SystemdBox]:
    """With the control groups of systems such as RHEL 8, where the unit is on the line `name=systemd`."""
    yield from _boot(request.param)


@pytest.fixture(scope="session")
def user_known(systemd_box: SystemdBox) -> SystemdBox:
    """A user whose manager can be started: user@1234.service as it is, but for what needs logind and PAM."""
    box = systemd_box
    with (box.root / "etc/passwd").open("a") as passwd:
        passwd.write(f"editor:x:{USER}:{USER}::/home/editor:/bin/sh\n")
    box.write_unit("user-runtime-dir@.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n")
    box.run("install", "-d", "-m", "700", "-o", str(USER), "-g", str(USER), f"/run/user/{USER}", "/home/editor")
    box.write_unit(
        "user@.service.d/no-pam.conf", f"[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/{USER}\n"
    )
    return box


@pytest.fixture
def user_manager(user_known: SystemdBox) -> SystemdBox:
    """That user's manager, and it can speak to the system's.

    It connects to the system's bus once, when it starts, and never again: after a test that took the bus away it can
    move no process into a scope, which it has to ask the system's manager for.
    """
    box, unit = user_known, f"user@{USER}.service"
    bus = "dbus.service"
    box.run("systemctl", "start", bus)
    started = [int(box.show(name, "ActiveEnterTimestampMonotonic")) for name in (bus, unit)]
    box.run("systemctl", "restart" if started[1] < started[0] else "start", unit)
    return box
