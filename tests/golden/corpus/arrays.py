"""Arrays, without copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer


def scale(values: npt.NDArray[np.float64], factor: float) -> None:
    """In place."""
    values *= factor


def ramp(count: int) -> npt.NDArray[np.int32]:
    """Made in Python."""
    import numpy

    return numpy.arange(count, dtype=numpy.int32)


def matrix(rows: int, columns: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Of two dimensions."""
    import numpy

    return numpy.arange(rows * columns, dtype=numpy.float32).reshape(rows, columns)


def mask(values: npt.NDArray[np.bool_]) -> int:
    """How many are set."""
    return int(values.sum())


def size(data: Buffer) -> int:
    """Of anything with a buffer."""
    return memoryview(data).nbytes


def view(data: bytes) -> memoryview:
    """A view."""
    return memoryview(data)


def unknown(values: npt.NDArray[Any]) -> str:
    """Elements of any type make it an object."""
    return str(values.dtype)
