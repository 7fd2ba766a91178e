# SPDX-License-Identifier: MIT
"""The command line. It needs the extra `cli` and uses nothing of rmcy but its public names."""
