from collections.abc import Callable
from types import TracebackType
from typing import final

from rmcy._account import Account
from rmcy._handle import Handle
from rmcy.errors import RestartManagerError
from rmcy.items import PlanStep, Progress

FORCE: int
ONLY_REGISTERED: int
SKIP_CRITICAL: int
CANCEL: object

@final
class Turn:
    def within(self, seconds: float) -> Taken: ...

@final
class Taken:
    def __enter__(self) -> None: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

@final
class Work:
    def do(self) -> None: ...

@final
class Done:
    @property
    def account(self) -> Account | None: ...
    @property
    def error(self) -> RestartManagerError | None: ...
    @property
    def raised(self) -> tuple[BaseException, ...]: ...

def plan(handle: Handle, flags: int, seconds: float) -> Account: ...
def shutdown(
    handle: Handle,
    turn: Turn,
    flags: int,
    app_seconds: float | None,
    service_seconds: float | None,
    steps: tuple[PlanStep, ...] | None,
    seconds: float,
    on_progress: Callable[[Progress], object] | None,
) -> Done: ...
def restart(
    handle: Handle, turn: Turn, shielded: bool, seconds: float, on_progress: Callable[[Progress], object] | None
) -> Done: ...
def recover(forget: bool, seconds: float, on_progress: Callable[[Progress], object] | None) -> Done: ...
def leave_stopped(handle: Handle) -> None: ...
def cancel(handle: Handle, turn: Turn) -> None: ...
