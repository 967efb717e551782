"""The reasons why migrate leaves code as it is, and what to write by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pyholdfast.check.clang_tidy_output import Place

__all__ = ["REMEDIES", "Refusal", "RefusedError"]

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "HF641": "use --to c or --to pep788, or compile the file as C++",
        "HF642": "give the object that spans them a guard that can begin late and end early",
        "HF643": "keep it in a place that nothing else uses: a guard of its own",
        "HF644": "use a guard that can begin late and end early",
        "HF645": "write the jump as a condition or a loop, or use a guard that can end early",
        "HF646": "write the guard itself where the macro or the expression is",
        "HF647": "write it by hand, and decide what to do if Python has ended",
        "HF648": "fix what holdfast check says about it first",
        "HF649": "write it as a statement of its own",
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """A place that is not rewritten.

    Attributes:
        place: the place of the call.
        code: HF641 to HF649.
        problem: the reason.
        remedy: what to do, in one action.
        lines: what to write by hand, if that can be said.
    """

    place: Place
    code: str
    problem: str
    remedy: str = ""
    lines: Sequence[str] = ()


class RefusedError(Exception):
    """Ends the work on one pair; becomes its `Refusal`."""

    def __init__(
        self, code: str, problem: str, remedy: str = "", lines: Sequence[str] = ()
    ) -> None:
        """Keep the code and the reason; a remedy only if the code's own does not fit."""
        super().__init__(code, problem)
        self.code = code
        self.problem = problem
        self.remedy = remedy or REMEDIES[code]
        self.lines = tuple(lines)
