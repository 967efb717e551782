"""Checks that a Python is complete and that its parts belong together.

Headers, library and interpreter may come from three installations. A host that mixes them compiles
and starts, but fails later.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from pyholdfast.doctor.model import Finding, Room, bad, good, warning
from pyholdfast.doctor.subject import is_python_program, minor_text
from pyholdfast.inputs import read_text
from pyholdfast.toolchain.flags import headers_remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.doctor.subject import Subject

__all__ = ["check_python"]

ROOM = Room.PYTHON


def check_python(subject: Subject) -> Iterator[Finding]:
    """All checks of the Python that apply to the subject's system."""
    yield _chosen(subject)
    yield _executable(subject)
    yield _headers(subject)
    yield _library(subject)
    if subject.build.include_dirs:
        yield _version(subject)
        yield _threading(subject)
    if subject.system == "win32":
        yield _debug_library(subject)
        yield _store(subject)
    if subject.system == "darwin":
        yield _framework(subject)


def _chosen(subject: Subject) -> Finding:
    build = subject.build
    kind = "free-threaded" if build.free_threaded else "with a GIL"
    debug = ", debug" if build.debug else ""
    title = f"CPython {build.version_text} ({kind}{debug})"
    return good("HF150", ROOM, title, f"{build.executable}, from {subject.found.why}")


def _executable(subject: Subject) -> Finding:
    """Check the value of sys.executable: spawn and forkserver start their workers with it."""
    executable = subject.build.executable
    if is_python_program(executable):
        return good("HF159", ROOM, "sys.executable is a Python", str(executable))
    return bad(
        "HF159",
        ROOM,
        "sys.executable is not a Python: each new worker process would be another copy of it",
        f"'{subject.found.path}' says that sys.executable is '{executable}'",
        fix=f"--python {subject.build.base_prefix / 'bin' / 'python3'}",
    )


def _headers(subject: Subject) -> Finding:
    build = subject.build
    if build.include_dirs:
        return good("HF151", ROOM, "Python.h", str(build.include_dirs[0] / "Python.h"))
    looked_in = build.base_prefix / "include" / f"python{minor_text(build.version)}{build.abiflags}"
    return bad(
        "HF151",
        ROOM,
        f"Python.h of Python {minor_text(build.version)} is not installed",
        f"not in {looked_in}",
        fix=headers_remedy(build),
    )


def _library(subject: Subject) -> Finding:
    build = subject.build
    if build.library is not None:
        named = "" if build.for_windows else f" ({build.soname or 'no soname'})"
        return good("HF163", ROOM, "libpython", f"{build.library}{named}")
    if build.static_library is not None:
        return warning(
            "HF156",
            ROOM,
            "libpython is only there as a static archive",
            str(build.static_library),
            "it can be linked into a program with -no-pie -rdynamic, not into a shared library",
            fix=f"PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install {_micro_text(subject)}"
            "    # or uv's or the system's Python",
        )
    name = build.variables.get("INSTSONAME") or build.variables.get("LDLIBRARY") or "libpython"
    folder = build.variables.get("LIBDIR") or str(build.base_prefix / "lib")
    return bad(
        "HF163",
        ROOM,
        "no libpython to embed",
        f"no {name} of Python {build.version_text} in {folder} or {build.base_prefix}",
        fix=headers_remedy(build),
    )


def _version(subject: Subject) -> Finding:
    """Compare headers and interpreter; probe() already refused a library of another version."""
    build = subject.build
    folder = build.include_dirs[0]
    found = _defined(folder / "patchlevel.h", "PY_MAJOR_VERSION", "PY_MINOR_VERSION")
    if found is None or found == subject.minor:
        return good("HF160", ROOM, f"the headers are of Python {minor_text(build.version)}")
    return bad(
        "HF160",
        ROOM,
        "headers and interpreter have different versions: hosts would start, and crash later",
        f"{folder / 'patchlevel.h'} is of Python {minor_text(found)}",
        f"{build.executable} is Python {minor_text(build.version)}",
        fix=headers_remedy(build),
    )


def _threading(subject: Subject) -> Finding:
    """Free-threaded objects have another size: mixing the two corrupts memory."""
    build = subject.build
    kinds = {True: "free-threaded", False: "with a GIL"}
    configuration = _pyconfig(subject)
    if configuration is None:
        return good("HF161", ROOM, f"the interpreter is {kinds[build.free_threaded]}")
    path, text = configuration
    headers_are_free = (
        re.search(r"^#\s*define\s+Py_GIL_DISABLED\s+1\b", text, re.MULTILINE) is not None
    )
    if headers_are_free == build.free_threaded:
        return good("HF161", ROOM, f"headers and interpreter agree: {kinds[headers_are_free]}")
    return bad(
        "HF161",
        ROOM,
        "headers and interpreter differ in free threading: objects have different sizes",
        f"{path} is for a Python {kinds[headers_are_free]}",
        f"{build.executable} is a Python {kinds[build.free_threaded]}",
        fix="c++ -DPy_GIL_DISABLED=1 …" if build.free_threaded else headers_remedy(build),
    )


def _pyconfig(subject: Subject) -> tuple[Path, str] | None:
    """The pyconfig.h that counts; Debian's only includes one per architecture."""
    build = subject.build
    folder = build.include_dirs[0]
    candidates = [folder.parent / build.multiarch / folder.name] if build.multiarch else []
    for candidate in (*candidates, *build.include_dirs):
        path = candidate / "pyconfig.h"
        try:
            return path, read_text(path, errors="replace")
        except OSError:
            continue
    return None


def _debug_library(subject: Subject) -> Finding:
    """Windows: with _DEBUG defined, pyconfig.h links pythonXY_d.lib."""
    build = subject.build
    major, minor = subject.minor
    threads = "t" if build.free_threaded else ""
    path = build.base_prefix / "libs" / f"python{major}{minor}{threads}_d.lib"
    if path.is_file():
        return good("HF164", ROOM, "the library for Debug builds", str(path))
    return warning(
        "HF164",
        ROOM,
        f"a Debug build will stop with LNK1104: cannot open '{path.name}'",
        f"not there: {path}",
        fix="cmake -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo    # or install Python's debug binaries",
    )


def _store(subject: Subject) -> Finding:
    """Windows: a program outside the package may not load the Store's DLL."""
    executable = subject.build.base_executable
    if "windowsapps" not in str(executable).lower():
        return good("HF171", ROOM, "not the Microsoft Store's Python", str(executable))
    return bad(
        "HF171",
        ROOM,
        "the Microsoft Store's Python cannot be loaded by other programs",
        str(executable),
        fix=f"winget install Python.Python.{minor_text(subject.minor)}    # then --python with its path",
    )


def _framework(subject: Subject) -> Finding:
    """macOS: Xcode's framework is found only through an rpath, which nothing sets."""
    prefix = subject.build.variables.get("PYTHONFRAMEWORKPREFIX", "")
    if not any(part in PurePath(prefix).parts for part in ("Xcode.app", "CommandLineTools")):
        return good("HF169", ROOM, "not Xcode's Python", prefix or str(subject.build.base_prefix))
    return warning(
        "HF169",
        ROOM,
        "Xcode's Python: a host will not find @rpath/Python3.framework by itself",
        prefix,
        fix=f"link with -Wl,-rpath,{prefix}",
    )


def _micro_text(subject: Subject) -> str:
    return ".".join(map(str, subject.build.version))


def _defined(header: Path, *names: str) -> tuple[int, ...] | None:
    """The numbers that a header defines under these names; None if one is missing."""
    try:
        text = read_text(header, errors="replace")
    except OSError:
        return None
    found = [re.search(rf"^#\s*define\s+{name}\s+(\d+)", text, re.MULTILINE) for name in names]
    return tuple(int(match[1]) for match in found if match) if all(found) else None
