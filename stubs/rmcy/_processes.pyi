from typing import final

@final
class ProcessArray:
    @property
    def count(self) -> int: ...
