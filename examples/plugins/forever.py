"""A plug-in that never ends, in C code that nothing interrupts."""


def run(values: list[float]) -> float:
    """Count for some years."""
    return sum(range(10**15)) + sum(values)
