# SPDX-License-Identifier: MIT
"""With CI=true nothing is skipped: what a test needs is installed there, so a skip is a failure.

On Windows, what is marked as being for Linux only may be.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from fix_platform import LINUX_ONLY, ON_WINDOWS

IN_CI = os.environ.get("CI") == "true"


def fail_if_skipped(report: pytest.CollectReport | pytest.TestReport) -> None:
    """Turn a skip into a failure that keeps the skip's reason; an expected failure stays what it is."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if ON_WINDOWS and reason.removeprefix("Skipped: ").startswith(LINUX_ONLY):
            return
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report
