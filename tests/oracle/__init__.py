# SPDX-License-Identifier: MIT
"""rmcy on a churning machine, against a slow truth that is found in another way. The rules are in judge.py."""
