# SPDX-License-Identifier: MIT
"""What a run of pytest came to, from the document that it writes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Results:
    passed: int
    failed: int
    skipped: int

    @property
    def good(self) -> bool:
        """Nothing failed, and something passed: a run of nothing shows nothing."""
        return not self.failed and self.passed > 0

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read_results(document: Path) -> Results:
    passed = failed = skipped = 0
    for case in ElementTree.parse(document).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return Results(passed, failed, skipped)
