# SPDX-License-Identifier: MIT
"""Services are stopped and brought back by their manager: units of every kind, of a real systemd."""

from __future__ import annotations

import pytest

from fix_patch import SLEEPS, Patch, PatchedUnits
from fix_systemd import AS_USER, USER, SystemdBox

pytestmark = pytest.mark.linux("units are systemd's")

LONG = "long-" + "n" * 200 + ".service"


def unit(*lines: str, service: str = SLEEPS) -> str:
    return "\n".join(["[Unit]", *lines, service])


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("simple.service", "simple.service"),
        ("tpl@x.service", "tpl@.service"),
        (r"tpl@a\x2db-c.service", "tpl@.service"),
        (LONG, LONG),
    ],
    ids=["simple", "template", "escaped", "long"],
)
def test_a_service_is_stopped_and_comes_back(patched: PatchedUnits, name: str, file_name: str) -> None:
    patched.write_as({file_name: SLEEPS})
    patched.start(name)
    before = patched.box.main_pid(name)
    with Patch(patched.box, name) as patch:
        assert patch.steps[name]["process"] == patch.stopped[name]["process"]
        assert patch.stopped[name]["process"] is not None
        assert patch.stopped[name]["process"]["pid"] == before
        assert patched.states(name) == ["inactive"]
        program = patch.finish()[name]
    after = patched.box.main_pid(name)
    assert program["now"] is not None
    assert (program["now"]["pid"], program["verified"], program["failure"]) == (after, True, "none")
    assert after not in (0, before)


def test_an_alias_is_the_unit_itself(patched: PatchedUnits) -> None:
    patched.write(real__service=SLEEPS)
    patched.box.run("ln", "-s", "real.service", "/run/systemd/system/second-name.service")
    patched.start("second-name.service")
    with Patch(patched.box, "second-name", "real.service") as patch:
        assert list(patch.stopped) == ["real.service"]
        assert list(patch.finish()) == ["real.service"]
    patched.box.run("rm", "/run/systemd/system/second-name.service")


def test_a_oneshot_that_remains_is_stopped_and_run_again(patched: PatchedUnits) -> None:
    patched.write(once__service="[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=sh -c 'echo >>/run/once'\n")
    patched.start("once.service")
    with Patch(patched.box, "once.service") as patch:
        assert (patch.stopped["once.service"]["process"], patched.states("once.service")) == (None, ["inactive"])
        program = patch.finish()["once.service"]
    assert (program["verified"], program["now"], program["failure"]) == (True, None, "none")
    assert patched.box.run("cat", "/run/once") == "\n\n"
    patched.box.run("rm", "/run/once")


# Ready as soon as SIGTERM means nothing to it.
STUBBORN = """
    [Service]
    Type=notify
    NotifyAccess=all
    TimeoutStopSec={seconds}
    ExecStart=sh -c 'trap "" TERM; systemd-notify --ready; while :; do sleep 1000; done'
"""


def test_its_manager_ends_a_service_that_ignores_the_signal(patched: PatchedUnits) -> None:
    patched.write(stubborn__service=STUBBORN.format(seconds=1))
    patched.start("stubborn.service")
    with Patch(patched.box, "stubborn.service") as patch:
        program = patch.stopped["stubborn.service"]
        assert (program["stopped"], program["forced"], program["failure"]) == (True, False, "none")
        assert patched.states("stubborn.service") == ["failed"]
        assert patch.finish()["stubborn.service"]["verified"]


def test_a_service_that_takes_too_long_is_left_to_its_manager(patched: PatchedUnits) -> None:
    patched.write(stubborn__service=STUBBORN.format(seconds=900))
    patched.start("stubborn.service")
    with Patch(patched.box, "stubborn.service", service_timeout=0.2) as patch:
        program = patch.stopped["stubborn.service"]
        assert (program["stopped"], program["forced"], program["failure"]) == (False, False, "timeout")
        assert patched.states("stubborn.service") == ["deactivating"]
        patched.box.run("systemctl", "kill", "--signal=KILL", "stubborn.service")
        patch.finish()
    assert patched.states("stubborn.service") == ["active"]
    patched.box.run("systemctl", "kill", "--signal=KILL", "stubborn.service")


def test_force_ends_all_of_a_service_that_takes_too_long(patched: PatchedUnits) -> None:
    """What comes after the end of its main process would take as long, and is killed like it."""
    patched.write(
        stubborn__service=STUBBORN.format(seconds=900) + "    ExecStopPost=sh -c 'test -e /run/ok || exec sleep 900'\n"
    )
    patched.start("stubborn.service")
    with Patch(patched.box, "stubborn.service", force=True, service_timeout=0.2) as patch:
        program = patch.stopped["stubborn.service"]
        assert (program["stopped"], program["forced"], program["failure"]) == (True, True, "none")
        assert patched.states("stubborn.service") == ["failed"]
        assert patch.finish()["stubborn.service"]["verified"]
    patched.box.run("touch", "/run/ok")
    patched.box.run("systemctl", "kill", "--signal=KILL", "stubborn.service")
    patched.box.run("systemctl", "stop", "stubborn.service")
    patched.box.run("rm", "/run/ok")


def test_a_unit_that_refuses_is_left_alone(patched: PatchedUnits) -> None:
    patched.write(refuses__service=unit("RefuseManualStop=yes"))
    patched.start("refuses.service")
    with Patch(patched.box, "refuses.service") as patch:
        step, program = patch.steps["refuses.service"], patch.stopped["refuses.service"]
        assert (step["action"], step["cause"]) == (program["action"], program["cause"]) == ("none", "refuses")
        assert patched.states("refuses.service") == ["active"]
    patched.box.run("systemctl", "kill", "refuses.service")


# ---- how a start can fail ----

AS_LONG_AS = "sh -c 'test -e /run/ok || exit 7; exec sleep infinity'"
# One that fails after its start is done says so when it has failed. What waits for that is stopped and brought back
# with it, and before both are up nobody asks how they are.
SAYS_THAT_IT_FAILED = "ExecStopPost=sh -c 'test -e /run/ok || echo failed >/run/said'\n"
WAITS = """
    [Service]
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=sh -c 'test -e /run/ok || read word </run/said'
"""


@pytest.mark.parametrize(
    ("text", "failure", "says"),
    [
        ("[Service]\nType=notify\nNotifyAccess=all\nExecStart=sh -c 'test -e /run/ok || exit 7; systemd-notify "
         "--ready; exec sleep infinity'\n", "manager", "exit status 7"),
        (unit("ConditionPathExists=/run/ok"), "manager", "conditions"),
        (unit("AssertPathExists=/run/ok"), "manager", "assert"),
        (unit("Requires=needed.service", "After=needed.service"), "manager", "dependency"),
    ],
    ids=["notify", "condition", "assertion", "dependency"],
)  # fmt: skip
def test_a_start_that_fails_says_why(patched: PatchedUnits, text: str, failure: str, says: str) -> None:
    needed = f"[Service]\nType=oneshot\nExecStart={AS_LONG_AS.replace('exec sleep infinity', '')}\n"
    patched.write(failing__service=text, needed__service=needed)
    patched.box.run("touch", "/run/ok")
    patched.start("failing.service")
    with Patch(patched.box, "failing.service") as patch:
        patched.box.run("rm", "/run/ok")
        program = patch.finish()["failing.service"]
    assert (program["stopped"], program["restarted"], program["failure"]) == (True, False, failure)
    assert says in (program["detail"] or "")


@pytest.mark.parametrize("restart", ["", "Restart=always\nRestartSec=900\n"], ids=["simple", "restarted"])
def test_one_that_ends_after_its_start_says_why(patched: PatchedUnits, restart: str) -> None:
    """Its start is done as soon as its program is under way. What ends after it was asked about: test_turns.c."""
    patched.write(
        failing__service=f"[Service]\nType=simple\n{restart}ExecStart={AS_LONG_AS}\n{SAYS_THAT_IT_FAILED}",
        waits__service=WAITS,
    )
    patched.box.run("mkfifo", "/run/said")
    patched.box.run("touch", "/run/ok")
    patched.start("failing.service", "waits.service")
    with Patch(patched.box, "failing.service", "waits.service") as patch:
        patched.box.run("rm", "/run/ok")
        programs = patch.finish()
    patched.box.run("rm", "/run/said")
    failing, waits = programs["failing.service"], programs["waits.service"]
    assert (failing["stopped"], failing["restarted"], failing["failure"]) == (True, False, "ended")
    assert (failing["verified"], failing["now"]) == (False, None)
    assert "exit status 7" in (failing["detail"] or "")
    assert (waits["restarted"], waits["verified"], waits["failure"]) == (True, True, "none")


def test_start_limits_are_respected(patched: PatchedUnits) -> None:
    """A target that wants it keeps its count alive while it is down."""
    patched.write(
        limited__service=unit("StartLimitBurst=1", "StartLimitIntervalSec=1h"),
        keeper__target=unit("Wants=limited.service", service=""),
    )
    patched.start("keeper.target")
    with Patch(patched.box, "limited.service") as patch:
        assert patch.stopped["limited.service"]["stopped"]
        program = patch.finish()["limited.service"]
    assert (program["restarted"], program["failure"]) == (False, "start_limit")
    assert "start-limit-hit" in (program["detail"] or "")


# ---- what goes down with a unit ----


def test_what_goes_down_with_a_unit_comes_back_with_it(patched: PatchedUnits) -> None:
    """Stop and start are no restart. A target brings back nothing that was stopped by hand."""
    patched.write(
        base__service=SLEEPS,
        needs__service=unit("Requires=base.service", "After=base.service"),
        behind__service=unit("Requires=needs.service", "After=needs.service", "RefuseManualStop=yes"),
        part__service=unit("PartOf=base.service"),
        bound__service=unit("BindsTo=base.service", "After=base.service"),
        reached__target=unit("Requires=base.service", "After=base.service", "Wants=byhand.service", service=""),
        byhand__service=SLEEPS,
        idle__service=unit("PartOf=base.service"),
        wanting__service=unit("Wants=base.service"),
    )
    down = ["base.service", "needs.service", "behind.service", "part.service", "bound.service", "reached.target"]
    patched.start(*down, "wanting.service")
    patched.box.run("systemctl", "stop", "byhand.service")
    with Patch(patched.box, "base.service") as patch:
        causes = {name: (step["action"], step["cause"], step["back"]) for name, step in patch.steps.items()}
        assert causes == dict.fromkeys(down, ("unit", "depends", "unit")) | {"base.service": ("unit", "none", "unit")}
        assert {name for name, program in patch.stopped.items() if program["stopped"]} == set(down)
        assert patched.states(*down) == ["inactive"] * len(down)
        assert patched.states("wanting.service") == ["active"]
        outcome = patch.finish()
    assert {name for name, program in outcome.items() if program["verified"]} == set(down)
    assert patched.states(*down) == ["active"] * len(down)
    assert patched.states("idle.service", "byhand.service") == ["inactive", "inactive"]


def test_units_that_need_each_other_have_one_step_each(patched: PatchedUnits) -> None:
    patched.write(one__service=unit("Requires=two.service"), two__service=unit("Requires=one.service"))
    patched.start("one.service")
    with Patch(patched.box, "one.service") as patch:
        assert sorted(patch.steps) == ["one.service", "two.service"]
        assert all(program["verified"] for program in patch.finish().values())


def test_one_that_waits_to_be_restarted_does_not_come_up_meanwhile(patched: PatchedUnits) -> None:
    patched.write(
        base__service=SLEEPS,
        crashed__service=unit("PartOf=base.service", service="[Service]\nRestart=always\nRestartSec=900\n"
                              f"ExecStart={AS_LONG_AS}\n"),
    )  # fmt: skip
    patched.start("base.service", "crashed.service")
    assert patched.states("crashed.service") == ["activating"]
    patched.box.run("touch", "/run/ok")
    with Patch(patched.box, "base.service") as patch:
        assert patch.steps["crashed.service"]["cause"] == "depends"
        assert patched.states("crashed.service") == ["inactive"]
        assert patch.finish()["crashed.service"]["verified"]
    patched.box.run("rm", "/run/ok")


def test_a_transient_unit_would_be_lost(patched: PatchedUnits) -> None:
    patched.box.run("systemd-run", "--quiet", "--unit=fleeting", "sleep", "infinity")
    with Patch(patched.box, "fleeting.service") as patch:
        assert patch.steps["fleeting.service"]["back"] == "no"
        assert patched.states("fleeting.service") == ["inactive"]
        assert patch.finish()["fleeting.service"]["restarted"] is False


# ---- users' own managers ----


@pytest.fixture
def edits(user_manager: SystemdBox, patched: PatchedUnits) -> PatchedUnits:
    """A user's own service, which holds /opt/edited."""
    patched.box.write("/opt/edited", "x")
    patched.box.write(
        "/etc/systemd/user/edits.service",
        "[Service]\nType=exec\nExecStart=sh -c 'exec sleep infinity </opt/edited'\n",
    )
    user_manager.run(*AS_USER, "systemctl", "--user", "daemon-reload")
    user_manager.run(*AS_USER, "systemctl", "--user", "start", "edits.service")
    return patched


@pytest.mark.parametrize("before", [(), AS_USER], ids=["as root", "as the user"])
def test_a_users_service_is_its_managers_affair(edits: PatchedUnits, before: tuple[str, ...]) -> None:
    def state() -> str:
        return edits.box.run(*AS_USER, "systemctl", "--user", "is-active", "edits.service", check=False).strip()

    with Patch(edits.box, files=["/opt/edited"], before=before) as patch:
        program = patch.stopped["edits.service"]
        assert (program["service_manager_uid"], program["stopped"], program["failure"]) == (USER, True, "none")
        assert state() == "inactive"
        program = patch.finish()["edits.service"]
        assert (program["verified"], program["failure"], state()) == (True, "none", "active")
    edits.box.run(*AS_USER, "systemctl", "--user", "stop", "edits.service")


def test_a_bus_that_is_not_there_leaves_the_unit_alone(edits: PatchedUnits) -> None:
    bus = f"/run/user/{USER}/bus"
    edits.box.run("mv", bus, f"{bus}.away")
    with Patch(edits.box, files=["/opt/edited"]) as patch:
        assert (patch.steps["edits.service"]["action"], patch.steps["edits.service"]["cause"]) == (
            "none", "unreachable",
        )  # fmt: skip
    edits.box.run("mv", f"{bus}.away", bus)
    edits.box.run(*AS_USER, "systemctl", "--user", "stop", "edits.service")


def test_a_users_bus_in_anothers_place_has_the_users_rights(edits: PatchedUnits) -> None:
    """A user calls a service like one of the system's, and puts the system's bus in the place of the own one."""
    edits.write(edits__service=SLEEPS)
    edits.start("edits.service")
    bus = f"/run/user/{USER}/bus"
    edits.box.run("mv", bus, f"{bus}.away")
    edits.box.run(*AS_USER, "ln", "-s", "/run/dbus/system_bus_socket", bus)
    with Patch(edits.box, files=["/opt/edited"]) as patch:
        program = patch.stopped["edits.service"]
        assert (program["stopped"], program["failure"]) == (False, "permission")
        assert edits.states("edits.service") == ["active"]
    edits.box.run("mv", f"{bus}.away", bus)
    edits.box.run(*AS_USER, "systemctl", "--user", "stop", "edits.service")


def test_a_user_may_not_stop_the_systems_services(user_manager: SystemdBox, patched: PatchedUnits) -> None:
    patched.write(simple__service=SLEEPS)
    patched.start("simple.service")
    with Patch(patched.box, "simple.service", before=AS_USER) as patch:
        program = patch.stopped["simple.service"]
        assert (program["stopped"], program["action"], program["cause"]) == (False, "none", "permission")
        assert patched.states("simple.service") == ["active"]


def test_their_manager_refuses_what_has_no_process_to_look_at(user_manager: SystemdBox, patched: PatchedUnits) -> None:
    patched.write(once__service="[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\n")
    patched.start("once.service")
    with Patch(patched.box, "once.service", before=AS_USER) as patch:
        program = patch.stopped["once.service"]
        assert (program["stopped"], program["failure"]) == (False, "permission")
        assert "authentication" in (program["detail"] or "")
        assert patched.states("once.service") == ["active"]
