"""A plug-in that takes all memory that it can get."""


def run(values: list[float]) -> float:
    """Keep gigabytes."""
    kept = [bytearray(1 << 28) for _ in values]
    return float(len(kept))
