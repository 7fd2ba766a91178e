# SPDX-License-Identifier: MIT
"""`rmcy` and `python -m rmcy`. Without the extra `cli` it says how to get it."""

from __future__ import annotations

import sys

_EXTRA = {"click", "rich"}


def main() -> int:
    """Run the command line; return its exit status."""
    try:
        from rmcy.cli.command import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        print(
            f"rmcy: the command line needs {error.name}, which is not installed; pip install 'rmcy[cli]'",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
