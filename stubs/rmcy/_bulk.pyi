from rmcy._records import Registered
from rmcy._session import Handle
from rmcy.errors import RestartManagerError

def join(keys: list[str], seconds: float) -> tuple[list[Handle | None], memoryview]: ...
def register(
    handles: list[Handle | None], files: list[object], codes: list[int], flags: int, seconds: float
) -> tuple[list[Registered | None], dict[int, RestartManagerError], memoryview]: ...
