#!/usr/bin/env python3
"""Feeds mutated Python modules to the reader of hints: a header or a coded error, and nothing else.

Run by test_fuzz.py. By hand: ``tests/fuzz/hints.py [options of libFuzzer] [CORPUS]``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "src")]

import atheris  # noqa: E402

with atheris.instrument_imports(include=["pyholdfast"]):
    from pyholdfast.codegen.emit import write_header
    from pyholdfast.errors import HoldfastError
    from pyholdfast.hints.read import read_module

FOLDER = Path(tempfile.mkdtemp(prefix="holdfast-fuzz-"))


def one_input(data: bytes) -> None:
    """Read a module with these bytes, and write its header."""
    module = FOLDER / "fuzzed.py"
    module.write_bytes(data)
    try:
        write_header(read_module(module), module)
    except HoldfastError as error:
        if not (error.code.startswith("HF5") and error.remedy):
            raise


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
