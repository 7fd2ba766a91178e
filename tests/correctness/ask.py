# SPDX-License-Identifier: MIT
"""The program that asks rmcy: one JSON line in, one out.

{"register": [names]}, then {"list": true} as often as wanted, then {} to end the session.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack

import rmcy


def main() -> None:
    with ExitStack() as sessions:
        session: rmcy.PrimarySession | None = None
        for line in sys.stdin:
            request = json.loads(line)
            try:
                if not request:
                    sessions.close()
                    answer: object = {}
                elif "register" in request:
                    session = sessions.enter_context(rmcy.start(label="correctness"))
                    session.register([os.fsencode(name) for name in request["register"]], directories="accept")
                    answer = {}
                else:
                    assert session is not None
                    answer = session.affected().to_dict()
            except rmcy.RestartManagerError as error:
                answer = {"error": error.name, "text": str(error)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
