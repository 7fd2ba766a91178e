# SPDX-License-Identifier: MIT
"""The key of a session: whoever has it may register in the session."""

from __future__ import annotations

__all__ = ["KEY_VARIABLE", "SessionKey"]

KEY_VARIABLE = "RMCY_SESSION_KEY"


class SessionKey(str):
    """The key of a session: a real str (32 hexadecimal digits) whose repr does not show it.

    Give it to a secondary through its environment (`Session.child_env`), a
    file or a pipe. A command line can be read by every user of the machine.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<SessionKey, not shown>"
