"""Defaults, and arguments by position and by name."""


def plain(a: int, b: int) -> int:
    """By position."""
    return a - b


def with_defaults(text: str, limit: int = 10, strict: bool = False) -> str:
    """The last ones may be left out."""
    return f"{text} {limit} {strict}"


def keyword_only(a: int, *, b: int, c: int = 3) -> int:
    """By name."""
    return a * 100 + b * 10 + c


def required_after_default(a: int = 1, *, c: int = 3, b: int) -> int:
    """What has no default comes first in C++, where the order means nothing to Python."""
    return a * 100 + b * 10 + c


def position_only(a: int, /, b: int = 2) -> int:
    """The first has no name."""
    return a * 10 + b


def position_only_defaults(a: int = 1, b: int = 2, /) -> int:
    """Can be left out from the end."""
    return a * 10 + b


def optional(limit: int | None = None, name: str | None = "x") -> str:
    """None, and left out, are two things."""
    return f"{limit} {name}"


def computed(stamp: float = float("inf"), items: tuple[int, ...] = (1, 2)) -> float:
    """Defaults that only Python knows."""
    return stamp + sum(items)


def unhinted(a, b=1):  # type: ignore[no-untyped-def]
    """Without hints there are objects."""
    return a + b


def reserved(new: int, default: int = 5, *, operator: int = 6, class_: int = 7) -> int:
    """Names that mean something to C++."""
    return new + default + operator + class_


def _private(a: int) -> int:
    """Not for others."""
    return a
