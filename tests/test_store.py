# SPDX-License-Identifier: MIT
"""The session store used up, full, read-only, locked: what Python says of each. In a /run of the test's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.linux("it breaks a store that it has mounted for itself")

LOCKED = """
    import signal, subprocess, sys, rmcy
    rmcy.start().close()
    store = rmcy.backend_info().store
    holder = subprocess.Popen([sys.executable, "-c", '''
    import fcntl, os, sys
    lock = os.open(sys.argv[1] + "/lock", os.O_RDWR)
    fcntl.lockf(lock, fcntl.LOCK_EX)
    print("locked", flush=True)
    sys.stdin.read()
    '''.replace("\\n    ", "\\n"), store], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "locked\\n"
"""


def test_65_sessions(private_store: Callable[..., str]) -> None:
    private_store(
        """
        import os, sys, rmcy
        limit = rmcy.backend_info().session_limit
        assert limit == 64
        sessions = [rmcy.start(label=str(n)) for n in range(limit)]
        sessions[0].register("/before")
        try:
            rmcy.start()
        except rmcy.SessionLimitError as error:
            assert (error.code, error.function) == (353, "RmStartSession")
            assert [info.label for info in error.owners] == [str(n) for n in range(limit)]
            assert {info.owner.pid for info in error.owners} == {os.getpid()}
            assert f"process {os.getpid()} has 64" in str(error), error
        else:
            sys.exit("started a 65th session")
        # A join takes no slot, who() needs none, and nothing was lost.
        rmcy.join(sessions[0].key).close()
        assert rmcy.who("/before").missing == ("/before",)
        assert sessions[0].affected().missing == ("/before",)
        sessions.pop().close()
        rmcy.start().close()
        for session in sessions:
            session.close()
        """
    )


def test_a_dead_owner_s_slots_are_reused(private_store: Callable[..., str]) -> None:
    private_store(
        """
        import subprocess, sys, rmcy
        program = '''
        import os, rmcy
        sessions = [rmcy.start() for _ in range(64)]
        os.kill(os.getpid(), 9)
        '''.replace("\\n        ", "\\n")
        assert subprocess.run([sys.executable, "-c", program]).returncode == -9
        states = {info.state for info in rmcy.sessions()}
        assert states == {rmcy.SessionState.ABANDONED}, states
        rmcy.start().close()
        """
    )


def test_a_lock_held_elsewhere_is_a_timeout(private_store: Callable[..., str]) -> None:
    private_store(
        LOCKED
        + """
    for call in (lambda: rmcy.start(timeout=0.01), lambda: rmcy.start(timeout=0)):
        try:
            call()
        except TimeoutError as error:
            assert isinstance(error, rmcy.SessionTimeoutError)
            assert (error.code, error.function) == (121, "RmStartSession")
            assert "lock of the session store" in error.advice
        else:
            sys.exit("no time-out")
    # Neither needs the lock.
    assert rmcy.who("/nothing").missing == ("/nothing",)
    holder.communicate()
    rmcy.start(timeout=0.5).close()
    """
    )


def test_a_handler_s_exception_ends_a_wait(private_store: Callable[..., str]) -> None:
    private_store(
        LOCKED
        + """
    class Rang(Exception):
        pass
    def ring(number, frame):
        raise Rang
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        rmcy.start(timeout=60)
    except Rang:
        pass
    else:
        sys.exit("not interrupted")
    holder.communicate()
    assert rmcy.sessions() == ()
    rmcy.start().close()
    """
    )


def test_a_handler_without_exception_does_not_end_a_wait(private_store: Callable[..., str]) -> None:
    private_store(
        LOCKED
        + """
    rings = []
    def ring(number, frame):
        # At the third signal the lock is given up: the wait that went on succeeds.
        rings.append(number)
        if len(rings) == 3:
            signal.setitimer(signal.ITIMER_REAL, 0)
            holder.stdin.close()
            holder.wait()
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    rmcy.start(timeout=60).close()
    assert len(rings) == 3
    holder.stdout.close()
    """
    )


def test_signals_do_not_lengthen_a_wait(private_store: Callable[..., str]) -> None:
    private_store(
        LOCKED
        + """
    signal.signal(signal.SIGALRM, lambda number, frame: None)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    # Were the time counted anew after each signal, this would never end.
    try:
        rmcy.start(timeout=0.1)
    except rmcy.SessionTimeoutError:
        signal.setitimer(signal.ITIMER_REAL, 0)
    else:
        sys.exit("no time-out")
    holder.communicate()
    """
    )


def test_a_close_that_times_out_can_be_done_again(private_store: Callable[..., str]) -> None:
    private_store(
        """
    import rmcy
    session = rmcy.start(label="mine")
    """
        + LOCKED.replace("rmcy.start().close()", "")
        + """
    try:
        session._handle.close(0.01)
    except rmcy.SessionTimeoutError as error:
        assert (error.code, error.function) == (121, "RmEndSession")
    else:
        sys.exit("no time-out")
    assert not session.closed
    session.register("/still/there")
    holder.communicate()
    session.close()
    assert session.closed
    assert rmcy.sessions() == ()
    """
    )


def test_a_read_only_store_says_so(private_store: Callable[..., str]) -> None:
    private_store(
        """
        import subprocess, sys, rmcy
        subprocess.run(["mount", "-o", "remount,ro", "/run"], check=True)
        try:
            rmcy.start()
        except rmcy.StoreError as error:
            assert (error.code, error.function) == (29, "RmStartSession")
            assert "backend_info().store" in error.advice
        else:
            sys.exit("started")
        assert rmcy.who("/nothing").missing == ("/nothing",)
        """
    )


def test_a_full_store_loses_nothing(private_store: Callable[..., str]) -> None:
    private_store(
        """
        import sys, rmcy
        session = rmcy.start()
        joined = rmcy.join(session.key)
        joined.register("/before")
        with open("/run/fill", "wb", buffering=0) as fill:
            try:
                while True:
                    fill.write(bytes(4096))
            except OSError:
                pass
        try:
            joined.register([f"/much/{n}" for n in range(5000)])
        except rmcy.StoreError as error:
            assert (error.code, error.function) == (29, "RmRegisterResources")
        else:
            sys.exit("stored")
        assert session.affected().missing == ("/before",)
        # The primary's lists are in its memory.
        session.register("/by/the/primary")
        assert set(session.affected().missing) == {"/before", "/by/the/primary"}
        joined.close()
        session.close()
        """,
        options="mode=755,size=256k",
    )
