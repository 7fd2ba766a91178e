from typing import final

@final
class TextList:
    @property
    def count(self) -> int: ...

@final
class ProcessArray:
    @property
    def count(self) -> int: ...
