#!/usr/bin/env python3
"""Feeds mutated .holdfast.toml files to their reader: settings or HF625, and nothing else.

Run by test_fuzz.py. By hand: ``tests/fuzz/settings.py [options of libFuzzer] [CORPUS]``.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "src")]

import atheris  # noqa: E402

with atheris.instrument_imports(include=["pyholdfast", "tomllib"]):
    importlib.import_module("tomllib")  # by name, as the reader does: it begins with Python 3.11
    from pyholdfast.check.settings import read_settings
    from pyholdfast.errors import UsageError

FOLDER = Path(tempfile.mkdtemp(prefix="holdfast-fuzz-"))


def one_input(data: bytes) -> None:
    """Read a file with these bytes, and make the names to look for."""
    (FOLDER / ".holdfast.toml").write_bytes(data)
    try:
        read_settings(FOLDER).vocabulary()
    except UsageError as error:
        if not (error.code == "HF625" and error.remedy):
            raise


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
