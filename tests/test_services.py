# SPDX-License-Identifier: MIT
"""Services registered by name, and what only their manager knows: a real systemd on a real bus."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from rmcy.schema import AffectedListDict

from fix_systemd import AS_USER, USER, SystemdBox

pytestmark = pytest.mark.linux("units are systemd's")

ONESHOT = """
    [Unit]
    Description=It has run, é
    [Service]
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=/bin/true
"""
RUNS = """
    [Unit]
    Description=It runs
    [Service]
    Type=exec
    ExecStart=sleep infinity
"""
LISTS = """
    import json, sys, rmcy
    with rmcy.start() as session:
        session.register(services=sys.argv[2:])
        print(json.dumps(session.affected(timeout=float(sys.argv[1])).to_dict()))
"""


class Services:
    """Units of one test, and rmcy asked about units by name. All end with the test."""

    def __init__(self, box: SystemdBox) -> None:
        self.box = box
        self._started: list[str] = []

    def start(self, unit: str, text: str) -> int:
        self.box.write_unit(unit, text)
        self._started.append(unit)
        return self.box.start(unit)

    def listed(self, *names: str, timeout: float = 60.0) -> AffectedListDict:
        return json.loads(self.box.python(LISTS, str(timeout), *names))

    def end(self) -> None:
        if self._started:
            self.box.stop(*self._started)
            self.box.run("rm", *(f"/run/systemd/system/{unit}" for unit in self._started))
            self.box.run("systemctl", "daemon-reload")


@pytest.fixture
def services(systemd_box: SystemdBox) -> Iterator[Services]:
    services = Services(systemd_box)
    services.box.run("systemctl", "start", "dbus.service")
    yield services
    services.end()


def rows(answer: AffectedListDict) -> list[tuple[int, str | None]]:
    return [(app["process"]["pid"], app["service"]) for app in answer["apps"]]


def causes(answer: AffectedListDict) -> list[str]:
    """What is incomplete besides what is so for every process in a pid namespace of its own."""
    return [skip["cause"] for skip in answer["skipped"] if skip["cause"] != "namespace"]


def missing(answer: AffectedListDict) -> list[str]:
    return [name["path"] for name in answer["missing"]]


def test_an_active_service_without_a_process_is_listed(services: Services) -> None:
    """As process 0: there is none, but a stop would stop it and a start bring it back (ours)."""
    assert services.start("ran.service", ONESHOT) == 0
    answer = services.listed("ran.service")
    (app,) = answer["apps"]
    assert app["process"] == {"pid": 0, "start_time": "0"}
    assert (app["service"], app["service_manager_uid"], app["type"]) == ("ran.service", None, "service")
    assert (app["name"], app["exe"], app["uid"], app["uses"]) == ("It has run, é", None, None, [])
    assert (app["status"], app["restartable"]) == (["running"], True)
    assert (causes(answer), missing(answer)) == ([], [])


def test_what_the_system_needs_is_critical(services: Services) -> None:
    """By the name of its unit, with a process or without (ours)."""
    services.start("systemd-rmcy.service", ONESHOT)
    services.start("ran.service", ONESHOT)
    answer = services.listed("systemd-rmcy.service", "dbus.service", "ran.service")
    found = {app["service"]: (app["type"], app["restartable"]) for app in answer["apps"]}
    critical, plain = ("critical", False), ("service", True)
    assert found == {"systemd-rmcy.service": critical, "dbus.service": critical, "ran.service": plain}
    assert answer["reboot_reasons"] == ["critical_service"]


def test_a_service_that_holds_the_caller_is_critical(services: Services) -> None:
    """With all its processes: to stop one is to stop them all (ours)."""
    run = ["systemd-run", "--quiet", "--pipe", "--wait", "--unit=asks", "sh", "-c", 'sleep infinity & exec "$@"', "sh"]
    answer = json.loads(services.box.run(*run, *services.box.python_command(LISTS, "60", "asks.service")))
    assert [(app["service"], app["type"]) for app in answer["apps"]] == [("asks.service", "critical")] * 2
    assert answer["reboot_reasons"] == ["critical_service", "detected_self"]


def test_a_stopped_service_is_not_listed(services: Services) -> None:
    services.start("ran.service", ONESHOT)
    services.box.stop("ran.service")
    answer = services.listed("ran.service")
    assert (rows(answer), causes(answer), missing(answer)) == ([], [], [])


@pytest.mark.parametrize("name", ["unknown.service", "unknown", "a b", "a/../b.service", "n" * 250, "tpl@.service"])
def test_a_name_of_no_unit_is_missing(services: Services, name: str) -> None:
    """As a file that is not there: no error, for its package may be yet to come (ours)."""
    answer = services.listed(name)
    assert (rows(answer), causes(answer), missing(answer)) == ([], [], [name])


def test_a_service_that_comes_later_is_seen(services: Services) -> None:
    assert missing(services.listed("later.service")) == ["later.service"]
    pid = services.start("later.service", RUNS)
    answer = services.listed("later.service")
    assert (rows(answer), missing(answer)) == ([(pid, "later.service")], [])


def test_an_alias_is_the_unit(services: Services) -> None:
    services.box.run("ln", "-sf", "real.service", "/run/systemd/system/alias.service")
    services.box.run("ln", "-sf", "ran.service", "/run/systemd/system/has-run.service")
    pid = services.start("real.service", RUNS)
    services.start("ran.service", ONESHOT)
    answer = services.listed("alias.service", "has-run", "ran.service", "real")
    assert rows(answer) == [(0, "ran.service"), (pid, "real.service")]
    assert missing(answer) == []
    services.box.run("rm", "/run/systemd/system/alias.service", "/run/systemd/system/has-run.service")


def test_many_names_are_asked_about(services: Services) -> None:
    """More than dbus-daemon lets a connection have on the way."""
    pid = services.start("real.service", RUNS)
    names = [f"unknown-{n}.service" for n in range(300)]
    answer = services.listed(*names, "real.service")
    assert rows(answer) == [(pid, "real.service")]
    assert missing(answer) == names


@pytest.mark.parametrize("unit", ["-.slice", "box.target", "dbus.socket", "init.scope"])
def test_units_of_other_kinds_have_no_row_of_their_own(services: Services, unit: str) -> None:
    """They are no programs: what counts are the processes in their control group, if they have one (ours)."""
    answer = services.listed(unit)
    assert [service for pid, service in rows(answer) if pid == 0] == []
    assert missing(answer) == []


def test_services_have_their_long_name(services: Services) -> None:
    """In every list, whether they were registered or not."""
    path = services.box.write("/opt/long-name", "x")
    text = RUNS.replace("sleep infinity", f"sh -c 'exec 9<{path}; exec sleep infinity'")
    services.start(
        "real.service",
        text.replace("Type=exec", "Type=notify\nNotifyAccess=all").replace(
            "exec sleep", "systemd-notify --ready; exec sleep"
        ),
    )
    (app,) = services.box.who(path)["apps"]
    assert (app["name"], app["service"]) == ("It runs", "real.service")


def test_the_environment_does_not_choose_the_bus(services: Services) -> None:
    services.start("ran.service", ONESHOT)
    answer = services.box.run(
        "env", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere", *services.box.python_command(LISTS, "60", "ran.service")
    )
    assert rows(json.loads(answer)) == [(0, "ran.service")]


def test_without_a_service_manager_no_unit_is_there(private_store: Callable[..., str]) -> None:
    answer = json.loads(private_store(LISTS, "60", "dbus.service"))
    assert (rows(answer), missing(answer)) == ([], ["dbus.service"])


def test_a_users_own_services_are_asked_about(user_manager: SystemdBox, services: Services) -> None:
    """What the system's manager does not know may be the caller's own (ours)."""
    assert (user_manager.root / f"run/user/{USER}/bus").is_socket(), "install Debian's dbus-user-session"
    run = ["systemd-run", "--user", "--quiet", "--unit=mine", "--description=It is mine", "--property=Type=oneshot"]
    user_manager.run(*AS_USER, *run, "--remain-after-exit", "true")
    names = ("mine.service", "ran.service", "unknown.service")
    services.start("ran.service", ONESHOT)
    answer = json.loads(user_manager.run(*AS_USER, *user_manager.python_command(LISTS, "60", *names)))
    user_manager.run(*AS_USER, "systemctl", "--user", "stop", "mine.service")
    told = {app["service"]: (app["name"], app["service_manager_uid"], app["uid"]) for app in answer["apps"]}
    assert told == {
        "mine.service": ("It is mine", USER, USER),
        "ran.service": ("It has run, é", None, None),
    }
    assert missing(answer) == ["unknown.service"]
    assert missing(services.listed(*names)) == ["mine.service", "unknown.service"]


# ---- a bus that does not serve ----


@pytest.fixture
def stopped_bus(services: Services) -> Iterator[str]:
    """dbus-daemon takes connections, as the kernel does that for it, and says nothing."""
    pid = str(services.box.main_pid("dbus.service"))
    services.box.run("kill", "-STOP", pid)
    yield "blocked"
    services.box.run("kill", "-CONT", pid)


@pytest.fixture
def stopped_manager(services: Services) -> Iterator[str]:
    services.box.run("systemctl", "is-active", "dbus.service")
    services.box.freeze_manager()
    yield "blocked"
    services.box.thaw_manager()


@pytest.fixture
def no_private_socket(services: Services) -> Iterator[None]:
    """The manager's own socket, where root asks when there is no bus."""
    services.box.run("mv", "/run/systemd/private", "/run/systemd/elsewhere")
    yield
    services.box.run("mv", "/run/systemd/elsewhere", "/run/systemd/private")


@pytest.fixture
def no_bus(services: Services, no_private_socket: None) -> Iterator[str]:
    services.box.run("mv", "/run/dbus/system_bus_socket", "/run/dbus/elsewhere")
    yield "error"
    services.box.run("mv", "/run/dbus/elsewhere", "/run/dbus/system_bus_socket")


@pytest.fixture
def deaf_bus(services: Services, no_private_socket: None) -> Iterator[str]:
    """A socket that nobody listens to any more."""
    services.box.run("mv", "/run/dbus/system_bus_socket", "/run/dbus/elsewhere")
    services.box.python("import socket; socket.socket(socket.AF_UNIX).bind('/run/dbus/system_bus_socket')")
    yield "error"
    services.box.run("mv", "/run/dbus/elsewhere", "/run/dbus/system_bus_socket")


@pytest.fixture
def refusing_bus(services: Services) -> Iterator[str]:
    policy = "/etc/dbus-1/system.d/refuse.conf"
    services.box.write(
        policy,
        """\
        <busconfig><policy context="mandatory">
          <deny send_destination="org.freedesktop.systemd1"/>
        </policy></busconfig>
        """,
    )
    services.box.run("systemctl", "reload", "dbus.service")
    yield "permission"
    services.box.run("rm", policy)
    services.box.run("systemctl", "reload", "dbus.service")


@pytest.mark.parametrize("bus", ["stopped_bus", "stopped_manager", "no_bus", "deaf_bus", "refusing_bus"])
def test_control_groups_tell_where_the_manager_does_not(
    services: Services, bus: str, request: pytest.FixtureRequest
) -> None:
    """And what they cannot tell is said to be unknown, within the time that the caller gives."""
    pid = services.start("real.service", RUNS)
    services.start("ran.service", ONESHOT)
    cause = request.getfixturevalue(bus)

    known = services.listed("real.service", timeout=2.0)
    assert rows(known) == [(pid, "real.service")]
    assert (known["apps"][0]["name"], known["apps"][0]["type"]) == ("real.service", "service")
    assert causes(known) == []

    unknown = services.listed("real.service", "ran.service", "unknown.service", timeout=2.0)
    assert rows(unknown) == [(pid, "real.service")]
    assert (causes(unknown), missing(unknown), unknown["complete"]) == ([cause], [], False)
    assert unknown["stats"]["nanoseconds"] < 2_000_000_000
