"""Filters for samples, with numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def smooth(samples: npt.NDArray[np.float64], width: int) -> None:
    """Replaces each sample by the mean of those around it, in place: the memory is the caller's."""
    kernel = np.full(width, 1.0 / width)
    samples[:] = np.convolve(samples, kernel, mode="same")


def spectrum(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The strength of each frequency: memory of numpy, which C++ reads where it lies."""
    return np.abs(np.fft.rfft(samples))
