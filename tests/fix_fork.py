# SPDX-License-Identifier: MIT
"""Work done in a forked child."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable


def in_child(work: Callable[[], object]) -> None:
    """Run it in a forked child; its exception is this test's failure."""
    readable, writable = os.pipe()
    with warnings.catch_warnings():
        # Later Pythons warn of a fork beside threads; what the child may then do is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os.write(writable, traceback.format_exc().encode()[-4000:])
        finally:
            os._exit(0)
    os.close(writable)
    with open(readable) as told:
        failure = told.read()
    os.waitpid(child, 0)
    assert not failure, failure
