"""Asks the compiler whether a source is right, without making anything of it."""

from __future__ import annotations

from pathlib import Path

from harness import run_command
from matrix import default_python
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.flags import flags_for

__all__ = ["compile_alone"]


def compile_alone(source: Path, folder: Path) -> str:
    """The compiler's output; empty if the file compiles."""
    flags = flags_for(default_python().build)
    command = [*find_compiler().command, *flags.cflags, "-fsyntax-only", f"-I{folder}", str(source)]
    outcome = run_command(command, deadline_s=120)
    return "" if outcome.code == 0 else outcome.explain()
