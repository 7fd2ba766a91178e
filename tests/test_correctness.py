# SPDX-License-Identifier: MIT
"""rmcy is right in every case, as it is and with each newer thing of the kernel missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from correctness.asker import Askers
from correctness.lab import CannotMake
from correctness.situation import Case, load_cases
from correctness.trial import try_case
from correctness.ways import all_ways

pytestmark = pytest.mark.linux("its cases are made of Linux's mounts, namespaces and users")


@pytest.fixture(scope="module")
def askers() -> Iterator[Askers]:
    askers = Askers()
    yield askers
    askers.close()


@pytest.fixture
def directory() -> Iterator[Path]:
    """Unlike tmp_path, a place that other users can enter."""
    with TemporaryDirectory(prefix="rmcy-case-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_page_has_a_row_for_each_case() -> None:
    page = (Path(__file__).parents[1] / "docs" / "correctness.md").read_text()
    assert [case.name for case in load_cases() if f"\n| {case.title} | " not in page] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount and to become other users")
@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_answer(case: Case, directory: Path, askers: Askers) -> None:
    try:
        trials = try_case(case, directory, askers, all_ways())
    except CannotMake as reason:
        pytest.skip(str(reason))
    assert [(trial.way.name, trial.verdict, trial.why) for trial in trials if not trial.good] == []
