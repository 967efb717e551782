"""Predicts a built host's standard library, environment and sys.executable when it starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.bundle.manifest import is_bundle
from pyholdfast.doctor.model import Finding, Room, bad, good, skipped, warning
from pyholdfast.doctor.run_tool import ask, which
from pyholdfast.doctor.subject import environment_around, minor_text, standard_library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyholdfast.doctor.binary_facts import BinaryFacts

__all__ = ["check_start"]

ROOM = Room.BINARY


def check_start(facts: BinaryFacts, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check a program's surroundings. A library is skipped: it gets those of its host."""
    minor = _minor(facts)
    if not facts.is_program or minor is None:
        return
    if facts.made_with_holdfast and is_bundle(facts.elf.path.resolve().parent):
        yield good("HF154", ROOM, "it is in a bundle: no variable decides about its Python")
        yield _bundle(facts, minor)
        return
    yield _home(facts, minor, environ)
    yield _environment(facts, minor, environ)
    if not facts.made_with_holdfast:
        yield from _plain_start(environ)
    if _is_bundled(facts):
        yield _bundle(facts, minor)


def _minor(facts: BinaryFacts) -> tuple[int, int] | None:
    """The version that will run: the library's, not the headers'."""
    if facts.runs_on is not None:
        return facts.runs_on.minor
    return facts.built_for[0].minor if facts.built_for else None


def _library_name(facts: BinaryFacts, minor: tuple[int, int]) -> str:
    free_threaded = facts.runs_on is not None and facts.runs_on.free_threaded
    return f"python{minor_text(minor)}{'t' if free_threaded else ''}"


def _home(facts: BinaryFacts, minor: tuple[int, int], environ: Mapping[str, str]) -> Finding:
    home = environ.get("PYTHONHOME")
    if not home:
        return good("HF154", ROOM, "PYTHONHOME is not set")
    folder, name = Path(home.split(":")[0]) / "lib", _library_name(facts, minor)
    if found := standard_library(folder, name):
        return good("HF154", ROOM, "PYTHONHOME holds the standard library", str(found))
    return bad(
        "HF154",
        ROOM,
        "PYTHONHOME is wrong: the host will stop with \"No module named 'encodings'\"",
        f"PYTHONHOME={home}",
        f"not there: {folder / name / 'encodings'}",
        fix="unset PYTHONHOME",
    )


def _environment(facts: BinaryFacts, minor: tuple[int, int], environ: Mapping[str, str]) -> Finding:
    """CPython accepts an environment of another version, but finds no packages in it."""
    variable, python = "VIRTUAL_ENV", Path(environ.get("VIRTUAL_ENV", ""), "bin", "python")
    if facts.made_with_holdfast and environ.get("HOLDFAST_PYTHON"):
        variable, python = "HOLDFAST_PYTHON", Path(environ["HOLDFAST_PYTHON"])
    if not environ.get(variable):
        return good("HF166", ROOM, "no virtual environment is active")
    evidence = f"{variable}={environ[variable]}"
    found = _minor_of(python, environ)
    if found in (None, minor):
        return good("HF166", ROOM, "the Python that it will use has the same version", evidence)
    return bad(
        "HF166",
        ROOM,
        "the Python that it will use has another version: its packages will not be found",
        f"{evidence} is of Python {minor_text(found)}",
        f"the host runs Python {minor_text(minor)}",
        fix=f"holdfast build HOST.cpp -o {facts.elf.path.name} --python {python}",
    )


def _minor_of(python: Path, environ: Mapping[str, str]) -> tuple[int, int] | None:
    """The version in its environment's pyvenv.cfg, else its own answer; None without either."""
    environment = environment_around(python)
    if environment is not None and environment.minor is not None:
        return environment.minor
    code = "import sys; print(*sys.version_info[:2])"
    words = ask([python, "-I", "-S", "-c", code], environ).out.split()
    return (int(words[0]), int(words[1])) if len(words) > 1 else None


def _plain_start(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check the first python3 on PATH, which a host without holdfast uses by default.

    It determines sys.prefix, where the packages are, and sys.executable, which starts worker
    processes. A shim is a script: it can be started, but is not part of an installation.
    """
    python = which("python3", environ)
    if python is None:
        yield bad(
            "HF159",
            ROOM,
            "sys.executable will be empty: worker processes cannot be started",
            "no python3 on PATH, and the host was not made with holdfast",
            fix="set PyConfig.executable, or use interpreter_config::executable of holdfast",
        )
        return
    if "shims" in Path(python).parts:
        yield warning(
            "HF159",
            ROOM,
            "sys.executable will be a shim, which may start another Python than the host's",
            f"first python3 on PATH: {python}",
            fix=f'set PyConfig.executable to "{_behind(python, environ)}"',
        )
    else:
        yield good("HF159", ROOM, "sys.executable will be", python)
    named = environ.get("VIRTUAL_ENV")
    environment = environment_around(Path(python))
    if not named or (environment is not None and environment.folder == Path(named)):
        return
    yield bad(
        "HF153",
        ROOM,
        "the active environment's packages will not be found",
        f"VIRTUAL_ENV={named}",
        f"first python3 on PATH: {python}",
        fix=f'set PyConfig.executable to "{Path(named, "bin", "python")}"',
    )


def _behind(shim: str, environ: Mapping[str, str]) -> str:
    answer = ask([shim, "-I", "-S", "-c", "import sys; print(sys.executable)"], environ)
    return answer.out.strip() or shim


def _is_bundled(facts: BinaryFacts) -> bool:
    """Whether libpython was delivered together with the program."""
    rpath = (*facts.elf.rpath, *facts.elf.runpath)
    return any("ORIGIN" in folder for folder in rpath) and facts.library is not None


def _bundle(facts: BinaryFacts, minor: tuple[int, int]) -> Finding:
    """A bundle without a standard library silently uses the one of its build machine."""
    library = facts.library.path if facts.library else None
    if library is None:
        return skipped("HF167", ROOM, "the bundle has no libpython")
    standard = library.parent / _library_name(facts, minor)
    if found := standard_library(library.parent, standard.name):
        return good("HF167", ROOM, "the bundle has its standard library", str(found))
    return warning(
        "HF167",
        ROOM,
        "the bundle has no standard library: it works only where it was built",
        f"libpython is {library}",
        f"not there: {standard / 'encodings'}",
        fix=f"copy lib/{standard.name} beside it, and set interpreter_config::home",
    )
