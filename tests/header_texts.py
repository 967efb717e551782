"""Compiles texts that include our headers, with every warning an error, also of the headers."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from docs_pages.rooms import public_headers
from matrix import default_python
from pyholdfast import paths
from pyholdfast.toolchain.compiler import Compiler, find_compiler
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["HEADERS", "NEEDS_CXX20", "PUBLIC", "ROOT", "compile_text", "with_our_warnings"]

ROOT = paths.include_dir()
_ALL = sorted(str(path.relative_to(ROOT)) for path in (*ROOT.rglob("*.hpp"), *ROOT.rglob("*.h")))
# Those that a C++17 host cannot include.
NEEDS_CXX20 = [name for name in _ALL if name.startswith("holdfast/coroutines")]
HEADERS = [name for name in _ALL if name not in NEEDS_CXX20]
# What a host may include: whatever lies at the top, and what the umbrellas there include.
PUBLIC = frozenset(
    {name for name in HEADERS if name.count("/") == 1}
    | {f"holdfast/{name}" for name in public_headers(ROOT / "holdfast")}
)
STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")


def with_our_warnings(options: Sequence[str]) -> list[str]:
    """Options with our headers as a project's own: users are spared the warnings, we are not."""
    at = options.index(str(ROOT))
    assert options[at - 1] == "-isystem"
    return [*options[: at - 1], f"-I{ROOT}", *options[at + 1 :]]


def compile_text(
    text: str,
    folder: Path,
    *options: str,
    standard: str = "c++17",
    compiler: Compiler | None = None,
) -> None:
    """Compile a source with our warnings as errors; `compiler` in place of the machine's.

    Raises:
        AssertionError: with the compiler's words.
    """
    flags = flags_for(default_python().build, standard=standard, optimise="-O0")
    source = folder / "unit.cpp"
    source.write_text(text)
    done = subprocess.run(
        [*(compiler or find_compiler()).command, *with_our_warnings(flags.cflags), *STRICT,
         *options, str(source)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
