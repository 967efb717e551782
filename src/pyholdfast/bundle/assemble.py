"""Makes a bundle for Linux."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.bundle.binaries import binaries_in, needed_glibc
from pyholdfast.bundle.interpreter import INTERPRETER, add_interpreter
from pyholdfast.bundle.libraries import Libraries
from pyholdfast.bundle.licences import collect_licences
from pyholdfast.bundle.manifest import MARKER
from pyholdfast.bundle.own_modules import add_modules
from pyholdfast.bundle.packages import add_packages
from pyholdfast.bundle.place import demand_place, put, stage_for, write_manifest
from pyholdfast.bundle.program import demand_fit
from pyholdfast.bundle.standard_library import byte_compile, copy_standard_library
from pyholdfast.bundle.target import ask_target
from pyholdfast.bundle.tools import find_patchelf, set_loader, strip
from pyholdfast.toolchain.c_library import make_backend
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.elf import read_elf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pyholdfast.bundle.contents import Contents
    from pyholdfast.bundle.target import Target
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["TAKEN", "make_bundle"]

TAKEN = frozenset({"lib", "holdfast-backends", MARKER})
# What no bundle has, because it belongs to the machine.
OF_THE_MACHINE = (
    ("the C library", "it must be the machine's; needs_glibc in the manifest says which is enough"),
    (
        "TLS certificates",
        "ssl reads the machine's, where the bundled OpenSSL looks for them; certifi brings its own",
    ),
    ("time zones", "zoneinfo reads the machine's; the package tzdata brings its own"),
)


def make_bundle(
    place: Path,
    name: str,
    build: PythonBuild,
    write_program: Callable[[Path], None],
    contents: Contents,
    environ: Mapping[str, str],
    origin: Path | None = None,
) -> Mapping[str, Any]:
    """Make the folder `place`, or replace the bundle that is there.

    Args:
        place: the folder.
        name: the program's name in it.
        build: the Python that the program was built for, or is to find.
        write_program: writes the program to a path.
        contents: what else goes into it.
        environ: gives PATH, LD_LIBRARY_PATH and the cache.
        origin: the program, if it was built already: its libraries may be near it.

    Returns:
        the manifest.

    Raises:
        ToolchainError: HF120, HF121, HF123, HF126; and what compiling a backend raises.
        UsageError: HF112, HF122 to HF125.
    """
    demand_place(place, name, is_taken=name in TAKEN)
    target, patchelf = ask_target(build), find_patchelf(environ)
    with stage_for(place) as stage:
        write_program(stage / name)
        (stage / name).chmod(0o755)
        needs_backend = demand_fit(origin or stage / name, build, environ)
        left_out = list(_filled(stage, target, contents))
        libraries = Libraries(
            stage, patchelf, _python_folders(build), environ, is_foreign=build.loader is not None
        )
        _add_libpython(stage, name, target, libraries, needs_backend=needs_backend)
        if not _stripped(stage, target, environ):
            left_out.append(("nothing", "there is no strip: debug information makes it larger"))
        origins = _origins(stage, target)
        libraries.complete(origins if origin is None else {**origins, stage / name: origin})
        if build.loader is not None:
            left_out += _under_usual_loader(stage, name, build, patchelf)
        left_out += [
            (f"library {library}", f"it was not found, and {user} needs it")
            for library, user in sorted(libraries.missing.items())
        ]
        left_out += [
            (f"library {library}", f"it belongs to the machine's driver; {user} needs it")
            for library, user in sorted(libraries.of_drivers.items())
        ]
        byte_compile(target, stage, with_sources=contents.with_sources)
        rows, unknown = collect_licences(target, stage, libraries.copied)
        if unknown:
            left_out.append(
                ("licence texts", f"this machine has none for {', '.join(sorted(unknown))}")
            )
        facts = {"machine": platform.machine(), "needs_glibc": needed_glibc(binaries_in(stage))}
        manifest = write_manifest(stage, name, target, facts, rows, [*OF_THE_MACHINE, *left_out])
        put(stage, place)
    return manifest


def _filled(stage: Path, target: Target, contents: Contents) -> Iterator[tuple[str, str]]:
    """Copy Python code and the interpreter; yield what was left out, with reasons."""
    yield from copy_standard_library(target, stage)
    if not add_interpreter(target, stage):
        yield (INTERPRETER, f"{target.build.base_executable} is not a binary")
    yield from add_packages(target, stage, contents.packages, contents.requirements)
    add_modules(contents.modules, stage / target.layout.site, stage / target.layout.standard)


def _under_usual_loader(
    stage: Path, name: str, build: PythonBuild, patchelf: str
) -> Iterator[tuple[str, str]]:
    """Let programs of a Python that has a loader of its own start under that of other machines."""
    usual = read_elf(Path("/bin/sh")).interpreter
    for program in (stage / name, stage / INTERPRETER):
        if usual and program.is_file() and read_elf(program).interpreter == str(build.loader):
            set_loader(patchelf, program, usual)
    yield (
        f"the loader of {build.base_executable}",
        "the bundle starts under the machine's, if that is as new as needs_glibc in the manifest says",
    )


def _python_folders(build: PythonBuild) -> list[Path]:
    folders = [*build.library_dirs, build.base_prefix / "lib"]
    return [build.library.parent, *folders] if build.library else folders


def _add_libpython(
    stage: Path, name: str, target: Target, libraries: Libraries, *, needs_backend: bool
) -> None:
    """Copy libpython, if the program does not contain it, and the backend, if it needs one."""
    build = target.build
    binaries = [file for file in (stage / name, stage / INTERPRETER) if file.is_file()]
    is_needed = needs_backend or any(build.soname in read_elf(file).needed for file in binaries)
    if build.library is not None and is_needed:
        libraries.copy(build.library, build.soname or build.library.name)
    if needs_backend:
        made = make_backend(build, find_compiler(), stage / "holdfast-backends")
        made.chmod(0o755)


def _stripped(stage: Path, target: Target, environ: Mapping[str, str]) -> bool:
    """Strip what belongs to Python. Packages come as their makers want them."""
    files = [
        *(stage / "lib").glob("libpython*"),
        *(stage / target.layout.dynamic).glob("*.so"),
        stage / INTERPRETER,
    ]
    return strip([file for file in files if file.is_file()], environ)


def _origins(stage: Path, target: Target) -> dict[Path, Path]:
    """Where the copied binaries of Python came from."""
    dynamic = stage / target.layout.dynamic
    origins = {file: target.dynamic / file.name for file in dynamic.glob("*.so")}
    if target.interpreter is not None:
        origins[stage / INTERPRETER] = target.interpreter
    return origins
