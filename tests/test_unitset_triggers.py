# SPDX-License-Identifier: MIT
"""What would start a service again in mid-patch is stopped with it; and managers in trouble, of a real systemd."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fix_patch import SLEEPS, Patch, PatchedUnits

pytestmark = pytest.mark.linux("units are systemd's")

# Takes a connection, says "hello", takes the next one.
GREETS = r"""
    import socket
    listener = socket.socket(fileno=3)
    while True:
        listener.accept()[0].sendall(b"hello")
"""


def greeting(patched: PatchedUnits) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(patched.box.root / "run/greets.sock"))
        return client.recv(5, socket.MSG_WAITALL)


def test_a_socket_starts_nothing_in_mid_patch_and_works_afterwards(patched: PatchedUnits) -> None:
    patched.box.write("/opt/greets", GREETS)
    patched.write(
        greets__socket="[Socket]\nListenStream=/run/greets.sock\nRemoveOnStop=yes\n",
        greets__service="[Service]\nType=exec\nExecStart=python3 /opt/greets\n",
    )
    patched.start("greets.socket")
    assert greeting(patched) == b"hello"
    with Patch(patched.box, "greets.service") as patch:
        step = patch.steps["greets.socket"]
        assert (step["cause"], step["back"], step["process"]) == ("triggers", "unit", None)
        assert patch.stopped["greets.socket"]["stopped"]
        with pytest.raises(FileNotFoundError):
            greeting(patched)
        assert patched.states("greets.socket", "greets.service") == ["inactive", "inactive"]
        assert all(program["verified"] for program in patch.finish().values())
    assert greeting(patched) == b"hello"
    patched.box.stop("greets.service")
    assert greeting(patched) == b"hello"


@pytest.mark.parametrize(
    ("trigger", "text"),
    [
        # Each of them would start it at once, and again.
        ("again.timer", "[Timer]\nOnActiveSec=1ms\nOnUnitInactiveSec=1ms\nAccuracySec=1ms\n"),
        ("again.path", "[Path]\nPathExists=/etc/passwd\n"),
        ("again.target", "[Unit]\nUpholds=again.service\n"),
    ],
    ids=["timer", "path", "upholds"],
)
def test_what_starts_it_again_is_stopped_first(patched: PatchedUnits, trigger: str, text: str) -> None:
    patched.write_as({"again.service": SLEEPS, trigger: text})
    patched.start("again.service", trigger)
    with Patch(patched.box, "again.service") as patch:
        assert list(patch.steps) == [trigger, "again.service"]
        assert patch.steps[trigger]["cause"] == "triggers"
        assert patched.states("again.service", trigger) == ["inactive", "inactive"]
        assert all(program["verified"] for program in patch.finish().values())
    assert patched.states("again.service", trigger) == ["active", "active"]


def test_a_trigger_of_several_has_one_step(patched: PatchedUnits) -> None:
    patched.write(
        one__service=SLEEPS,
        two__service=SLEEPS,
        both__target="[Unit]\nUpholds=one.service two.service\n",
    )
    patched.start("both.target")
    patched.start("one.service", "two.service")
    with Patch(patched.box, "one.service", "two.service") as patch:
        assert sorted(patch.stopped) == ["both.target", "one.service", "two.service"]
        assert all(program["verified"] for program in patch.finish().values())


def test_a_connections_own_service_does_not_come_back(patched: PatchedUnits) -> None:
    """Its connection is gone; the socket that made it comes back for others."""
    patched.write_as({
        "talks.socket": "[Socket]\nListenStream=/run/talks.sock\nAccept=yes\n",
        "talks@.service": "[Service]\nStandardInput=socket\nExecStart=-cat\n",
    })  # fmt: skip
    patched.start("talks.socket")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(patched.box.root / "run/talks.sock"))
        client.sendall(b"hello")
        assert client.recv(5, socket.MSG_WAITALL) == b"hello"
        listed = patched.box.run("systemctl", "list-units", "--plain", "--no-legend", "talks@*")
        name = listed.split()[0]
        with Patch(patched.box, name) as patch:
            assert {unit: step["back"] for unit, step in patch.steps.items()} == {"talks.socket": "unit", name: "no"}
            assert client.recv(1) == b""
            assert patched.states("talks.socket") == ["inactive"]
            assert patch.finish()["talks.socket"]["verified"]


# ---- somebody else acts on the same unit ----

# Says that its stop has begun, and waits with it.
SLOW = """
    [Service]
    Type=exec
    ExecStartPre=sh -c 'rm -f /run/{name}.told /run/{name}.go; mkfifo /run/{name}.told /run/{name}.go'
    ExecStart=sleep infinity
    ExecStop=sh -c 'echo stopping >/run/{name}.told; read line </run/{name}.go'
"""


class SlowStop:
    """A service whose stop waits for the test."""

    def __init__(self, patched: PatchedUnits, name: str) -> None:
        self._pipes = patched.box.root / "run" / name
        patched.write_as({f"{name}.service": SLOW.format(name=name)})
        patched.start(f"{name}.service")

    def begun(self) -> None:
        with self._pipes.with_suffix(".told").open() as told:
            assert told.readline() == "stopping\n"

    def end(self) -> None:
        with self._pipes.with_suffix(".go").open("w") as go:
            go.write("\n")


@pytest.fixture
def slow(patched: PatchedUnits) -> Iterator[SlowStop]:
    yield SlowStop(patched, "slow")
    patched.box.run("systemctl", "kill", "--signal=KILL", "slow.service", check=False)


def test_two_primaries_stop_the_same_unit(patched: PatchedUnits, slow: SlowStop) -> None:
    """It comes back with the last of them."""
    also = SlowStop(patched, "also")
    first = Patch(patched.box, "slow.service")
    slow.begun()
    second = Patch(patched.box, "slow.service", "also.service")
    also.begun()  # asked for after the other one
    also.end()
    slow.end()
    with first, second:
        assert first.stopped["slow.service"]["stopped"]
        assert second.stopped["slow.service"]["stopped"]
        outcome = first.finish()["slow.service"]
        assert (outcome["restarted"], outcome["shared"], outcome["failure"]) == (False, True, "none")
        assert patched.states("slow.service") == ["inactive"]
        assert second.finish()["slow.service"]["verified"]
    assert patched.states("slow.service") == ["active"]
    patched.box.run("systemctl", "kill", "--signal=KILL", "also.service")


def test_somebody_elses_start_takes_the_place_of_a_stop(patched: PatchedUnits, slow: SlowStop) -> None:
    """It is not down although its processes end: it will be up at once."""
    patch = Patch(patched.box, "slow.service")
    slow.begun()
    patched.box.run("systemctl", "start", "--no-block", "slow.service")
    with patch:
        program = patch.stopped["slow.service"]
        assert (program["stopped"], program["failure"]) == (False, "manager")
        assert "canceled" in (program["detail"] or "")
        slow.end()
    patched.start("slow.service")


# ---- managers in trouble ----


@contextmanager
def frozen(patched: PatchedUnits, who: str) -> Iterator[None]:
    """systemd, or the bus, is there and does nothing."""
    bus = patched.box.main_pid("dbus.service")
    if who == "manager":
        patched.box.freeze_manager()
    else:
        patched.box.run("kill", "-STOP", str(bus))
    yield
    if who == "manager":
        patched.box.thaw_manager()
    else:
        patched.box.run("kill", "-CONT", str(bus))


@pytest.mark.parametrize("who", ["manager", "bus"])
def test_a_manager_that_does_not_answer_leaves_its_units_alone(patched: PatchedUnits, who: str) -> None:
    patched.box.write("/opt/held", "x")
    patched.write(holds__service="[Service]\nType=exec\nExecStart=sh -c 'exec sleep infinity </opt/held'\n")
    patched.start("holds.service")
    with frozen(patched, who), Patch(patched.box, files=["/opt/held"], timeout=2.0) as patch:
        step = patch.steps["holds.service"]
        assert (step["action"], step["cause"]) == ("none", "unreachable")
        assert patch.stopped["holds.service"]["cause"] == "unreachable"
    assert patched.states("holds.service") == ["active"]


def test_a_manager_that_falls_silent_in_mid_stop(patched: PatchedUnits, slow: SlowStop) -> None:
    patch = Patch(patched.box, "slow.service", service_timeout=1.0)
    slow.begun()
    with frozen(patched, "manager"):
        program = patch.stopped["slow.service"]
        assert (program["stopped"], program["failure"]) == (False, "timeout")
    slow.end()
    with patch:
        patch.finish()
    assert patched.states("slow.service") == ["active"]


def test_a_bus_that_the_patch_takes_away(patched: PatchedUnits) -> None:
    """The system's manager is reached without it, as systemctl does: to stop, to come back, and in lists."""
    patched.write(holds__service=SLEEPS, fails__service=SLEEPS)
    patched.start("holds.service", "fails.service")
    bus = ("dbus.socket", "dbus.service")
    with Patch(patched.box, "holds.service", "fails.service") as patch:
        patched.box.stop(*bus)
        patched.write(fails__service="[Service]\nType=exec\nExecStart=sh -c 'exit 9'\n")
        back = patch.finish()
    assert (back["holds.service"]["verified"], back["holds.service"]["failure"]) == (True, "none")
    assert back["fails.service"]["failure"] in {"ended", "manager"}
    with Patch(patched.box, "holds.service") as patch:
        assert patch.steps["holds.service"]["action"] == "unit"
        assert patched.states("holds.service", *bus) == ["inactive"] * 3
        assert patch.finish()["holds.service"]["verified"]
    assert patched.states("holds.service", *bus) == ["active", "inactive", "inactive"]
    patched.box.run("systemctl", "start", *bus)


def test_a_bus_that_goes_away_in_mid_stop(patched: PatchedUnits, slow: SlowStop) -> None:
    """systemd starts another one as soon as somebody asks, and goes on with its jobs all the while."""
    patch = Patch(patched.box, "slow.service")
    slow.begun()
    patched.box.run("kill", "-KILL", str(patched.box.main_pid("dbus.service")))
    program = patch.stopped["slow.service"]
    assert (program["stopped"], program["failure"]) == (False, "unreachable")
    slow.end()
    with patch:
        patch.finish()
    assert patched.states("slow.service") == ["active"]
