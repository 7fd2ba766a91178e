# SPDX-License-Identifier: MIT
"""The probe for Windows as a module, and the reports that people have sent."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

PROBE = Path(__file__).parent.parent / "tools/windows_probe.py"


@functools.cache
def load_probe() -> ModuleType:
    """Import tools/windows_probe.py, which is no part of any package."""
    spec = importlib.util.spec_from_file_location(PROBE.stem, PROBE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PROBE.stem] = module
    spec.loader.exec_module(module)
    return module
