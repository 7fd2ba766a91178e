# SPDX-License-Identifier: MIT
"""What is left stopped when a stopper dies comes back when somebody asks for it, once. In a store of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fix_comeback import HOLDER

pytestmark = pytest.mark.linux("Windows keeps no account of what a dead session stopped")

# A holder that can come back, and a stopper that is killed when it has stopped it.
KILLED = f"""
    import os, signal, socket, subprocess, sys, tempfile, warnings, rmcy
    library = rmcy.backend_info().library
    path = sys.argv[1]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\\0rmcy-recover-" + path)
    listener.listen()
    connections = []
    def running():
        connections.append(listener.accept()[0])
        return int(connections[-1].makefile().readline())
    holder = subprocess.Popen([sys.executable, "-I", "-S", "{HOLDER}", library, "rmcy-recover-" + path, path])
    assert running() == holder.pid
    stopper = '''if True:
        import os, sys, rmcy
        session = rmcy.start(label="dies")
        session.register(sys.argv[1])
        stopped = session.shutdown()
        assert stopped.outcome.stopped
        os.kill(os.getpid(), 9)
    '''
    assert subprocess.run([sys.executable, "-c", stopper, path]).returncode == -9
    assert holder.wait() == -signal.SIGTERM
"""
DONE = """
    listener.setblocking(False)
    try:
        listener.accept()
    except BlockingIOError:
        pass
    else:
        sys.exit("came back twice")
    for connection in connections:
        connection.close()
    listener.close()
"""


def test_recover_brings_back_what_the_dead_stopped(private_store: Callable[..., str], held: Path) -> None:
    private_store(
        KILLED
        + """
    (info,) = rmcy.sessions()
    assert (info.label, info.state, info.stopped) == ("dies", rmcy.SessionState.ABANDONED, 1), info
    # To look, and to start a session, changes nothing.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rmcy.start().close()
    assert [warning.category for warning in caught] == [rmcy.LeftStoppedWarning]
    phases = []
    outcome = rmcy.recover(on_progress=lambda progress: phases.append((progress.phase, progress.percent)))
    back = running()
    (program,) = outcome
    assert outcome.ok and outcome.phase is rmcy.Phase.RECOVER, outcome
    assert (program.process.pid, program.now.pid) == (holder.pid, back)
    assert program.restarted and program.verified
    assert phases[0] == (rmcy.Phase.RECOVER, 0) and phases[-1][1] == 100, phases
    assert len(rmcy.recover()) == 0
    assert [info.stopped for info in rmcy.sessions()] in ([], [0])
    """
        + DONE,
        str(held),
    )


def test_an_exception_of_a_callback_does_not_end_a_recovery(private_store: Callable[..., str], held: Path) -> None:
    private_store(
        KILLED
        + """
    def fail(progress):
        raise KeyError(progress.percent)
    try:
        rmcy.recover(on_progress=fail)
    except KeyError as error:
        assert error.args == (0,)
    else:
        sys.exit("no exception")
    running()
    """
        + DONE,
        str(held),
    )


def test_nobody_dead_is_nothing_to_recover(private_store: Callable[..., str]) -> None:
    private_store(
        """
        import rmcy
        outcome = rmcy.recover()
        assert len(outcome) == 0 and outcome.ok and outcome.phase is rmcy.Phase.RECOVER
        with rmcy.start():
            assert len(rmcy.recover()) == 0
        """
    )


def test_what_does_not_come_back_is_tried_again_until_it_is_forgotten(
    private_store: Callable[..., str], held: Path
) -> None:
    private_store(
        KILLED
        + """
    # Nobody listens: it ends as soon as it has begun.
    listener.close()
    for forget in (False, True):
        (info,) = rmcy.sessions()
        assert info.stopped == 1, info
        try:
            rmcy.recover(forget=forget)
        except rmcy.RestartIncompleteError as error:
            (program,) = error.outcome
            assert not program.restarted, program
        else:
            sys.exit("it came back")
    assert len(rmcy.recover()) == 0
    assert [info.stopped for info in rmcy.sessions()] in ([], [0])
    """,
        str(held),
    )


def test_what_is_left_stopped_does_not_disturb_these_tests(private_store: Callable[..., str], held: Path) -> None:
    one = f"{Path(__file__).parent}/test_session.py::test_a_session_is_listed_while_it_lives"
    private_store(
        KILLED
        + """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", sys.argv[2]]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stdout
    (info,) = rmcy.sessions()
    assert info.stopped == 1, "it is still there to be recovered"
    """
        + DONE,
        str(held),
        one,
    )
