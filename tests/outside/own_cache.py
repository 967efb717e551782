"""Runs of the command whose cache is in the folder of one test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import Outcome, run_holdfast

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]


def run(*words: str | Path, cwd: Path, **environ: str) -> Outcome:
    """Run the command in its own process, with its own cache."""
    return run_holdfast(*words, environ={"XDG_CACHE_HOME": str(cwd / "cache"), **environ}, cwd=cwd)
