# SPDX-License-Identifier: MIT
"""What a client catches, and the types of what it reads there."""

from typing import assert_type

import rmcy

try:
    rmcy.start()
except rmcy.SessionLimitError as limit:
    assert_type(limit.owners, tuple[rmcy.SessionInfo, ...])
except rmcy.DirectoryRegisteredError as directory:
    assert_type(directory.directories, tuple[str, ...])
except rmcy.RestartManagerError as error:
    assert_type(error.code, int)
    assert_type(error.name, str)
    assert_type(error.function, str)
    assert_type(error.advice, str)

timeout: TimeoutError = rmcy.SessionTimeoutError(121, "RmJoinSession")
permission: PermissionError = rmcy.SessionAccessError(1219, "RmJoinSession")
value: ValueError = rmcy.BadArgumentsError(160, "RmJoinSession")
memory: MemoryError = rmcy.OutOfMemoryError(14, "RmJoinSession")
directory_error: IsADirectoryError = rmcy.DirectoryRegisteredError(5, "RmGetList")
process_error: ProcessLookupError = rmcy.ProcessNotFoundError(2, "RmxGetProcess")
