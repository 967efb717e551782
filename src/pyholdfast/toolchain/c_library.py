"""The C interface's two binaries: libholdfast, and a backend for each Python; for Windows by mingw-w64.

Both are cached by content, like hosts, and then put into folders whose names do not change: programs
have the library's folder as their run path, and libholdfast looks for backends in the other.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.errors import ToolchainError
from pyholdfast.outputs import cannot_write_output, write_output
from pyholdfast.toolchain.cache import HostStore, cache_folder, cannot_write
from pyholdfast.toolchain.cache_folders import make_private
from pyholdfast.toolchain.compiler import read_dependencies, run_compiler
from pyholdfast.toolchain.flags import include_flags, run_path_option
from pyholdfast.toolchain.notice import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyholdfast.toolchain.compiler import Compiler
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = [
    "backend_name",
    "backends_folder",
    "library_folder",
    "link_options",
    "make_backend",
    "make_library",
    "pkgconfig_folder",
]


@dataclass(frozen=True, slots=True)
class _System:
    """What the files are called on a system, and how they are linked.

    Attributes:
        folder: below the folder of all systems; empty for that of this machine.
        suffix: of shared libraries.
        linking: options that make one.
        libraries: that libholdfast needs, after the objects.
    """

    folder: str
    suffix: str
    linking: tuple[str, ...]
    libraries: tuple[str, ...]

    @property
    def library(self) -> str:
        return f"libholdfast{self.suffix}"


POSIX = _System("", ".so", ("-shared", "-pthread", "-Wl,-soname,libholdfast.so"), ("-ldl",))
# Static: a user has no DLLs of the compiler's
WINDOWS = _System("windows", ".dll", ("-shared", "-pthread", "-static"), ())

STATIC_OBJECT = "libholdfast.o"

COMMON = ("-std=c++17", "-O2", "-fPIC", "-fvisibility=hidden", "-pthread")
NOTICE = "holdfast: compiling {what}, once: about {seconds} s if the machine is idle\n"


def backend_name(build: PythonBuild) -> str:
    """The file name that libholdfast looks for, e.g. ``holdfast-backend-3.13t.so``."""
    suffix = (WINDOWS if build.for_windows else POSIX).suffix
    flags = ("t" if build.free_threaded else "") + ("d" if build.debug else "")
    return f"holdfast-backend-{build.version[0]}.{build.version[1]}{flags}{suffix}"


def backends_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The folder in the cache where libholdfast looks for backends."""
    return cache_folder(environ) / "backends" / _constant("table.hpp", r"backend_abi = (\d+)")


def library_folder(compiler: Compiler, environ: Mapping[str, str] | None = None) -> Path:
    """The folder in the cache that has libholdfast once `make_library` was called."""
    header = "../include/holdfast/holdfast.h"
    abi = _constant(header, r"#define HF_ABI_VERSION (\d+)")
    return cache_folder(environ) / "c" / abi / _system(compiler).folder


def make_backend(
    build: PythonBuild,
    compiler: Compiler,
    folder: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> Path:
    """The backend for a Python, compiled unless the cache has it.

    Args:
        build: the Python.
        compiler: a C++ compiler.
        folder: where to put it; default: `backends_folder`.
        environ: environment variables that locate the cache.

    Raises:
        ToolchainError: HF105 without headers, HF108 or HF109 the compiler fails or is for
            another system, HF112 the folder cannot be written.
    """
    system = _system(compiler)
    if not backend_name(build).endswith(system.suffix):
        raise ToolchainError(
            "HF109",
            f"'{compiler.name}' makes no backend for '{build.executable}': it is for another system",
            "unset CXX" if system is WINDOWS else "set CXX=x86_64-w64-mingw32-g++",
        )
    options = [*_common(compiler), *_fast_access(compiler), *include_flags(build), "-shared"]
    # Elsewhere a backend finds libpython's functions in the process that loads it
    needed = (*system.linking, str(build.library)) if system is WINDOWS else ()
    source = paths.c_dir() / "backend" / "backend.cpp"
    name = backend_name(build)
    made = _built(
        _Recipe(
            compiler,
            options,
            source,
            name,
            f"the backend for Python {build.version_text}",
            12,
            needed,
        ),
        environ,
    )
    return _put(made, (folder or backends_folder(environ)) / name, ours=folder is None)


def make_library(compiler: Compiler, *, environ: Mapping[str, str] | None = None) -> Path:
    """The folder with libholdfast.so and libholdfast.a, compiled unless the cache has them.

    For Windows it is libholdfast.dll, which is also linked against, and an object file for programs
    that are compiled with HF_STATIC.

    Raises:
        ToolchainError: HF108 or HF109 the compiler fails, HF110 there is no ``ar``, HF112 the
            cache cannot be written.
    """
    options = [*_common(compiler), "-isystem", str(paths.include_dir()), "-DHF_BUILDING", "-c"]
    source = paths.c_dir() / "library" / "library.cpp"
    folder, system = library_folder(compiler, environ), _system(compiler)
    recipe = _Recipe(compiler, options, source, "holdfast.o", "libholdfast", 4)
    object_file = _built(recipe, environ)
    recipe = _Recipe(compiler, system.linking, object_file, system.library, "", 0, system.libraries)
    _put(_built(recipe, environ), folder / system.library, ours=True)
    if system is WINDOWS:  # what is linked into a program is compiled with HF_STATIC
        options.append("-DHF_STATIC")
        recipe = _Recipe(compiler, options, source, STATIC_OBJECT, "libholdfast for programs", 4)
        _put(_built(recipe, environ), folder / STATIC_OBJECT, ours=True)
        return folder
    archive = folder / "libholdfast.a"
    if not archive.is_file() or archive.stat().st_mtime < object_file.stat().st_ctime:
        _archive(object_file, archive)
    return folder


def link_options(folder: Path, *, static: bool = False) -> tuple[str, ...]:
    """The options that link a C program with the library in `folder`; static, by a C++ compiler."""
    if static and folder.name == WINDOWS.folder:
        return (str(folder / STATIC_OBJECT), "-static", "-pthread")
    if static:
        return (str(folder / "libholdfast.a"), "-ldl", "-pthread")
    if folder.name == WINDOWS.folder:  # a program finds it beside itself
        return (f"-L{folder}", "-lholdfast", "-pthread")
    return (f"-L{folder}", *run_path_option(folder), "-lholdfast", "-pthread")


def pkgconfig_folder(compiler: Compiler, *, environ: Mapping[str, str] | None = None) -> Path:
    """A folder for ``PKG_CONFIG_PATH`` with holdfast.pc and holdfast-c.pc; builds the library.

    Raises:
        ToolchainError: as `make_library`.
    """
    folder = make_library(compiler, environ=environ)
    text = (paths.pkgconfig_dir() / "holdfast.pc").read_text(encoding="utf-8")
    made = folder / "pkgconfig"
    run_path = " ".join(run_path_option(folder)).replace(str(folder), "${libdir}")
    # pkgconf prints the blanks in a word of its own without quotes, but those in an option with them
    system_folder = "-isystem" if " " in str(paths.include_dir()) else "-isystem "
    text = text.replace("-isystem ", system_folder)
    files = {
        "holdfast.pc": text.replace("${pcfiledir}/../..", _in_pkgconfig(paths.PACKAGE)),
        "holdfast-c.pc": (
            f"libdir={_in_pkgconfig(folder)}\n"
            f"includedir={_in_pkgconfig(paths.include_dir())}\n\n"
            "Name: holdfast-c\n"
            "Description: Run Python from the native threads of a C program\n"
            f"Version: {paths.version()}\n"
            f"Cflags: {system_folder}${{includedir}}\n"
            f"Libs: -L${{libdir}} {run_path} -lholdfast\n"
            "Libs.private: -lstdc++ -ldl -pthread\n"
        ),
    }
    try:
        make_private(made)
        for name, content in files.items():
            write_output(made / name, os.fsencode(content))
    except OSError as error:
        raise cannot_write(made, error) from error
    return made


def _in_pkgconfig(path: Path) -> str:
    r"""A path as pkg-config reads it in options, as a shell does.

    >>> _in_pkgconfig(Path("/a b/c$d"))
    '/a\\ b/c\\$d'
    """
    return re.sub(r"([^\w/.,:@%+=-])", r"\\\1", str(path))


class _Recipe:
    """One file to compile or to link; `what` is for the notice, empty for none."""

    def __init__(
        self,
        compiler: Compiler,
        options: Sequence[str],
        source: Path,
        name: str,
        what: str,
        seconds: int,
        libraries: Sequence[str] = (),
    ) -> None:
        self.compiler = compiler
        self.options = options
        self.source = source
        self.name = name
        self.what = what
        self.seconds = seconds
        self.libraries = libraries

    def key(self) -> str:
        facts = [self.compiler.identity(), paths.version(), *self.options, *self.libraries]
        return json.dumps(["c", str(self.source), self.name, *facts])


def _built(recipe: _Recipe, environ: Mapping[str, str] | None) -> Path:
    """The file in the cache that the recipe makes from the sources' current contents."""
    store = HostStore(cache_folder(environ) / "c-builds")
    if found := store.find(recipe.key(), recipe.name):
        return found
    with store.workplace() as folder:
        out, listed = folder / recipe.name, folder / "c.d"
        if recipe.what:
            say(NOTICE.format(what=recipe.what, seconds=recipe.seconds))
        begun_ns = time.time_ns()
        run_compiler(
            recipe.compiler,
            [
                *recipe.options, "-MD", "-MF", str(listed), str(recipe.source),
                *recipe.libraries, "-o", str(out),
            ],
            ToolchainError(
                "HF109",
                f"{recipe.what or recipe.name} does not compile",
                "fix the first error above; it is probably the compiler's or this Python's",
            ),
        )  # fmt: skip
        files = [recipe.source]
        if listed.is_file():  # a link reads no source
            text = listed.read_text(encoding="utf-8", errors="surrogateescape")
            files = read_dependencies(text)
        return store.add(recipe.key(), recipe.name, out, files, begun_ns=begun_ns)


def _put(made: Path, place: Path, *, ours: bool) -> Path:
    """Copy a built file to its place, unless the same is there."""
    try:
        if ours:
            make_private(place.parent)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
        content = made.read_bytes()
        if not place.is_file() or place.read_bytes() != content:
            write_output(place, content, mode=0o755)
            if ours:
                place.chmod(0o755)  # whatever the user's umask allows
    except OSError as error:
        raise (cannot_write if ours else cannot_write_output)(place, error) from error
    return place


def _archive(object_file: Path, archive: Path) -> None:
    ar = shutil.which("ar") or shutil.which("gcc-ar") or shutil.which("llvm-ar")
    if ar is None:
        raise ToolchainError(
            "HF110", "libholdfast.a cannot be made: there is no 'ar'", "install binutils"
        )
    fresh = archive.with_name(f".{archive.name}.{time.time_ns()}")
    try:
        subprocess.run([ar, "rcs", str(fresh), str(object_file)], check=True, capture_output=True)
        fresh.replace(archive)
    except (OSError, subprocess.CalledProcessError) as error:
        fresh.unlink(missing_ok=True)
        raise ToolchainError(
            "HF110", f"'{archive}' cannot be made: {error}", "check that 'ar' works"
        ) from error


def _system(compiler: Compiler) -> _System:
    return WINDOWS if compiler.for_windows else POSIX


def _common(compiler: Compiler) -> list[str]:
    options = [word for option in COMMON for word in compiler.adapted(option)]
    return [*options, "-fno-sanitize=undefined"] if compiler.is_zig else options


def _fast_access(compiler: Compiler) -> list[str]:
    """Options that make a backend's own variables as near as a program's.

    An attach reads a few thread-local variables. A backend has about 200 bytes of them, and glibc
    keeps more for libraries that are loaded later; musl keeps none.
    """
    if compiler.is_zig or compiler.for_windows or platform.libc_ver()[0] != "glibc":
        return []
    return ["-ftls-model=initial-exec", "-fno-plt"]


def _constant(file: str, pattern: str) -> str:
    """A number that the C sources define."""
    text = (paths.c_dir() / file).read_text(encoding="utf-8")
    return str(re.findall(pattern, text)[0])
