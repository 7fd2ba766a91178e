# SPDX-License-Identifier: MIT
"""`rmcy recover`: a session's owner was killed while programs were stopped. In a store of its own: it takes all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest

pytestmark = pytest.mark.linux("Windows keeps no account of what a dead session stopped")

# A program is stopped by somebody who is killed then; what follows asks rmcy about that.
SCENE = """
    import subprocess, sys
    from contextlib import ExitStack
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from fix_cli import rmcy
    from fix_comeback import Comebacks
    from fix_process import lives
    from fix_terminal import Terminal

    STOPS = '''
    import os, signal, sys, rmcy
    session = rmcy.start(label="dies")
    session.register(sys.argv[1])
    stopped = session.shutdown()
    os.kill(os.getpid(), signal.SIGKILL)
    '''
    held = Path(sys.argv[2])
    held.touch()
    with ExitStack() as stack:
        comebacks = Comebacks(stack)
        pid = comebacks.start(held)
        subprocess.run([sys.executable, "-c", "\\n".join(map(str.strip, STOPS.splitlines())), held])
        assert not lives(pid)
"""


def scene(what: str) -> str:
    return dedent(SCENE) + indent(dedent(what), "    ")


def test_what_a_killed_session_stopped_is_brought_back(private_store: Callable[..., str], tmp_path: Path) -> None:
    source = scene("""
        done = rmcy("recover")
        assert (done.returncode, b"--yes" in done.stderr) == (2, True), done
        assert b"dies" in done.stdout, done
        done = rmcy("recover", "--yes")
        assert done.returncode == 0, done
        back = comebacks.next()
        assert lives(back)
        assert str(pid) in done.stderr.decode() and str(back) in done.stderr.decode(), done
        done = rmcy("recover", "--yes")
        assert (done.returncode, done.stdout) == (0, b"Nothing is left stopped.\\n"), done
        print("right")
    """)
    assert private_store(source, str(Path(__file__).parent), str(tmp_path / "held")) == "right\n"


def test_at_a_terminal_it_asks(private_store: Callable[..., str], tmp_path: Path) -> None:
    source = scene("""
        with Terminal("recover") as terminal:
            terminal.wait_for("Bring back 1 program? [y/N] ")
            terminal.type("n\\n")
            assert terminal.end() == 2
        with Terminal("recover", LC_ALL="C.UTF-8") as terminal:
            terminal.wait_for("[y/N] ")
            terminal.type("y\\n")
            assert terminal.end() == 0, terminal.shown
        assert "Bringing back" in terminal.shown
        assert lives(comebacks.next())
        print("right")
    """)
    assert private_store(source, str(Path(__file__).parent), str(tmp_path / "held")) == "right\n"


def test_sessions_tell_what_is_stopped(private_store: Callable[..., str], tmp_path: Path) -> None:
    source = scene("""
        import json
        (info,) = json.loads(rmcy("sessions", "--json").stdout)["sessions"]
        assert (info["state"], info["stopped"]) == ("abandoned", 1), info
        shown = rmcy("sessions").stdout.decode()
        assert "Stopped" in shown and "abandoned" in shown, shown
        print("right")
    """)
    assert private_store(source, str(Path(__file__).parent), str(tmp_path / "held")) == "right\n"


def test_every_session_warns_of_what_is_stopped(private_store: Callable[..., str], tmp_path: Path) -> None:
    source = scene("""
        done = rmcy("plan", held)
        (line,) = [line for line in done.stderr.decode().splitlines() if "recover" in line]
        assert line.startswith("rmcy: ") and "Warning" not in line, done
        # That session has come after the dead one, and gone: what was stopped is still known.
        done = rmcy("recover", "--yes")
        assert done.returncode == 0, done
        assert lives(comebacks.next())
        print("right")
    """)
    assert private_store(source, str(Path(__file__).parent), str(tmp_path / "held")) == "right\n"


def test_nothing_to_do(private_store: Callable[..., str]) -> None:
    source = """
        import sys
        sys.path.insert(0, sys.argv[1])
        from fix_cli import rmcy
        done = rmcy("recover")
        print((done.returncode, done.stdout, done.stderr))
    """
    said = private_store(source, str(Path(__file__).parent))
    assert said == f"{(0, b'Nothing is left stopped.' + bytes([10]), b'')}\n"
