"""A plug-in with a bug."""


def run(values: list[float]) -> float:
    """Convert what is no number."""
    return float("many") + values[0]
