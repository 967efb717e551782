"""Paths that cannot exist, and a current folder that is gone, are wrong use, not a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

START = """\
import os, sys
folder = sys.argv.pop(1)
if folder:
    os.mkdir(folder)
    os.chdir(folder)
    os.rmdir(folder)
from pyholdfast.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("is_gone", "words"),
    [
        (False, ["doctor", "x" * 300]),
        (False, ["bind", "x" * 300]),
        (False, ["run", "x" * 300]),
        (False, ["doctor", "loop"]),
        (True, ["doctor", "--quick"]),
        (True, ["bind", "x.py"]),
        (True, ["config", "--cflags"]),
    ],
)
def test_it_is_wrong_use(tmp_path: Path, words: list[str], *, is_gone: bool) -> None:
    """Exit status 2, or that of a command which does not need the folder."""
    (tmp_path / "loop").symlink_to("loop")
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path / "gone") if is_gone else "", *words],
        check=False, capture_output=True, text=True, timeout=120, cwd=tmp_path,
    )  # fmt: skip

    assert "Traceback" not in done.stderr
    assert done.returncode in ((0, 2) if is_gone else (2,)), done
