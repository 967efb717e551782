"""A plug-in whose hint is wrong."""


def run(values: list[float]) -> float:
    """Return text."""
    return f"{values}"  # type: ignore[return-value]
