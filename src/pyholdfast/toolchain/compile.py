"""Compiles one source file into a host that embeds Python.

Compiles and links in two steps, so that the error can say which one failed. The compiler's messages
go to stderr as they come.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.errors import ToolchainError, UsageError
from pyholdfast.inputs import read_bytes
from pyholdfast.outputs import cannot_write_output, demand_apart, write_output
from pyholdfast.toolchain.cache import HostStore, cache_folder
from pyholdfast.toolchain.cache_folders import make_private
from pyholdfast.toolchain.compiler import Compiler, compile_object, find_compiler, run_compiler
from pyholdfast.toolchain.flags import flags_for, modules_option, path_option
from pyholdfast.toolchain.notice import say
from pyholdfast.toolchain.prebuilt_runtime import COMPILED, Runtime, is_of_ours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["Compiler", "cached_host", "compile_host", "find_compiler"]

# Suffixes of sources for gcc and clang. Other files would be passed to the linker or precompiled.
KNOWN_SUFFIXES = frozenset(
    {".cpp", ".cc", ".cxx", ".c++", ".cp", ".CPP", ".C", ".c", ".ii", ".mm", ".M"}
)
ZIG_NOTICE = """\
holdfast: no C++ compiler on PATH, using the one of the ziglang package.
  its first build takes about two minutes, because it builds a C++ library; later ones take seconds
"""
# Measured with g++ 12 on two idle cores: the runtime 6 s, and a host 5 s at the same time.
FIRST_NOTICE = """\
holdfast: compiling {name} and, once for these options, its runtime: about 10 s if the machine is idle
"""


def compile_host(
    source: Path,
    out: Path,
    build: PythonBuild,
    compiler: Compiler,
    *,
    standard: str = "c++17",
    optimise: str = "-O2",
    extra: Sequence[str] = (),
) -> None:
    """Compile and link `source` into the program `out`.

    `out` is replaced as a whole or not at all. The program finds the modules beside its source.

    Args:
        source: a C++ file.
        out: the program to write; its folder must exist.
        build: the Python to embed.
        compiler: the compiler to run.
        standard: the value of ``-std=``.
        optimise: e.g. ``"-O2"``.
        extra: further options for both steps.

    Raises:
        ToolchainError: HF105 or HF106 if the Python lacks headers or a library, HF108 if
            the compiler does not start, HF109 if the source does not compile, HF110 if it does
            not link.
        UsageError: HF111 if the source cannot be read, HF112 if `out` cannot be written, HF118 if
            it is the source or a header.
    """
    demand_apart([out], [source])
    options = _Options.of(build, compiler, standard, optimise, extra)
    runtime = Runtime(compiler, options.compiling)
    _compile(source, out, compiler, options, runtime, (modules_option(source),))


def cached_host(
    source: Path,
    build: PythonBuild,
    compiler: Compiler,
    *,
    standard: str = "c++17",
    optimise: str = "-O2",
    extra: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Path:
    """The program that `compile_host` would write, recompiled only if an input has changed.

    Inputs are the texts of the source and of all headers it includes, the options, the compiler and
    the Python.

    Raises:
        ToolchainError: as `compile_host`, and HF112 if the cache cannot be written.
        UsageError: HF111 if the source cannot be read.
    """
    options = _Options.of(build, compiler, standard, optimise, extra)
    facts = [str(source.absolute()), compiler.identity(), paths.version(), *options.compiling]
    facts += [*options.linking, json.dumps(build.to_dict())]
    store = HostStore(cache_folder(environ) / "hosts")
    name = source.stem + compiler.program_suffix
    runtime = Runtime(compiler, options.compiling, environ)
    if found := store.find(_recipe(facts, runtime), name):
        return found
    with store.workplace() as folder:
        out = folder / name
        begun_ns = time.time_ns()
        files = _compile(source, out, compiler, options, runtime, (modules_option(source),))
        return store.add(_recipe(facts, runtime), name, out, files, begun_ns=begun_ns)


def _recipe(facts: Sequence[str], runtime: Runtime) -> str:
    """All inputs of a host except its source and headers, but including the runtime's headers."""
    return json.dumps([*facts, str(runtime.find())])


class _Options:
    """The options of both steps, in the form that the compiler accepts."""

    def __init__(self, compiling: tuple[str, ...], linking: tuple[str, ...]) -> None:
        self.compiling = compiling
        self.linking = linking

    @classmethod
    def of(
        cls,
        build: PythonBuild,
        compiler: Compiler,
        standard: str,
        optimise: str,
        extra: Sequence[str],
    ) -> _Options:
        flags = flags_for(build, standard=standard, optimise=optimise)
        # A host that is later started by hand still finds the Python it was built for.
        default = path_option("HOLDFAST_DEFAULT_PYTHON", build.executable)
        wanted = (*flags.cflags, default, *extra)
        compiling = [word for option in wanted for word in compiler.adapted(option)]
        if compiler.is_zig:
            compiling.append("-fno-sanitize=undefined")
        wanted = (*flags.ldflags, *extra, *flags.libs)
        linking = [word for option in wanted for word in compiler.adapted(option)]
        return cls(tuple(compiling), tuple(linking))


def _compile(
    source: Path,
    out: Path,
    compiler: Compiler,
    options: _Options,
    runtime: Runtime,
    own: Sequence[str] = (),
) -> list[Path]:
    """Compile, with the host's `own` options added, and link; return the files that were read."""
    try:
        includes_ours = b"holdfast" in read_bytes(source)
    except OSError as error:
        raise UsageError(
            "HF111",
            f"cannot read '{source}': {error.strerror or error}",
            "name a C++ source file that exists",
        ) from error
    if out.is_dir():
        raise cannot_write_output(out, OSError(0, "it is a folder"))
    if not out.exists() and not os.access(out.parent, os.W_OK):
        raise cannot_write_output(out, OSError(0, "its folder is missing or read-only"))
    if not _say_once_if_zig(compiler) and includes_ours and runtime.find() is None:
        say(FIRST_NOTICE.format(name=source.name))
    with (
        tempfile.TemporaryDirectory(prefix="holdfast-") as folder,
        ThreadPoolExecutor(1) as beside,
    ):
        # Start early: it is usually needed, and the first time it takes longer than the host.
        made = beside.submit(runtime.make, Path(folder)) if includes_ours else None
        # The finished program is moved to its final path: a running one is replaced, a device
        # stays a device, and a build that is killed leaves nothing there.
        linked = Path(folder, f"host{compiler.program_suffix}")
        object_file = Path(folder, "host.o")
        language = [] if source.suffix in KNOWN_SUFFIXES else ["-x", "c++"]
        files = compile_object(
            compiler,
            [*options.compiling, *own, COMPILED, *language],
            source.absolute(),  # for __FILE__: a host may look for files beside its source
            object_file,
            ToolchainError("HF109", f"{source.name} does not compile", "fix the first error above"),
        )
        if not (files and object_file.is_file()):
            raise ToolchainError(
                "HF109",
                f"{compiler.name} makes no object file of {source.name}",
                "name a C++ source file",
            )
        demand_apart([out], files)
        objects = [str(object_file)]
        if any(is_of_ours(file) for file in files):
            objects.append(str(made.result() if made else runtime.make(Path(folder))))
        try:
            run_compiler(
                compiler,
                [*objects, *options.linking, "-o", str(linked)],
                ToolchainError(
                    "HF110",
                    f"{source.name} does not link",
                    "read the first 'undefined reference' above; for several source files or"
                    " other libraries use CMake, see: holdfast new --help",
                ),
            )
            write_output(out, linked.read_bytes(), mode=0o777)
        except OSError as error:
            raise cannot_write_output(out, error) from error
        return [source, *files]


def _say_once_if_zig(compiler: Compiler) -> bool:
    """Return True if the notice about zig was printed; it also covers the runtime."""
    marker = cache_folder() / "zig-was-announced"
    if not compiler.is_zig or marker.exists():
        return False
    say(ZIG_NOTICE)
    # If the cache is not writable, the notice is repeated next time.
    with contextlib.suppress(OSError):
        make_private(marker.parent)
        marker.touch()
    return True
