"""The reasons why migrate leaves code as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pyholdfast.check.clang_tidy_output import Place

__all__ = ["REMEDIES", "Refusal", "RefusedError"]

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "HF641": "use --to pep788, or compile the file as C++",
        "HF642": "put both ends into one function, or give the object that spans them a guard as a"
        " member",
        "HF643": "keep it in a local variable that nothing else uses",
        "HF644": "give the region a block of its own, and leave it in one place",
        "HF645": "write the jump as a condition or a loop",
        "HF646": "write the call itself where the macro or the expression is",
        "HF647": "write the guard by hand, and decide what to do if Python has ended",
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
    """

    place: Place
    code: str
    problem: str

    @property
    def remedy(self) -> str:
        """What to do, in one action."""
        return REMEDIES[self.code]


class RefusedError(Exception):
    """Ends the work on one pair; becomes its `Refusal`."""

    def __init__(self, code: str, problem: str) -> None:
        """Keep the code and the reason."""
        super().__init__(code, problem)
        self.code = code
        self.problem = problem
