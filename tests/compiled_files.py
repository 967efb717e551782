"""Compiles and links files of the tests, each once per compiler, options and contents.

Everything lies in ``.cache/tests`` of the checkout. Several test processes may build at the
same time: finished files appear by rename, and at most one compiler runs per CPU.
"""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from compiler_turns import turn
from pyholdfast import paths
from pyholdfast.toolchain.cache import HostStore
from pyholdfast.toolchain.compiler import read_dependencies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyholdfast.toolchain.compiler import Compiler

__all__ = [
    "CACHE",
    "CHECKOUT",
    "CompileError",
    "compile_object",
    "link",
    "run_compiler",
    "store_at",
]

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / ".cache" / "tests"
# Two for each program and Python; what was used least recently goes first.
KEPT = 6000


class CompileError(Exception):
    """A program of ours does not build; the text is the compiler's."""


def compile_object(
    compiler: Compiler, source: Path, options: Sequence[str], store: HostStore | None = None
) -> Path:
    """Compile one file, unless it and all it includes are as they were.

    Raises:
        CompileError: if it does not compile.
    """
    store = store or store_at(CACHE)
    recipe = "\n".join(["object", str(source), compiler.identity(), paths.version(), *options])
    name = f"{source.stem}.o"
    if found := store.find(recipe, name):
        return found
    with _workplace(recipe) as folder:
        begun_ns = time.time_ns()
        out, listed = folder / name, folder / "files.d"
        run_compiler(compiler, [*options, "-MD", "-MF", str(listed), "-c", str(source),
                                "-o", str(out)])  # fmt: skip
        files = read_dependencies(listed.read_text(encoding="utf-8"))
        return store.add(recipe, name, out, files, begun_ns=begun_ns)


def link(
    compiler: Compiler, linking: Sequence[str], name: str, inputs: Sequence[Path], store: HostStore
) -> Path:
    """Link, unless all that goes in is as it was.

    Raises:
        CompileError: if it does not link.
    """
    recipe = "\n".join(["link", compiler.identity(), *linking])
    if found := store.find(recipe, name):
        return found
    with _workplace(recipe) as folder:
        out = folder / name
        run_compiler(compiler, [*linking, "-o", str(out)])
        return store.add(recipe, name, out, inputs, begun_ns=time.time_ns())


def run_compiler(compiler: Compiler, arguments: Sequence[str]) -> None:
    """Run the compiler when it is this process's turn.

    Raises:
        CompileError: with the command and what the compiler said.
    """
    command = [*compiler.command, *arguments]
    with turn(CACHE / "turns"):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = f"{shlex.join(command)}\n{done.stderr[-6000:]}"
        raise CompileError(message)


def store_at(folder: Path) -> HostStore:
    """The table of what was built in `folder`."""
    return HostStore(folder / "built", kept=KEPT)


@contextmanager
def _workplace(recipe: str) -> Iterator[Path]:
    """A folder of its own per recipe and process, on the same file system as the store."""
    name = hashlib.sha256(f"{recipe}{time.time_ns()}".encode()).hexdigest()[:24]
    folder = CACHE / "work" / name
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
