"""Any number of arguments."""


def total(*values: float) -> float:
    """By position."""
    return sum(values)


def table(**entries: int) -> dict[str, int]:
    """By name."""
    return entries


def both(first: int, *rest: str, sep: str = " ", last: bool, **named: int) -> str:
    """All kinds at once."""
    return sep.join([str(first), *rest, str(last), *(f"{k}={v}" for k, v in named.items())])


def objects(*args, **kwargs) -> int:  # type: ignore[no-untyped-def]
    """Without hints."""
    return len(args) + len(kwargs)
