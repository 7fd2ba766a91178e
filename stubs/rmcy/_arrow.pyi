from typing import final

@final
class NameColumn: ...
