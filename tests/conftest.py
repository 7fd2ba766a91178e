# SPDX-License-Identifier: MIT
"""The fixtures and rules that all tests share, one file each."""

from __future__ import annotations

pytest_plugins = ["fix_ci", "fix_cli", "fix_systemd"]
