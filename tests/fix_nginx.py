# SPDX-License-Identifier: MIT
"""A machine to be patched: a systemd of its own, Debian's nginx under load, and somebody logged in by ssh."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from fix_systemd import SystemdBox

NGINX = """
    user www-data;
    pid /run/nginx.pid;
    events {}
    http {
        access_log off;
        server {
            listen 127.0.0.1:443 ssl;
            ssl_certificate /etc/nginx/box.pem;
            ssl_certificate_key /etc/nginx/box.key;
            location / { return 200 "served"; }
        }
    }
"""
CERTIFICATE = (
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"),
    *("-keyout", "/etc/nginx/box.key", "-out", "/etc/nginx/box.pem"),
)
SSHD = """
    UsePAM no
    AuthorizedKeysFile /etc/ssh/box_keys
"""
# One request after the other, each by a connection of its own, until its input ends; then one more.
CLIENT = """
    import collections, json, select, socket, ssl, sys
    from functools import partial
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    def request():
        try:
            with socket.create_connection(("127.0.0.1", 443)) as plain, context.wrap_socket(plain) as connection:
                connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
                answer = b"".join(iter(partial(connection.recv, 4096), b""))
                return "served" if answer.endswith(b"served") else "cut off"
        except OSError as error:
            return type(error).__name__
    counted = collections.Counter()
    print(request(), flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        counted[request()] += 1
    print(json.dumps([counted, request()]))
"""


class Load(NamedTuple):
    """How a client's requests ended, by number; and how the last one did."""

    counted: dict[str, int]
    last: str


class Client:
    """Requests all the while, in the box's network but not among its processes."""

    def __init__(self, box: SystemdBox) -> None:
        command = in_network(box, *box.python_command(CLIENT))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "served\n"

    def end(self) -> Load:
        said, _ = self.process.communicate("end\n")
        return Load(*json.loads(said))


class Login:
    """Somebody who is logged in: what is said at one end of ssh comes back from the other."""

    def __init__(self, box: SystemdBox, key: Path) -> None:
        options = ("-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR")
        command = in_network(box, "ssh", "-F", "none", "-i", str(key), *options, "root@127.0.0.1", "cat")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        assert self.answers()
        # sshd's own processes for it: the rest of the box has no part in who is logged in.
        self.pids = [int(pid) for pid in box.run("pgrep", "-f", "^sshd: root").split()]

    def answers(self) -> bool:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("still there?\n")
        return self.process.stdout.readline() == "still there?\n"


class Machine(NamedTuple):
    box: SystemdBox
    client: Client
    login: Login


def in_network(box: SystemdBox, *command: str) -> list[str]:
    return ["nsenter", "-t", str(box.leader), "-n", "--", *command]


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def machine(own_box: SystemdBox, tmp_path: Path) -> Iterator[Machine]:
    tools = ("nginx", "sshd", "ssh", "openssl")
    missing = [name for name in tools if not shutil.which(name, path="/usr/sbin:/usr/bin")]
    if missing:
        pytest.skip(f"there is no {', '.join(missing)} (Debian: nginx, openssh-server, openssl)")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    box = own_box
    box.write("/etc/nginx/nginx.conf", NGINX)
    box.write("/etc/ssh/sshd_config.d/box.conf", SSHD)
    box.write("/etc/ssh/box_keys", key.with_suffix(".pub").read_text())
    box.run(*CERTIFICATE)
    box.start("nginx.service")
    box.start("ssh.service")
    with ExitStack() as ends:
        login = Login(box, key)
        ends.callback(_end, login.process)
        client = Client(box)
        ends.callback(_end, client.process)
        yield Machine(box, client, login)
