#!/usr/bin/env python3
"""Feeds damaged traces to their readers: a summary and a picture or a coded error, nothing else.

HOLDFAST_FUZZ_TRACE names a trace that is whole. An input says where it is overwritten with what, and
where it is truncated. Run by test_fuzz.py. By hand: ``tests/fuzz/traces.py [options of libFuzzer]``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "src")]

import atheris  # noqa: E402

with atheris.instrument_imports(include=["pyholdfast"]):
    from pyholdfast.errors import HoldfastError
    from pyholdfast.trace.building import build
    from pyholdfast.trace.file_layout import read_trace
    from pyholdfast.trace.html import page
    from pyholdfast.trace.summary import summary

WHOLE = Path(os.environ["HOLDFAST_FUZZ_TRACE"]).read_bytes()
FOLDER = Path(tempfile.mkdtemp(prefix="holdfast-fuzz-"))
MOST_PATCHES = 8
WIDEST = 16


def one_input(data: bytes) -> None:
    """Damage the trace as the input says, and read it."""
    recipe = atheris.FuzzedDataProvider(data)
    damaged = bytearray(WHOLE)
    for _ in range(recipe.ConsumeIntInRange(1, MOST_PATCHES)):
        at = recipe.ConsumeIntInRange(0, len(damaged) - 1)
        patch = recipe.ConsumeBytes(WIDEST)
        damaged[at : at + len(patch)] = patch[: len(damaged) - at]
    if recipe.ConsumeBool():
        del damaged[recipe.ConsumeIntInRange(0, len(damaged)) :]
    file = FOLDER / "fuzzed.trace"
    file.write_bytes(damaged)
    try:
        trace = build(read_trace(file))
        summary(trace)
        page(trace)
    except HoldfastError as error:
        if not (error.code.startswith("HF8") and error.remedy):
            raise


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
