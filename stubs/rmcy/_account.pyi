from typing import final

from rmcy.enums import Phase
from rmcy.items import PlanStep, ProgramOutcome

@final
class Account:
    @property
    def items(self) -> tuple[PlanStep | ProgramOutcome, ...]: ...
    @property
    def phase(self) -> Phase: ...
    @property
    def complete(self) -> bool: ...
    @property
    def reboot_reasons(self) -> int: ...

@final
class PackedPlan: ...
