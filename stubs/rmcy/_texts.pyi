from typing import final

@final
class TextList:
    @property
    def count(self) -> int: ...
