"""Checks that a built host will find the Python that it was built for.

Reads the file, the libraries it names and the environment; starts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.doctor.binary_facts import BinaryFacts, BuiltFor, newest_libstdcxx, read_facts
from pyholdfast.doctor.checks.c_host import check_c_host, is_c_host
from pyholdfast.doctor.loader import resolve
from pyholdfast.doctor.model import Finding, Room, bad, good, skipped, warning
from pyholdfast.doctor.start_settings import check_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["check_binary", "compare_built_for"]

ROOM = Room.BINARY


def check_binary(path: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """All checks of a program or shared library.

    Raises:
        ToolchainError: HF113 if `path` is neither.
    """
    facts = read_facts(path, environ)
    if facts.libpython is None and is_c_host(facts.elf):
        yield from check_c_host(facts.elf, environ)
        return
    yield _library(facts)
    if facts.libpython is None and not facts.has_interpreter_inside:
        return
    yield from compare_built_for(facts.built_for, facts.runs_on, facts.libpython)
    yield _runtime(facts)
    if facts.has_interpreter_inside:
        yield _exports(facts)
    if not facts.is_program:
        yield _plug_in(facts)
    if "libstdc++.so.6" in facts.elf.needed:
        yield _libstdcxx(facts, environ)
    yield from check_start(facts, environ)


def _library(facts: BinaryFacts) -> Finding:
    """Whether the loader finds libpython."""
    if facts.libpython is None or facts.library is None:
        if facts.has_interpreter_inside:
            return good("HF155", ROOM, "the interpreter is inside, no libpython is needed")
        return skipped("HF155", ROOM, "it is not linked with Python", "nothing more to examine")
    if facts.library.path is not None:
        found = f"{facts.library.path}, by {facts.library.source}"
        return good("HF155", ROOM, f"{facts.libpython} is found", found)
    rpath = (*facts.elf.rpath, *facts.elf.runpath)
    return bad(
        "HF155",
        ROOM,
        f"{facts.libpython} is not found: the program will not start",
        f"rpath: {':'.join(rpath) or 'none'}",
        f"looked in: {facts.library.source}",
        fix="link again with $(holdfast config --ldflags), which sets the rpath",
    )


def compare_built_for(
    built_for: Sequence[BuiltFor], runs_on: BuiltFor | None, library: str | None
) -> Iterator[Finding]:
    """Compare headers and library; a mismatch crashes much later, or never visibly.

    Args:
        built_for: the Pythons of the headers.
        runs_on: the Python of the library, if that is known.
        library: its name.
    """
    if not built_for:
        yield skipped("HF160", ROOM, "it does not record which Python.h it was compiled with")
        return
    if len(built_for) > 1:
        yield bad(
            "HF160",
            ROOM,
            "its parts were compiled for different Pythons",
            *map(str, built_for),
            fix="rebuild all of it: cmake --build build --clean-first",
        )
        return
    (compiled,) = built_for
    if runs_on is None:
        yield good("HF160", ROOM, "compiled for Python", str(compiled))
        return
    evidence = (
        f"Python.h was of Python {compiled}",
        f"{library} is of Python {runs_on}",
    )
    rebuild = "rebuild all of it with one Python: $(holdfast config --cflags --ldflags)"
    if compiled.minor != runs_on.minor:
        title = "compiled for one version of Python, linked with another"
        yield bad("HF160", ROOM, title, *evidence, fix=rebuild)
    if compiled.free_threaded != runs_on.free_threaded:
        title = "compiled for one kind of threading, linked with the other"
        yield bad("HF161", ROOM, title, *evidence, fix=rebuild)
    if compiled.debug != runs_on.debug:
        title = "debug and release builds of Python are mixed"
        yield bad("HF178", ROOM, title, *evidence, fix=rebuild)
    if compiled == runs_on:
        yield good("HF160", ROOM, "compiled for the Python that it is linked with", str(compiled))


def _runtime(facts: BinaryFacts) -> Finding:
    """Shared libraries that also use holdfast must find the program's records."""
    if not facts.made_with_holdfast:
        return skipped("HF180", ROOM, "it was not made with holdfast")
    if facts.elf.defines("holdfast_process_v1") or not facts.is_program:
        return good("HF180", ROOM, "holdfast's runtime is inside", "holdfast_process_v1")
    return warning(
        "HF180",
        ROOM,
        "it hides holdfast's records from libraries that use holdfast too",
        "holdfast_process_v1 is not exported",
        fix="link again with $(holdfast config --ldflags), which exports it",
    )


def _exports(facts: BinaryFacts) -> Finding:
    """A program with a static interpreter must export its symbols to extension modules."""
    if facts.elf.defines("PyObject_SelfIter"):
        return good("HF168", ROOM, "extension modules see the interpreter inside")
    evidence = ["PyObject_SelfIter is not exported"]
    fix = "link with -rdynamic, or with $(holdfast config --ldflags)"
    if facts.elf.defines("main"):  # -rdynamic was given, but archives were excluded from it
        evidence.append("main is exported")
        fix = "link without -Wl,--exclude-libs, which hides what comes from libpython's archive"
    return bad(
        "HF168",
        ROOM,
        "extension modules will fail with 'undefined symbol': the interpreter inside is hidden",
        *evidence,
        fix=fix,
    )


def _plug_in(facts: BinaryFacts) -> Finding:
    """A program that opens this library with RTLD_LOCAL hides libpython from extension modules."""
    if any(name.startswith("PyInit_") for name in facts.elf.symbols):
        return good(
            "HF158", ROOM, "an extension module: Python is already loaded when it is imported"
        )
    if facts.made_with_holdfast and facts.libpython is not None:
        return good(
            "HF158", ROOM, "opened with RTLD_LOCAL, it makes libpython's symbols global itself"
        )
    return warning(
        "HF158",
        ROOM,
        "opened with dlopen(…, RTLD_LOCAL), it hides libpython from numpy and other extensions",
        f"a shared library that loads {facts.libpython or 'an interpreter'}",
        fix=f'before Python starts: dlopen("{facts.libpython or facts.elf.path.name}",'
        " RTLD_NOW | RTLD_GLOBAL)",
    )


def _libstdcxx(facts: BinaryFacts, environ: Mapping[str, str]) -> Finding:
    """An rpath into conda may find an older C++ library than the compiler's."""
    found = resolve("libstdc++.so.6", facts.elf, environ)
    if found.path is None:
        return skipped("HF170", ROOM, "libstdc++.so.6 is not found", found.source)
    needs, has = newest_libstdcxx(facts.elf.path), newest_libstdcxx(found.path)
    if needs <= has:
        return good("HF170", ROOM, f"libstdc++ is new enough (GLIBCXX_3.4.{has})", str(found.path))
    return bad(
        "HF170",
        ROOM,
        f"the first libstdc++ found is too old: GLIBCXX_3.4.{needs} is missing",
        f"{found.path} ends with GLIBCXX_3.4.{has}, found by {found.source}",
        fix="put the newer libstdc++ first, or: conda install -c conda-forge libstdcxx-ng",
    )
