# SPDX-License-Identifier: MIT
"""`python -m oracle SECONDS [SEED]`: how the answers compared, and every disagreement that no rule explains."""

from __future__ import annotations

import random
import sys

from oracle import second
from oracle.rounds import run


def main(seconds: str = "60", seed: str = "") -> int:
    number = int(seed) if seed else random.randrange(1 << 32)
    print(f"seed {number}", flush=True)
    lsfd = second.is_there()
    if not lsfd:
        print("lsfd is not installed: there is no second opinion")
    verdict = run(float(seconds), seed=number, lsfd=lsfd)
    for what, count in sorted(verdict.counts.items()):
        print(f"{what}: {count}")
    for wrong in verdict.wrong:
        print(f"DISAGREEMENT {wrong}")
    print(f"{len(verdict.wrong)} disagreements that no rule explains")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
