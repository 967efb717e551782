"""The function bodies of the C++ runtime, compiled once for a Python and a set of options.

The headers alone are enough for any host. But the bodies in the ``.ipp`` files are the same in all
of them, and take most of the time it takes to compile a host. Compiled once, they are linked into
every host that is compiled with ``-DHOLDFAST_COMPILED``. The first host waits for them, so two
compilers make a half each.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.cache import HostStore, cache_folder
from pyholdfast.toolchain.cache_folders import workplace
from pyholdfast.toolchain.compiler import compile_object, run_compiler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyholdfast.toolchain.compiler import Compiler

__all__ = ["COMPILED", "Runtime", "is_of_ours"]

COMPILED = "-DHOLDFAST_COMPILED"
OBJECT = "holdfast.o"
KEPT = 24
HALVES = (1, 2)  # see compiled.cpp
# Options that may change the layout of the runtime's types or its generated code. Not among them:
# warnings, and a host's own folders, libraries and sources.
SHARED = ("-D", "-U", "-O", "-f", "-g", "-m", "-std", "-stdlib", "-isystem", "-idirafter", "-pthread",
          "--target", "--sysroot")  # fmt: skip


class Runtime:
    """One object file, found in the cache or compiled.

    Attributes:
        root: folder of the table of object files.
    """

    def __init__(
        self, compiler: Compiler, compiling: Sequence[str], environ: Mapping[str, str] | None = None
    ) -> None:
        self.root = cache_folder(environ) / "runtimes"
        self._compiler = compiler
        self._options = [*_shared(compiling), f"-I{paths.include_dir()}", COMPILED]
        facts = ["runtime", compiler.identity(), paths.version(), *self._options]
        self._recipe = json.dumps(facts)
        self._store = HostStore(self.root, kept=KEPT)
        self._found: Path | None = None

    def find(self) -> Path | None:
        """The object file, if the cache has one for the headers' current contents.

        After the first success, the headers are not read again.
        """
        self._found = self._found or self._store.find(self._recipe, OBJECT)
        return self._found

    def make(self, spare: Path) -> Path:
        """The object file, compiled now if necessary.

        Args:
            spare: a folder to use if the cache is not writable.

        Raises:
            ToolchainError: HF108 if the compiler does not start, HF109 if the runtime does not
                compile, HF112 if the cache is no longer writable.
        """
        if found := self.find():
            return found
        with contextlib.ExitStack() as stack:
            try:
                folder = stack.enter_context(workplace(self.root))
            except OSError:
                return self._compile(spare)[0]
            begun_ns = time.time_ns()
            out, files = self._compile(folder)
            self._found = self._store.add(self._recipe, OBJECT, out, files, begun_ns=begun_ns)
            return self._found

    def _compile(self, folder: Path) -> tuple[Path, list[Path]]:
        out = folder / OBJECT
        if not self._can_be_halved():
            return out, self._compile_part((), out)
        halves = [folder / f"half{number}.o" for number in HALVES]
        with ThreadPoolExecutor(len(HALVES)) as side_by_side:
            options = [(f"-DHOLDFAST_COMPILED_HALF={number}",) for number in HALVES]
            files = list(side_by_side.map(self._compile_part, options, halves))
        kind = [word for word in self._options if word.startswith(("-m", "--target"))]
        run_compiler(
            self._compiler,
            [*kind, "-r", "-nostdlib", *map(str, halves), "-o", str(out)],
            ToolchainError(
                "HF110",
                "the halves of holdfast's runtime do not link",
                "read the compiler's first error above",
            ),
        )
        return out, list(dict.fromkeys(file for half in files for file in half))

    def _can_be_halved(self) -> bool:
        """Whether one object can be made of two: other linkers and LTO may not, one CPU need not."""
        with_lto = any(option.startswith("-flto") for option in self._options)
        others = self._compiler.is_zig or self._compiler.for_windows
        return sys.platform == "linux" and not (others or with_lto) and _cpus() > 1

    def _compile_part(self, which: Sequence[str], out: Path) -> list[Path]:
        return compile_object(
            self._compiler,
            [*self._options, *which],
            paths.include_dir() / "holdfast" / "compiled.cpp",
            out,
            ToolchainError(
                "HF109",
                "holdfast's own compiled.cpp does not compile",
                "fix the first error above; it is probably caused by one of your options",
            ),
        )


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def is_of_ours(file: Path) -> bool:
    """Whether the file is one of holdfast's headers."""
    return file.absolute().is_relative_to(paths.include_dir() / "holdfast")


def _shared(compiling: Sequence[str]) -> list[str]:
    """Those options of a host that the runtime must also be compiled with.

    >>> _shared(["-O2", "-Wall", "-Ihere", "-isystem", "there", "-DNDEBUG", "other.cpp"])
    ['-O2', '-isystem', 'there', '-DNDEBUG']
    """
    kept: list[str] = []
    words = iter(compiling)
    for word in words:
        if not word.startswith(SHARED):
            continue
        kept.append(word)
        if word in ("-isystem", "-idirafter", "-D", "-U", "--sysroot"):
            kept.append(next(words, ""))
    return kept
