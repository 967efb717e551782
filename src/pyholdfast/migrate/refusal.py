"""What migrate does not rewrite, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pyholdfast.check.diagnostics import Place

__all__ = ["REMEDIES", "Refusal", "RefusedError"]

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "HF641": "use --to pep788, or compile the file as C++",
        "HF642": "make one function of both ends, or give the object that spans them a guard as a"
        " member",
        "HF643": "keep it in a local variable that nothing else uses",
        "HF644": "give the region a block of its own, and leave it in one place",
        "HF645": "write the jump as a condition or a loop",
        "HF646": "write the call itself where the macro or the expression is",
        "HF647": "write the guard by hand, and say what is to be done where Python has ended",
        "HF648": "mend what holdfast check says about it first",
        "HF649": "write it as a statement of its own",
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """A place that stays as it is.

    Attributes:
        place: of the call.
        code: HF641 to HF649.
        problem: in words.
    """

    place: Place
    code: str
    problem: str

    @property
    def remedy(self) -> str:
        """One action."""
        return REMEDIES[self.code]


class RefusedError(Exception):
    """Ends the look at one pair; becomes its `Refusal`."""

    def __init__(self, code: str, problem: str) -> None:
        """Keep both."""
        super().__init__(code, problem)
        self.code = code
        self.problem = problem
