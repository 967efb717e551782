"""Functions that users of the database wrote. Each gets columns, and returns one."""

from __future__ import annotations

import os
from array import array
from operator import mul


def numbers(column: memoryview) -> memoryview[float]:
    """The column's memory as doubles, without a copy."""
    return column.cast("d")


def revenue(price: memoryview, quantity: memoryview) -> array[float]:
    """A useful function."""
    return array("d", map(mul, numbers(price), numbers(quantity)))


def reduced(price: memoryview, _quantity: memoryview) -> array[float]:
    """Another one."""
    return array("d", [0.9 * value for value in numbers(price)])


def endless(_price: memoryview, _quantity: memoryview) -> array[float]:
    """Is stuck in C: only the end of its process stops it."""
    return array("d", [sum(range(10**15))])


def leaves(_price: memoryview, _quantity: memoryview) -> array[float]:
    """Ends its process."""
    os._exit(1)


def wrong(price: memoryview, _quantity: memoryview) -> array[float]:
    """Returns too few values."""
    return array("d", numbers(price)[:1])
