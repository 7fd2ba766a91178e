# SPDX-License-Identifier: MIT
"""Services that hold a file: stopped by a real systemd, with all that goes down with them, and brought back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fix_systemd import AS_USER, USER, SystemdBox

pytestmark = pytest.mark.linux("units are systemd's")

HELD = "/opt/held"
HOLDS = f"""
    [Unit]
    Description=It holds the file
    [Service]
    Type=exec
    ExecStart=sh -c 'exec sleep infinity <{HELD}'
"""
RUNS = "[Service]\nType=exec\nExecStart=sleep infinity\n"
ACTS = """
    import json, sys, rmcy
    services, masked, options = map(json.loads, sys.argv[1:])
    progress = []
    with rmcy.start() as session:
        session.register(["/opt/held"], services=services)
        for name in masked:
            session.add_filter("no_shutdown", service=name)
        stopped = session.shutdown(on_progress=lambda p: progress.append(p.percent), partial_ok=True, **options)
        down = stopped.outcome.to_dict()
        listed = session.affected().to_dict()
        error = None
        try:
            stopped.restart()
        except rmcy.RestartManagerError as e:
            error = e.code
        up = stopped.outcome.to_dict()
        print(json.dumps(dict(down=down, listed=listed, up=up, progress=progress, error=error)))
"""


class Units:
    """Units of one test: written, started, and all gone at its end."""

    def __init__(self, box: SystemdBox) -> None:
        self.box = box
        self._written: list[str] = []
        box.write(HELD, "x")

    def write(self, unit: str, text: str) -> str:
        self.box.write_unit(unit, text)
        self._written.append(unit)
        return unit

    def start(self, unit: str, text: str) -> str:
        self.box.run("systemctl", "start", self.write(unit, text))
        return unit

    def act(self, services: tuple[str, ...] = (), masked: tuple[str, ...] = (), **options: object) -> dict[str, Any]:
        return json.loads(self.box.python(ACTS, json.dumps(services), json.dumps(masked), json.dumps(options)))

    def end(self) -> None:
        self.box.run("systemctl", "kill", "-s", "KILL", *self._written, check=False)
        self.box.run("systemctl", "stop", *self._written, check=False)
        self.box.run("systemctl", "reset-failed", check=False)
        self.box.run("rm", "-f", *(f"/run/systemd/system/{unit}" for unit in self._written))
        self.box.run("systemctl", "daemon-reload")


@pytest.fixture
def units(systemd_box: SystemdBox) -> Iterator[Units]:
    units = Units(systemd_box)
    yield units
    units.end()


def by_unit(outcome: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {program["service"]: program for program in outcome["programs"]}


def test_a_service_comes_back_as_another_process(units: Units) -> None:
    unit = units.start("holder.service", HOLDS)
    before = units.box.main_pid(unit)
    done = units.act()
    (down,), (up,) = done["down"]["programs"], done["up"]["programs"]
    assert (down["process"]["pid"], down["service"], down["action"], down["status"]) == (
        before,
        unit,
        "unit",
        ["stopped"],
    )
    assert units.box.main_pid(unit) == up["now"]["pid"] not in (0, before)
    assert up["status"] == ["running", "stopped", "restarted"]
    assert up["verified"]
    assert up["still_holds"]
    assert done["progress"] == [0, 99, 100]
    assert done["error"] is None
    assert [(app["service"], app["status"]) for app in done["listed"]["apps"]] == [(unit, ["stopped"])]


def test_what_goes_down_with_it_comes_back(units: Units) -> None:
    """Requires=, BindsTo= and PartOf=, over two steps; what does not depend on it stays as it is."""
    units.write("base.service", HOLDS)
    units.start("requires.service", "[Unit]\nRequires=base.service\nAfter=base.service\n" + RUNS)
    units.start("above.service", "[Unit]\nBindsTo=requires.service\nAfter=requires.service\n" + RUNS)
    units.start("part.service", "[Unit]\nPartOf=base.service\n" + RUNS)
    units.start("other.service", RUNS)
    units.write("idle.service", "[Unit]\nRequires=base.service\n" + RUNS)  # not active: nothing to bring back
    names = ["base.service", "requires.service", "above.service", "part.service", "other.service"]
    before = [units.box.main_pid(name) for name in names]
    done = units.act()
    down, up = by_unit(done["down"]), by_unit(done["up"])
    assert set(down) == set(names[:4])
    assert all(item["status"] == ["stopped"] for item in down.values())
    assert [item["service"] for item in done["down"]["programs"]][-1] == "base.service"
    assert {name: item["cause"] for name, item in down.items()} == {
        "base.service": "none",
        "requires.service": "depends",
        "above.service": "depends",
        "part.service": "depends",
    }
    assert all(item["verified"] for item in up.values())
    after = [units.box.main_pid(name) for name in names]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, False, False, True]
    assert 0 not in after
    assert units.box.show("idle.service", "ActiveState") == "inactive"


def test_what_would_start_it_again_is_stopped_first(units: Units) -> None:
    units.write("woken.service", HOLDS)
    units.start("woken.socket", "[Socket]\nListenStream=/run/woken\n")
    units.start("woken.timer", "[Timer]\nOnActiveSec=1h\n")
    units.start("woken.path", "[Path]\nPathExists=/opt/none\n")
    units.box.run("systemctl", "start", "woken.service")
    done = units.act()
    services = [program["service"] for program in done["down"]["programs"]]
    assert sorted(services[:3]) == ["woken.path", "woken.socket", "woken.timer"]
    assert services[3:] == ["woken.service"]
    assert {item["cause"] for item in done["down"]["programs"][:3]} == {"triggers"}
    assert all(item["status"] == ["stopped"] for item in done["down"]["programs"])
    assert done["up"]["ok"]
    for unit in services:
        assert units.box.show(unit, "ActiveState") == "active", unit


def test_who_refuses_is_left_alone(units: Units) -> None:
    units.start("holder.service", HOLDS)
    units.start("stubborn.service", "[Unit]\nRefuseManualStop=yes\n" + HOLDS)
    before = units.box.main_pid("stubborn.service")
    down = by_unit(units.act(on_critical="refuse")["down"])
    assert {name: (item["action"], item["cause"]) for name, item in down.items()} == {
        "holder.service": ("none", "nothing_done"),
        "stubborn.service": ("none", "refuses"),
    }
    done = units.act()
    down = by_unit(done["down"])
    assert {name: (item["action"], item["cause"]) for name, item in down.items()} == {
        "holder.service": ("unit", "none"),
        "stubborn.service": ("none", "refuses"),
    }
    assert down["stubborn.service"]["still_holds"]
    assert done["down"]["reboot_reasons"] == ["critical_service"]
    assert units.box.main_pid("stubborn.service") == before


def test_who_refuses_goes_down_with_what_it_depends_on(units: Units) -> None:
    """A stop by hand is what it refuses, says systemd."""
    units.write("base.service", HOLDS)
    units.start("stubborn.service", "[Unit]\nRefuseManualStop=yes\nRequires=base.service\nAfter=base.service\n" + RUNS)
    before = units.box.main_pid("stubborn.service")
    done = units.act()
    assert {name: (item["cause"], item["status"]) for name, item in by_unit(done["down"]).items()} == {
        "base.service": ("none", ["stopped"]),
        "stubborn.service": ("depends", ["stopped"]),
    }
    assert done["up"]["ok"]
    assert units.box.main_pid("stubborn.service") not in (0, before)


def test_what_masked_ones_depend_on_is_left_alone(units: Units) -> None:
    """The mask of one that holds nothing itself; neither does the middle go down, nor the base of all."""
    units.write("base.service", HOLDS)
    units.write("middle.service", "[Unit]\nRequires=base.service\nAfter=base.service\n" + HOLDS)
    units.start("kept.service", "[Unit]\nRequires=middle.service\nAfter=middle.service\n" + RUNS)
    units.start("holder.service", HOLDS)
    before = [units.box.main_pid(unit) for unit in ("base.service", "middle.service", "kept.service")]
    done = units.act(masked=("kept.service",))
    down = by_unit(done["down"])
    assert {name: (item["action"], item["cause"]) for name, item in down.items()} == {
        "holder.service": ("unit", "none"),
        "base.service": ("none", "masked"),
        "middle.service": ("none", "masked"),
        "kept.service": ("none", "masked"),
    }
    assert done["down"]["ok"]
    assert before == [units.box.main_pid(unit) for unit in ("base.service", "middle.service", "kept.service")]


def test_who_does_not_end_in_time(units: Units) -> None:
    """Without force the manager goes on with it, so it is down in the end, and brought back."""
    deaf = HOLDS.replace("exec sleep", 'trap "" TERM; exec sleep') + "    TimeoutStopSec=2\n"
    unit = units.start("deaf.service", deaf)
    before = units.box.main_pid(unit)
    done = units.act(service_timeout=0.1)
    (down,), (up,) = done["down"]["programs"], done["up"]["programs"]
    assert (down["failure"], down["status"]) == ("timeout", ["running", "error_on_stop"])
    assert up["status"] == ["running", "stopped", "restarted", "error_on_stop"]
    assert units.box.main_pid(unit) == up["now"]["pid"] not in (0, before)

    before = units.box.main_pid(unit)
    done = units.act(service_timeout=0.1, force=True)
    (down,), (up,) = done["down"]["programs"], done["up"]["programs"]
    assert (down["failure"], down["forced"], down["status"]) == ("none", True, ["stopped"])
    assert units.box.main_pid(unit) == up["now"]["pid"] not in (0, before)


def test_a_service_without_a_process(units: Units) -> None:
    unit = units.start("done.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n")
    done = units.act((unit,))
    (down,), (up,) = done["down"]["programs"], done["up"]["programs"]
    assert (down["service"], down["process"], down["status"]) == (unit, None, ["stopped"])
    assert up["verified"]
    assert up["now"] is None
    assert units.box.show(unit, "ActiveState") == "active"


def test_who_fails_to_start_again(units: Units) -> None:
    unit = units.start(
        "once.service",
        "[Service]\nType=exec\nExecStartPre=mkdir /opt/once\nExecStart=sh -c 'exec sleep infinity </opt/held'\n",
    )
    other = units.start("holder.service", HOLDS)
    done = units.act()
    up = by_unit(done["up"])
    assert done["error"] == 352
    assert (up[unit]["failure"], up[unit]["restarted"]) == ("manager", False)
    assert "error_on_restart" in up[unit]["status"]
    assert up[other]["verified"]


def test_a_transient_service_does_not_come_back(units: Units) -> None:
    units.box.run("systemd-run", "--unit=passing.service", "sh", "-c", "exec sleep infinity </opt/held")
    done = units.act()
    (down,), (up,) = done["down"]["programs"], done["up"]["programs"]
    assert (down["back"], down["status"]) == ("no", ["stopped"])
    assert (up["failure"], up["status"]) == ("no_way", ["stopped"])
    assert done["error"] is None


def test_a_process_that_the_unit_leaves_behind(units: Units) -> None:
    """KillMode=process: the unit is down, and still there is somebody who holds the file."""
    units.start(
        "leaves.service",
        f"""
        [Service]
        KillMode=process
        Type=exec
        ExecStart=sh -c 'sleep infinity <{HELD} & exec sleep infinity'
    """,
    )
    done = units.act()
    (down,) = done["down"]["programs"]
    assert (down["still_holds"], down["failure"], down["status"]) == (
        True,
        "timeout",
        ["running", "stopped", "error_on_stop"],
    )
    assert down["detail"] == "it was stopped, and processes of it go on"
    assert not done["down"]["ok"]


SHARES = """
    import json, rmcy
    with rmcy.start() as one, rmcy.start() as other:
        for session in one, other:
            session.register(["/opt/held"])
        first = one.shutdown(partial_ok=True, service_timeout=0.1)  # it takes its time: the other sees it, too
        second = other.shutdown(partial_ok=True)
        first.restart()
        second.restart()
        print(json.dumps([stopped.outcome.to_dict() for stopped in (first, second)]))
"""


def test_two_sessions_stop_one_service(units: Units) -> None:
    """The last to let go of it brings it back."""
    unit = units.start("shared.service", HOLDS.replace("exec sleep", 'trap "" TERM; exec sleep') + "TimeoutStopSec=1\n")
    before = units.box.main_pid(unit)
    first, second = (by_unit(outcome)[unit] for outcome in json.loads(units.box.python(SHARES)))
    assert (first["shared"], first["restarted"], first["failure"]) == (True, False, "none")
    assert (second["shared"], second["restarted"], second["verified"]) == (False, True, True)
    assert units.box.main_pid(unit) == second["now"]["pid"] not in (0, before)


def test_a_service_of_a_user(user_manager: SystemdBox) -> None:
    """Root stops and starts what a user's own manager runs, by that manager."""
    box = user_manager
    box.write(HELD, "x")
    box.write("/home/editor/.config/systemd/user/held.service", HOLDS)
    command = (*AS_USER, "systemctl", "--user")
    box.run(*command, "daemon-reload")
    box.run(*command, "start", "held.service")
    done = json.loads(box.python(ACTS, "[]", "[]", "{}"))
    (down,), (up,) = done["down"]["programs"], done["up"]["programs"]
    assert (down["service"], down["service_manager_uid"], down["status"]) == ("held.service", USER, ["stopped"])
    assert up["verified"]
    assert up["now"]["pid"] == int(box.run(*command, "show", "--value", "-p", "MainPID", "held.service"))
    box.run(*command, "stop", "held.service")
