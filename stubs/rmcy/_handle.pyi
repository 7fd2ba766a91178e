from collections.abc import Sequence
from os import PathLike
from typing import final

from rmcy._answer import Answer
from rmcy._lists import PathList, ProcessList
from rmcy._records import Registered

REFUSE_DIRECTORIES: int
SKIP_DIRECTORIES: int

@final
class Handle:
    @property
    def key(self) -> str: ...
    @property
    def closed(self) -> bool: ...
    @property
    def value(self) -> int: ...
    def left_stopped(self) -> int: ...
    def close(self, seconds: float) -> None: ...
    def register(
        self,
        files: Sequence[str | bytes | PathLike[str] | PathLike[bytes]] | PathList,
        processes: Sequence[object] | ProcessList,
        services: Sequence[str],
        flags: int,
        seconds: float,
    ) -> Registered: ...
    def affected(self, mine: bool, seconds: float) -> Answer: ...

def start(label: bytes, private: bool, seconds: float) -> Handle: ...
def join(key: str, seconds: float) -> Handle: ...
def sessions(seconds: float) -> list[tuple[int | None, int, int, int, int, int, int, int, str]]: ...
