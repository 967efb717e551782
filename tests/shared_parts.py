"""What programs with the same Python, compiler and options share: a header and an object file.

The header is precompiled: it has what nearly every program includes. The object file has the
runtime's bodies. Both take seconds, so whoever comes first makes them, and the others wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from typing import TYPE_CHECKING

from compiled_files import CACHE, CompileError, compile_object, run_compiler
from pyholdfast import paths
from pyholdfast.toolchain.prebuilt_runtime import COMPILED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyholdfast.toolchain.compiler import Compiler

__all__ = ["shared_parts"]

# For seven Pythons and two compilers, this text of the headers and the one before.
KEPT_PRECOMPILED = 28
# clang++ refuses a precompiled header whose files have another time, as after a change of branches,
# unless it compares their contents.
BY_CONTENTS = ("-Xclang", "-fvalidate-ast-input-files-content")
# What nearly every program includes; the programs still say so themselves.
PRECOMPILED = """\
#include <holdfast/holdfast.hpp>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
"""


def shared_parts(
    compiler: Compiler,
    options: Sequence[str],
    python_headers: Path,
    of_programs: Sequence[str] = (),
) -> tuple[list[str], Path]:
    """The options with which a program is compiled in place of `options`, and the runtime's object.

    The program's compile must add `of_programs` to these: further options that the runtime goes
    without.

    The folder of the header is named by the text of every header of ours, so an edit makes a new
    one.

    Raises:
        CompileError: if either does not compile, or a header is edited meanwhile.
    """
    options = [*options, COMPILED]
    patchlevel = (python_headers / "patchlevel.h").stat()
    facts = [compiler.identity(), PRECOMPILED, *options, *of_programs, str(patchlevel.st_mtime_ns)]
    folder = CACHE / "precompiled" / _name(facts)
    folder.mkdir(parents=True, exist_ok=True)
    header = folder / "common.hpp"
    clang = "clang" in compiler.name
    done = folder / ("common.hpp.pch" if clang else "common.hpp.gch")
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            header.write_text(PRECOMPILED, encoding="utf-8")
            partial = folder / "partial.gch"  # mingw adds .exe to a name without a suffix
            # clang keeps the instances of templates in the file only if it is told to. They take
            # a third of the time of a program.
            own = ["-fpch-instantiate-templates", *BY_CONTENTS] if clang else []
            how = [*options, *of_programs, *own, "-x", "c++-header"]
            run_compiler(compiler, [*how, str(header), "-o", str(partial)])
            if _name(facts) != folder.name:
                message = "a header of holdfast was edited while it was compiled: run it again"
                raise CompileError(message)
            partial.replace(done)
            _forget_old(folder.parent)
        bodies = paths.include_dir() / "holdfast" / "compiled.cpp"
        runtime = compile_object(compiler, bodies, options)
    including = [*BY_CONTENTS, "-include-pch", str(done)] if clang else ["-include", str(header)]
    return [*including, *options], runtime


def _name(facts: Sequence[str]) -> str:
    """The name of the folder for these facts and the text of the headers."""
    digest = hashlib.sha256("\n".join(facts).encode())
    for header in sorted(paths.include_dir().rglob("*.?p*")):
        digest.update(header.read_bytes())
    return digest.hexdigest()[:24]


def _forget_old(root: Path) -> None:
    """Each edit of a header makes a new folder per Python, of about 80 MB."""
    folders = sorted(root.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[KEPT_PRECOMPILED:]:
        shutil.rmtree(folder, ignore_errors=True)
