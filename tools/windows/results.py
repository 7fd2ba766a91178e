# SPDX-License-Identifier: MIT
"""What a run of pytest came to, from the document that it writes: numbers, and reasons for what was not run."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Results:
    passed: int
    failed: int
    reasons: Counter[str]

    @property
    def skipped(self) -> int:
        return self.reasons.total()

    @property
    def good(self) -> bool:
        """Nothing failed, and something passed: a run of nothing shows nothing."""
        return not self.failed and self.passed > 0

    def __str__(self) -> str:
        lines = [f"  skipped {count:4}: {reason}" for reason, count in self.reasons.most_common()]
        return "\n".join([f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", *lines])


def read_results(document: Path) -> Results:
    passed = failed = 0
    reasons: Counter[str] = Counter()
    for case in ElementTree.parse(document).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif (skip := case.find("skipped")) is not None:
            reasons[skip.get("message", "")] += 1
        else:
            passed += 1
    return Results(passed, failed, reasons)
