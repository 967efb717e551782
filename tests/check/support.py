"""Running `holdfast check` on samples whose comments say what is to be found."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from harness import Outcome, run_command
from matrix import MatrixPython, default_python, usable

__all__ = ["ENDS", "SAMPLES", "check", "expected", "found", "needs_clang_tidy"]

SAMPLES = Path(__file__).with_name("samples")
ENDS = {python.name: python for python in (usable()[0], default_python())}
_EXPECTED = re.compile(r"//\s*expect ((?:HF\d{3}[ ,]*)+)")


def needs_clang_tidy() -> None:
    """Skip where the check extra is not installed."""
    pytest.importorskip("clang_tidy", reason="pip install clang-tidy")


def check(
    *arguments: str | Path,
    python: MatrixPython | None = None,
    cwd: Path | None = None,
    deadline_s: float = 120,
) -> Outcome:
    """Run the command as a user would."""
    words = [str(argument) for argument in arguments]
    cut = words.index("--") if "--" in words else len(words)
    chosen = ["--python", str((python or default_python()).path)] if "-p" not in words else []
    command = [sys.executable, "-m", "pyholdfast", "check", *words[:cut], *chosen, *words[cut:]]
    return run_command(command, deadline_s=deadline_s, cwd=cwd)


def expected(file: Path) -> set[tuple[int, str]]:
    """Lines and codes that the comments of a sample announce."""
    wanted = set()
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        match = _EXPECTED.search(line)
        if match:
            wanted |= {(number, code) for code in re.findall(r"HF\d{3}", match.group(1))}
    return wanted


def found(outcome: Outcome) -> dict[str, Any]:
    """The JSON report."""
    assert outcome.out, outcome.explain()
    report: dict[str, Any] = json.loads(outcome.out)
    return report
