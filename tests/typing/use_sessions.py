# SPDX-License-Identifier: MIT
"""What a client writes with sessions, and the types that it gets."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

import rmcy

with rmcy.start(label="x", timeout=1) as primary:
    assert_type(primary, rmcy.PrimarySession)
    assert_type(primary.key, rmcy.SessionKey)
    assert_type(primary.handle, int)
    assert_type(primary.closed, bool)
    assert_type(primary.child_env(), dict[str, str])
    assert_type(primary.affected(scope="mine", timeout=0.5), rmcy.AffectedList)

with rmcy.join() as joined:
    assert_type(joined, rmcy.JoinedSession)
    assert_type(joined.register("/bin/sh"), rmcy.Registered)

key: str = primary.key
assert_type(rmcy.join(key, timeout=None), rmcy.JoinedSession)


def either(session: rmcy.Session) -> rmcy.Registered:
    with session as same:
        assert_type(same, rmcy.Session)
    return session.register(["/bin/sh"], directories="skip")


either(primary)
either(joined)


def paths() -> Iterator[Path]:
    yield Path("/bin/sh")


process = rmcy.UniqueProcess.from_pid(os.getpid())
app = primary.affected()[0]
primary.register("/bin/sh", process, "cron.service")
primary.register(b"/bin/sh", app, ["cron.service"])
primary.register(Path("/bin/sh"), (1, 2))
primary.register(["/bin/sh", b"/bin/sh", Path("/bin/sh")], [process, app, (1, 2)], directories="expand")
primary.register(paths(), processes=[app])
primary.register(("/bin/sh",), {process}, services=("a", "b"))

strings: list[str] = []
objects: list[Path] = []
primary.register(strings)
primary.register(objects)

assert_type(rmcy.who("/bin/sh", b"/bin/sh", Path("/bin/sh")), rmcy.AffectedList)
assert_type(rmcy.who(strings, objects, paths(), scope="all"), rmcy.AffectedList)
assert_type(rmcy.sessions(), tuple[rmcy.SessionInfo, ...])
assert_type(rmcy.sessions()[0].owner, rmcy.UniqueProcess)
assert_type(rmcy.backend_info(), rmcy.BackendInfo)
assert_type(rmcy.backend_info().library, str | None)
assert_type(rmcy.get_include(), str)
assert_type(rmcy.__version__, str)

registration = rmcy.register_application_restart(
    ["-m", "app"], directory=Path("/srv"), environment={"LANG": "C.UTF-8"}, no_patch=False
)
assert_type(registration, rmcy.Registration)
assert_type(registration.active, bool)
assert_type(registration.arguments, tuple[str, ...])
registration.unregister()
rmcy.register_application_restart(())
