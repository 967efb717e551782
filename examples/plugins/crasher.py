"""A plug-in that crashes, as an extension module with a bug does."""

import ctypes


def run(values: list[float]) -> float:
    """Read from the address 0."""
    return float(ctypes.string_at(0)[0]) + values[0]
