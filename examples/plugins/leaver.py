"""A plug-in that ends its process."""

import os


def run(values: list[float]) -> float:
    """Leave."""
    os._exit(len(values))
