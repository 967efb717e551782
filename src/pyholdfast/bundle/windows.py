"""Makes a bundle for Windows, of a program that was built there or by mingw-w64.

The folder is laid out as Python's own: the program beside python3XX.dll, DLLs and Lib. Windows finds the
DLLs beside the program, so nothing is rewritten.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.bundle.contents import uses_backend
from pyholdfast.bundle.licences import collect_licences
from pyholdfast.bundle.manifest import MARKER
from pyholdfast.bundle.own_modules import add_modules
from pyholdfast.bundle.packages import add_packages
from pyholdfast.bundle.place import demand_place, put, stage_for, write_manifest
from pyholdfast.bundle.standard_library import byte_compile, copy_file, copy_standard_library
from pyholdfast.bundle.target import Layout, Target
from pyholdfast.bundle.windows_libraries import copy_dlls
from pyholdfast.errors import UsageError
from pyholdfast.find_python import all_pythons
from pyholdfast.toolchain.c_library import make_backend
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.pe import read_pe
from pyholdfast.toolchain.windows_python import windows_build

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyholdfast.bundle.contents import Contents
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["INTERPRETER", "is_taken", "make_windows_bundle", "windows_python"]

INTERPRETER = "python.exe"
TAKEN = frozenset({"lib", "dlls", "licences", "holdfast-backends", MARKER, INTERPRETER})
LAYOUT = Layout(
    libraries=Path(), standard=Path("Lib"), dynamic=Path("DLLs"), site=Path("Lib", "site-packages")
)
OF_THE_MACHINE = (
    ("Windows", "its own DLLs are the machine's; each Python needs a certain version of Windows"),
    ("TLS certificates", "ssl reads those of Windows; certifi brings its own"),
    ("time zones", "Windows has none that Python reads; the package tzdata brings them"),
)


def is_taken(name: str) -> bool:
    """Whether a bundle has this name for something else than its program."""
    return name.lower() in TAKEN


def windows_python(python: Path) -> PythonBuild:
    """A Python by its files: it need not run here. For that of an environment, the one it is made from.

    Raises:
        ToolchainError: HF105 or HF106 if it is not a whole installation.
    """
    settings = python.absolute().parent.parent / "pyvenv.cfg"
    if not settings.is_file():
        return windows_build(python)
    lines = (line.partition("=") for line in settings.read_text(encoding="utf-8").splitlines())
    homes = [value.strip() for key, _, value in lines if key.strip() == "home"]
    base = windows_build(Path(homes[0] if homes else "", INTERPRETER))
    return replace(base, executable=python.absolute(), prefix=settings.parent)


def make_windows_bundle(
    place: Path,
    name: str,
    program: Path,
    build: PythonBuild,
    contents: Contents,
    environ: Mapping[str, str],
) -> Mapping[str, Any]:
    """Make the folder `place`, or replace the bundle that is there.

    Args:
        place: the folder.
        name: the program's name in it.
        program: the program.
        build: the Python that it was built for, or is to find; by `windows_python`.
        contents: what else goes into it.
        environ: gives PATH and the cache.

    Returns:
        the manifest.

    Raises:
        ToolchainError: HF113, HF126; and what compiling a backend raises.
        UsageError: HF112, HF122 to HF125.
    """
    demand_place(place, name, is_taken=is_taken(name))
    target = _target(build, environ)
    with stage_for(place) as stage:
        shutil.copyfile(program, stage / name)
        left_out = copy_standard_library(target, stage)
        _add_interpreter(target, stage)
        left_out += add_packages(target, stage, contents.packages, contents.requirements)
        add_modules(contents.modules, stage / LAYOUT.site, stage / LAYOUT.standard)
        copied, missing = copy_dlls(stage, [program.absolute().parent], environ)
        _demand_fit(stage, name, [stage / name, *(stage / dll for dll in copied)], build)
        left_out += [
            (f"library {library}", f"it was not found beside the program, and {user} needs it")
            for library, user in sorted(missing.items())
        ]
        left_out += _compiled(target, stage, with_sources=contents.with_sources)
        rows, unknown = collect_licences(target, stage, copied)
        if unknown:
            left_out.append(
                ("licence texts", f"this machine has none for {', '.join(sorted(unknown))}")
            )
        facts = {"system": "Windows", "machine": read_pe(stage / name).machine}
        manifest = write_manifest(stage, name, target, facts, rows, [*OF_THE_MACHINE, *left_out])
        put(stage, place)
    return manifest


def _target(build: PythonBuild, environ: Mapping[str, str]) -> Target:
    runs_here = sys.platform == "win32"
    return Target(
        build=build,
        stdlib=build.base_prefix / "Lib",
        dynamic=build.base_prefix / "DLLs",
        layout=LAYOUT,
        interpreter=build.base_executable,
        byte_compiler=build.base_executable if runs_here else _python_here(build, environ),
        runs_here=runs_here,
    )


def _python_here(build: PythonBuild, environ: Mapping[str, str]) -> Path | None:
    """A Python of this machine whose compiled files are those of a Python for Windows."""
    if sys.version_info[:2] == build.version[:2]:
        return Path(sys.executable)
    name = "python{}.{}".format(*build.version)
    return next((python for python in all_pythons(environ) if python.resolve().name == name), None)


def _add_interpreter(target: Target, stage: Path) -> None:
    """Copy the interpreter, for child processes, and the DLLs beside it."""
    build = target.build
    library = _dll_of(build)
    copy_file(build.base_executable, stage / INTERPRETER)
    stable = "python3t.dll" if build.free_threaded else "python3.dll"
    beside = (library, build.base_prefix / stable, *build.base_prefix.glob("vcruntime140*.dll"))
    for file in beside:
        copy_file(file, stage / file.name)
    # It makes python.exe ignore the user's variables and registry, as the program does.
    (stage / f"{library.stem}._pth").write_text("Lib\nDLLs\nimport site\n", encoding="ascii")


def _dll_of(build: PythonBuild) -> Path:
    assert build.library is not None  # noqa: S101 - windows_build() demands it
    return build.library


def _demand_fit(stage: Path, name: str, own: list[Path], build: PythonBuild) -> None:
    """Check that the program is for this Python; give a program that finds its Python the backend."""
    if any(uses_backend(file) for file in own):
        make_backend(build, find_compiler(), stage / "holdfast-backends")
        return
    needed = {library.lower() for file in own for library in read_pe(file).needed}
    others = sorted(
        library for library in needed if library.startswith("python3") and library != "python3.dll"
    )
    if others == [_dll_of(build).name.lower()]:
        return
    if not others:
        raise UsageError(
            "HF125",
            f"'{name}' is not linked with Python",
            "name a host: a program that was linked with python3XX.dll, or with libholdfast",
        )
    raise UsageError(
        "HF125",
        f"'{name}' was built for another Python ({', '.join(others)}) than {build.executable}"
        f" (Python {build.version_text})",
        "name the Python that it was built for with --python",
    )


def _compiled(target: Target, stage: Path, *, with_sources: bool) -> Iterator[tuple[str, str]]:
    """Compile the Python files if a Python of this version runs here."""
    if target.byte_compiler is None and with_sources:
        minor = "{}.{}".format(*target.build.version)
        yield ("compiled Python files", f"no python{minor} is here to make them; starts are slower")
        return
    byte_compile(target, stage, with_sources=with_sources)
