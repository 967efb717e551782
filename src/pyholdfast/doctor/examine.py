"""Finds the Python, then runs all checks that apply.

The slow checks, those of the compiler and of CMake, run at the same time.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.doctor.checks.agreement import check_agreement
from pyholdfast.doctor.checks.binary import check_binary
from pyholdfast.doctor.checks.bundle import check_bundle
from pyholdfast.doctor.checks.cmake import check_cmake
from pyholdfast.doctor.checks.compiler import check_compiler
from pyholdfast.doctor.checks.environment import check_environment
from pyholdfast.doctor.checks.python import check_python
from pyholdfast.doctor.checks.windows_binary import check_windows_binary
from pyholdfast.doctor.model import Finding, Room, bad, good
from pyholdfast.doctor.subject import Subject, is_python_program
from pyholdfast.doctor.symptoms import recognise
from pyholdfast.errors import FindingError
from pyholdfast.find_python import FoundPython, find_python
from pyholdfast.toolchain.pe import is_pe
from pyholdfast.toolchain.probe import probe

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["examine_binary", "examine_bundle", "examine_log", "examine_machine"]


def examine_machine(
    python: str | None,
    *,
    environ: Mapping[str, str],
    start: Path,
    quick: bool = False,
) -> list[Finding]:
    """Check the Python, its environment, the compiler and CMake.

    Args:
        python: the value of ``--python``; None to choose like every other command.
        environ: the variables that a build and a host would see.
        start: the folder of the user's project.
        quick: True to skip slow checks: building a host, configuring CMake, asking other tools.
    """
    found: FoundPython | None = None
    try:
        found = find_python(python, environ=environ, start=start)
        if not is_python_program(found.path) and found.path.is_file():
            return [_not_python(found)]
        subject = Subject(environ, start, found, probe(found.path))
    except FindingError as problem:
        evidence = (f"chosen by {found.why}",) if found else ()
        title = f"the chosen Python cannot be used: {problem.problem} ({problem.code})"
        return [bad("HF150", Room.PYTHON, title, *evidence, fix=problem.remedy)]
    with ThreadPoolExecutor(max_workers=3) as pool:
        # list() inside: a generator would not run its checks before it is consumed
        compiler = pool.submit(lambda: list(check_compiler(subject, build_a_host=not quick)))
        cmake = pool.submit(lambda: list(check_cmake(subject, configure=not quick)))
        agreement = pool.submit(lambda: [] if quick else list(check_agreement(subject)))
        findings = [*check_python(subject), *check_environment(subject)]
        return [*findings, *agreement.result(), *compiler.result(), *cmake.result()]


def examine_binary(path: Path, *, environ: Mapping[str, str]) -> list[Finding]:
    """Check a built host.

    Raises:
        ToolchainError: HF113 if `path` is not a program or shared library.
    """
    check = check_windows_binary if is_pe(path) else check_binary
    return list(check(path, environ))


def examine_bundle(folder: Path) -> list[Finding]:
    """Check a folder that `holdfast bundle` made.

    Raises:
        UsageError: HF190 if it has no manifest that can be read.
    """
    return list(check_bundle(folder))


def examine_log(text: str) -> list[Finding]:
    """Look for known failures in the output of a build or of a host."""
    known = recognise(text, Room.LOG)
    lines = f"{len(text.splitlines())} lines"
    return known or [good("HF182", Room.LOG, "no known failure found", lines)]


def _not_python(found: FoundPython) -> Finding:
    """Do not run it to ask: a host that is its own sys.executable would start itself."""
    inside = found.path == Path(sys.executable)
    return bad(
        "HF159",
        Room.PYTHON,
        "sys.executable is not a Python: each new worker process would be a copy of it"
        if inside
        else "the program that was chosen is not a Python",
        f"{found.path}, from {found.why}",
        fix='in the host: interpreter_config::executable = "/path/of/a/python"'
        if inside
        else "--python /usr/bin/python3",
    )
