"""The arguments that a function is called with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Case", "CaseLike", "case", "made"]


@dataclass(frozen=True, slots=True)
class Case:
    """The arguments of one call."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """The arguments, written as in a call."""
        named = (f"{name}={value!r}" for name, value in self.kwargs.items())
        return f"({', '.join([*map(repr, self.args), *named])})"


# A tuple holds positional arguments. A function creates the case for each call, for arguments that
# cannot be pickled, e.g. an iterator.
CaseLike = Case | tuple[Any, ...] | Callable[[], "Case | tuple[Any, ...]"]


def case(*args: Any, **kwargs: Any) -> Case:  # noqa: ANN401 - whatever the function takes
    """The arguments of one call, written as in the call.

    >>> str(case(2, "b", strict=True))
    "(2, 'b', strict=True)"
    """
    return Case(args, kwargs)


def made(given: CaseLike) -> Case:
    """The given case in its canonical form.

    >>> made((1, 2)), made(lambda: (3,))
    (Case(args=(1, 2), kwargs={}), Case(args=(3,), kwargs={}))
    """
    while not isinstance(given, (Case, tuple)):
        given = given()
    return given if isinstance(given, Case) else Case(given)
