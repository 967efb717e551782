"""Computes the options that compile and link a host against one Python.

A pure function of the result of `probe`; runs nothing.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.errors import ToolchainError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = [
    "Flags",
    "finding_library",
    "flags_for",
    "include_flags",
    "linker_option",
    "modules_option",
    "own_configuration",
    "path_option",
    "run_path_option",
]


@dataclass(frozen=True, slots=True)
class Flags:
    """Options for one host, ready to be passed as arguments.

    Attributes:
        cflags: for compiling.
        ldflags: for linking, except for the libraries.
        libs: libraries, which must follow the object files on the command line.
        rpath: folders that the loader searches at run time; already part of `ldflags`.
    """

    cflags: tuple[str, ...]
    ldflags: tuple[str, ...]
    libs: tuple[str, ...]
    rpath: tuple[Path, ...]


def flags_for(build: PythonBuild, *, standard: str = "c++17", optimise: str = "-O2") -> Flags:
    """Compute the options for hosts of `build`.

    Raises:
        ToolchainError: HF105 if this Python has no headers, HF106 if it has no library.
    """
    cflags = (f"-std={standard}", optimise, *include_flags(build), "-pthread")
    if build.for_windows:
        return _for_windows(build, cflags)
    # The runtime keeps one table per process. Shared libraries find the host's table only if the
    # executable exports it, which linkers do not do by default.
    ldflags = ["-pthread", *linker_option("--dynamic-list=", paths.exported_symbols())]
    rpath: tuple[Path, ...] = ()
    if build.library is not None:
        rpath = tuple(dict.fromkeys((build.library.parent, *build.library_dirs)))
        libs: tuple[str, ...] = (str(build.library), "-ldl")
    else:
        libs = _static_libs(build)
        ldflags += shlex.split(build.variables.get("LINKFORSHARED", ""))
    if build.loader is not None:
        # The system's loader would load the system's C library, which this Python was not built
        # for. RPATH rather than RUNPATH, because it also applies to the library's own needs.
        # Unresolved symbols are allowed, because the linker looks for them in the system's library.
        ldflags += [
            *linker_option("--dynamic-linker=", build.loader),
            "-Wl,--disable-new-dtags",
            "-Wl,--unresolved-symbols=ignore-in-shared-libs",
        ]
        if not any((folder / "libstdc++.so.6").exists() for folder in rpath):
            ldflags += ["-static-libstdc++", "-static-libgcc"]
    ldflags += [word for folder in rpath for word in run_path_option(folder)]
    return Flags(cflags, tuple(ldflags), libs, rpath)


def finding_library(environ: Mapping[str, str], build: PythonBuild) -> dict[str, str]:
    """The variables with which a host of `build` finds its library: on Windows, PATH leads to it."""
    if not build.for_windows or build.library is None:
        return dict(environ)
    # Windows does not distinguish the case of variables: it is often called Path
    name = next((name for name in environ if name.upper() == "PATH"), "PATH")
    folders = (str(build.library.parent), environ.get(name, ""))
    return {**environ, name: ";".join(filter(None, folders))}


def include_flags(build: PythonBuild) -> tuple[str, ...]:
    """The options that find holdfast's headers and those of `build`.

    Both count as system headers: hosts may be compiled with warnings that they do not pass.

    Raises:
        ToolchainError: HF105 if this Python has no headers.
    """
    if not build.include_dirs:
        raise ToolchainError(
            "HF105",
            f"Python.h is not installed for {build.executable} (Python {build.version_text})",
            headers_remedy(build),
        )
    found = []
    for folder in (paths.include_dir(), *build.include_dirs):
        found += ["-isystem", str(folder)]
    found += own_configuration(build)
    if build.for_windows and build.free_threaded:  # one pyconfig.h serves both kinds
        found.append("-DPy_GIL_DISABLED=1")
    # Debian's pyconfig.h includes <MULTIARCH/pythonX.Y/pyconfig.h>, which outside /usr is on no
    # default path. Searched last, so that the compiler keeps its own C library headers.
    root = build.include_dirs[0].parent
    wrapped = root / build.multiarch / build.include_dirs[0].name / "pyconfig.h"
    if build.multiarch and wrapped.is_file() and str(root) != "/usr/include":
        found += ["-idirafter", str(root)]
    return tuple(found)


def own_configuration(build: PythonBuild) -> tuple[str, ...]:
    """The options that give headers shared by two builds the pyconfig.h of `build`.

    Debian's debug build has a folder of links to the release build's headers. GCC resolves the
    link of a system header, and so finds the other pyconfig.h beside it. The first one included
    wins, because it has an include guard.
    """
    folder = build.include_dirs[0]
    real = (folder / "Python.h").resolve().parent
    if real == folder.resolve() or not (real / "pyconfig.h").is_file():
        return ()
    return ("-include", str(folder / "pyconfig.h"))


def modules_option(source: Path) -> str:
    """The macro with the source's folder, for sys.path; not for the runtime, which is shared."""
    return path_option("HOLDFAST_DEFAULT_MODULES", source.absolute().parent)


def path_option(macro: str, path: Path) -> str:
    r"""The option that defines a macro as a path, in quotes.

    C++ has no pairs of \u, as JSON writes letters beyond the first 65,536, nor the single ones of
    bytes that are not UTF-8: the letters themselves are passed.

    >>> path_option("AT", Path('a "b"'))
    '-DAT="a \\"b\\""'
    """
    return f"-D{macro}={json.dumps(str(path), ensure_ascii=False)}"


def linker_option(option: str, path: Path) -> tuple[str, ...]:
    """A linker's option with a path. -Wl would cut it at a comma.

    >>> linker_option("--dynamic-list=", Path("/a")), linker_option("--dynamic-list=", Path("/a,b"))
    (('-Wl,--dynamic-list=/a',), ('-Xlinker', '--dynamic-list=/a,b'))
    """
    return ("-Xlinker", f"{option}{path}") if "," in str(path) else (f"-Wl,{option}{path}",)


def run_path_option(folder: Path) -> tuple[str, ...]:
    """The option that lets the loader look in a folder."""
    if "," in str(folder):
        return ("-Xlinker", "-rpath", "-Xlinker", str(folder))
    return (f"-Wl,-rpath,{folder}",)


def headers_remedy(build: PythonBuild) -> str:
    """How to install the headers of `build`."""
    if build.for_windows:
        return (
            "choose a whole installation with --python, as python.org's installer makes it; its"
            " embeddable package has no headers"
        )
    if build.base_prefix.is_relative_to("/usr") and not build.base_prefix.is_relative_to(
        "/usr/local"
    ):
        minor = f"{build.version[0]}.{build.version[1]}"
        return (
            f"install its development files: apt install libpython{minor}-dev"
            f" (Fedora: dnf install python{minor}-devel), or choose another Python with --python"
        )
    return "choose a Python with headers with --python, e.g. one made by pyenv or uv"


def _for_windows(build: PythonBuild, cflags: tuple[str, ...]) -> Flags:
    """Windows has no run path: a program finds the DLL beside itself or on PATH.

    It needs no DLL of the compiler's, and its main thread gets as much stack as on Linux.
    """
    if build.library is None:
        raise _has_no_library(build)
    return Flags(cflags, ("-pthread", "-static", "-Wl,--stack,8388608"), (str(build.library),), ())


def _has_no_library(build: PythonBuild) -> ToolchainError:
    return ToolchainError(
        "HF106",
        f"{build.executable} (Python {build.version_text}) comes without libpython",
        headers_remedy(build),
    )


def _static_libs(build: PythonBuild) -> tuple[str, ...]:
    """The last resort: link the static interpreter, and all that it needs, into the host."""
    if build.static_library is None:
        raise _has_no_library(build)
    needs = f"{build.variables.get('LIBS', '')} {build.variables.get('SYSLIBS', '')}"
    return (str(build.static_library), *dict.fromkeys([*shlex.split(needs), "-ldl"]))
