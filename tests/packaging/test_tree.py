"""What the repository holds: sources that somebody wrote, and nothing that a tool left behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
EMPTY_ON_PURPOSE = frozenset({"py.typed", "__init__.py"})


def test_every_tracked_file_is_text_with_a_last_line() -> None:
    """An object file, an empty file or a picture is there by accident."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    files = [CHECKOUT / name for name in listed.stdout.split("\0") if name]

    odd = [file for file in files if file.is_file() and not _is_written(file)]

    assert not odd


def _is_written(file: Path) -> bool:
    data = file.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return data.endswith(b"\n") if data else file.name in EMPTY_ON_PURPOSE
