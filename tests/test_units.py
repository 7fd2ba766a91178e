# SPDX-License-Identifier: MIT
"""A process of a systemd unit comes with the unit's whole name: real units of a real systemd."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import rmcy
from rmcy.schema import AffectedAppDict

from fix_systemd import AS_USER, USER, System, SystemdBox

pytestmark = pytest.mark.linux("units are systemd's")

LONG = "long-" + "n" * 200 + ".service"

# Hold a file; say so to the service manager or, for a parent that waits, on standard output.
HOLDER = r"""#!/bin/sh
    exec 9<"$1"
    if [ -n "${2-}" ]; then
        own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
        mkdir -p "$own$2" && echo $$ >"$own$2/cgroup.procs"
    fi
    if [ -n "${NOTIFY_SOCKET-}" ]; then
        systemd-notify --ready && exec sleep infinity
    else
        echo ready; read -r end
    fi
"""

# What the C structure has room for.
SHORT_NAMES = """
    import ctypes, json, sys, rmcy
    library = ctypes.CDLL(rmcy.backend_info().library)
    with rmcy.start() as session:
        session.register(sys.argv[1])
        rows = (ctypes.c_char * (668 * 16))()
        needed, count, reasons = ctypes.c_uint(), ctypes.c_uint(16), ctypes.c_uint()
        code = library.RmGetList(session.handle, *map(ctypes.byref, (needed, count)), rows, ctypes.byref(reasons))
        assert code == 0, code
        rows = [rows.raw[668 * i : 668 * (i + 1)] for i in range(count.value)]
        print(json.dumps([row[524:652].decode("utf-16-le").split("\\0")[0] for row in rows]))
"""


class Units:
    """Units of one test, each holding a file; they end with it."""

    def __init__(self, box: System) -> None:
        self.box = box
        self._started: list[str] = []
        box.write("/opt/holder", HOLDER)

    def file(self, name: str = "held") -> str:
        return self.box.write(f"/opt/{name}", "x")

    def start(self, unit: str, path: str, *settings: str, below: str = "", file_name: str | None = None) -> int:
        """Start a service that has `path` open; its main process."""
        service = [
            "[Service]",
            "Type=notify",
            "NotifyAccess=all",
            *settings,
            f"ExecStart=sh /opt/holder {path} {below}",
        ]
        self.box.write_unit(file_name or unit, "\n".join(service) + "\n")
        self._started.append(unit)
        return self.box.start(unit)

    @contextmanager
    def run(self, path: str, *before: str) -> Iterator[None]:
        """Run a program that has `path` open and is started by `before`."""
        command = self.box.inside(*before, "sh", "/opt/holder", path)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == b"ready\n"
            yield
            program.communicate()

    def end(self) -> None:
        if self._started:
            self.box.stop(*self._started)


@pytest.fixture
def units(systemd_box: SystemdBox) -> Iterator[Units]:
    units = Units(systemd_box)
    yield units
    units.end()


def only(box: System, path: str) -> AffectedAppDict:
    (app,) = box.who(path)["apps"]
    return app


@pytest.mark.parametrize(
    ("unit", "file_name"),
    [
        ("simple.service", None),
        ("tpl@x.service", "tpl@.service"),
        (r"tpl@a\x2db-c.service", "tpl@.service"),
        ("_under.service", None),
        ("name.service.service", None),
    ],
)
def test_a_process_of_a_service_has_its_whole_name(units: Units, unit: str, file_name: str | None) -> None:
    path = units.file()
    pid = units.start(unit, path, file_name=file_name)
    app = only(units.box, path)
    assert (app["process"]["pid"], app["service"], app["type"]) == (pid, unit, "service")
    assert (app["service_manager_uid"], app["name"], app["uid"]) == (None, unit, 0)
    assert [(use["path"], use["kind"]) for use in app["uses"] or ()] == [(path, "open")]


def test_the_command_line_says_the_same(units: Units) -> None:
    path = units.file()
    units.start("simple.service", path)
    said = json.loads(units.box.run(sys.executable, "-P", "-m", "rmcy", "who", "--json", path))
    assert [app["service"] for app in said["apps"]] == ["simple.service"]
    assert said["apps"] == units.box.who(path)["apps"]


def test_the_table_has_the_program_beside_its_unit(units: Units) -> None:
    """A service's name can be a title of many words: the table shows the file that runs."""
    path = units.file()
    pid = units.start("simple.service", path)
    table = units.box.run(sys.executable, "-P", "-m", "rmcy", "who", path).splitlines()
    assert [line.split() for line in table] == [
        ["PID", "Program", "Service", "User", "Holds", "File"],
        [str(pid), "sleep", "simple", "root", "open", path],
    ]


def test_a_long_name_is_whole_though_its_short_form_is_cut(units: Units) -> None:
    path = units.file()
    units.start(LONG, path)
    app = only(units.box, path)
    assert (app["service"], app["type"]) == (LONG, "service")
    assert json.loads(units.box.python(SHORT_NAMES, path)) == [LONG[:63]]


def test_slices_are_no_units_of_programs(units: Units) -> None:
    path = units.file()
    units.start("sliced.service", path, "Slice=outer-inner.slice")
    assert units.box.show("sliced.service", "ControlGroup") == "/outer.slice/outer-inner.slice/sliced.service"
    assert only(units.box, path)["service"] == "sliced.service"


def test_a_scope_is_named_but_is_no_service(units: Units) -> None:
    """Its processes were started by somebody else, who alone can start them again (ours)."""
    path = units.file()
    with units.run(path, "systemd-run", "--quiet", "--scope", "--unit=work"):
        app = only(units.box, path)
    assert (app["service"], app["type"], app["service_manager_uid"]) == ("work.scope", "console", None)


def test_the_outermost_unit_counts(units: Units) -> None:
    """What a service does with the control groups below its own is its affair: a container's init looks like that."""
    path = units.file()
    units.start("container.service", path, "Delegate=yes", below="/payload/system.slice/inner.service")
    pid = units.box.main_pid("container.service")
    cgroup = (units.box.root / f"proc/{pid}/cgroup").read_text()
    assert cgroup.rstrip().endswith("/container.service/payload/system.slice/inner.service")
    assert only(units.box, path)["service"] == "container.service"


def test_a_containers_own_systemd_is_part_of_a_unit(units: Units) -> None:
    """The service that runs the container is what this system can stop; inside it is the container's own."""
    container = units.box.boot_inside("machine.service")
    inner = Units(container)
    path = inner.file("inner")
    inner.start("inner.service", path)
    seen = f"/proc/{units.box.pid_of(container)}/root{path}"
    assert only(container, path)["service"] == "inner.service"
    app = only(units.box, seen)
    assert (app["service"], app["type"]) == ("machine.service", "service")
    units.box.stop("machine.service")


def test_a_process_of_no_unit_has_none(units: Units) -> None:
    path = units.file()
    with units.run(path):
        app = only(units.box, path)
    assert (app["service"], app["service_manager_uid"], app["type"]) == (None, None, "console")


def test_several_units_in_one_answer(units: Units) -> None:
    path, other = units.file(), units.file("other")
    held = {"one.service": path, "two.service": path, "tpl@3.service": other}
    pids = {units.start(unit, held[unit], file_name="tpl@.service" if "@" in unit else None): unit for unit in held}
    apps = units.box.who(path, other)["apps"]
    assert {app["process"]["pid"]: app["service"] for app in apps} == pids
    assert {app["service"]: [use["path"] for use in app["uses"] or ()] for app in apps} == {
        unit: [path] for unit, path in held.items()
    }


REGISTERS = """
    import json, sys, rmcy
    with rmcy.start() as session:
        session.register(services=sys.argv[1:])
        print(json.dumps(session.affected().to_dict()))
"""


@pytest.mark.parametrize("name", ["named.service", "named"])
def test_a_registered_service_lists_its_processes_without_a_file(units: Units, name: str) -> None:
    pid = units.start("named.service", units.file())
    units.start("other.service", units.file("other"))
    (app,) = json.loads(units.box.python(REGISTERS, name))["apps"]
    assert (app["process"]["pid"], app["service"], app["type"], app["uses"]) == (pid, "named.service", "service", [])


def test_services_of_another_system_are_not_ours(units: Units) -> None:
    """Seen from outside, the processes of the box belong to no unit that this system's manager knows (ours)."""
    path = units.file()
    units.start("simple.service", path)
    outside = str(units.box.root) + path
    (app,) = rmcy.who(outside)
    assert (app.service, app.service_manager_uid, app.type) == (None, None, rmcy.AppType.CONSOLE)
    assert [(use.path, use.kind) for use in app.uses or ()] == [(outside, "open")]
    with rmcy.start() as session:
        session.register(services="simple.service")
        assert list(session.affected()) == []


# ---- version 1 of control groups, with and without version 2 beside it ----


@pytest.fixture
def older_units(older_box: SystemdBox) -> Iterator[Units]:
    units = Units(older_box)
    yield units
    units.end()


@pytest.mark.parametrize(
    ("unit", "file_name", "settings"),
    [
        ("simple.service", None, ()),
        ("tpl@x.service", "tpl@.service", ()),
        ("sliced.service", None, ("Slice=outer-inner.slice",)),
        (LONG, None, ()),
    ],
    ids=["simple", "template", "slice", "long"],
)
def test_older_control_groups_tell_services(
    older_units: Units, unit: str, file_name: str | None, settings: tuple[str, ...]
) -> None:
    box, path = older_units.box, older_units.file()
    pid = older_units.start(unit, path, *settings, file_name=file_name)
    named = [line for line in box.run("cat", f"/proc/{pid}/cgroup").splitlines() if ":name=systemd:" in line]
    assert len(named) == 1
    assert named[0].endswith(f"/{unit}")
    app = only(box, path)
    assert (app["process"]["pid"], app["service"], app["type"]) == (pid, unit, "service")
    assert [(row["process"]["pid"], row["service"]) for row in json.loads(box.python(REGISTERS, unit))["apps"]] == [
        (pid, unit)
    ]


def test_older_control_groups_tell_scopes(older_units: Units) -> None:
    path = older_units.file()
    with older_units.run(path, "systemd-run", "--quiet", "--scope", "--unit=work"):
        app = only(older_units.box, path)
    assert (app["service"], app["type"]) == ("work.scope", "console")


def test_older_control_groups_tell_of_no_unit(older_units: Units) -> None:
    path = older_units.file()
    with older_units.run(path):
        app = only(older_units.box, path)
    assert (app["service"], app["type"]) == (None, "console")


# ---- a user's own service manager ----


def test_a_users_manager_is_a_service_of_the_system(user_manager: SystemdBox) -> None:
    pid = user_manager.main_pid(f"user@{USER}.service")
    executable = str(Path(f"/proc/{user_manager.leader}/exe").readlink())
    (app,) = [app for app in user_manager.who(executable)["apps"] if app["process"]["pid"] == pid]
    assert (app["service"], app["service_manager_uid"], app["uid"]) == (f"user@{USER}.service", None, USER)


def test_a_users_service_comes_with_its_manager(user_manager: SystemdBox, units: Units) -> None:
    path = units.file()
    run = ["systemd-run", "--user", "--quiet", "--unit=edit", "--property=Type=notify", "--property=NotifyAccess=all"]
    user_manager.run(*AS_USER, *run, "sh", "/opt/holder", path)
    app = only(user_manager, path)
    user_manager.run(*AS_USER, "systemctl", "--user", "stop", "edit.service")
    assert (app["service"], app["service_manager_uid"], app["uid"]) == ("edit.service", USER, USER)
    assert app["type"] == "service"


def test_a_users_scope_comes_with_its_manager(user_manager: SystemdBox, units: Units) -> None:
    path = units.file()
    with units.run(path, *AS_USER, "systemd-run", "--user", "--quiet", "--scope", "--unit=edit"):
        app = only(user_manager, path)
    assert (app["service"], app["service_manager_uid"], app["type"]) == ("edit.scope", USER, "console")
