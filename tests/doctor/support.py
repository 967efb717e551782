"""Makes broken Pythons, environments and hosts, and asks the doctor about them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from matrix import CHECKOUT, default_python, usable
from pyholdfast.doctor.model import Finding, Room, Verdict
from pyholdfast.doctor.subject import Subject
from pyholdfast.find_python import FoundPython
from pyholdfast.toolchain.flags import flags_for
from pyholdfast.toolchain.probe import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = [
    "BARE",
    "MINOR",
    "REAL",
    "answers",
    "compile_cpp",
    "compiler",
    "doctor",
    "imitation",
    "newest_plain",
    "plain",
    "script",
    "subject_of",
    "the_finding",
    "two_minors",
    "venv",
]

REAL = default_python().build
DEADLINE_S = 120
MINOR = f"{REAL.version[0]}.{REAL.version[1]}"

# Nothing of the tester's own environment may decide about a test.
BARE = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}


def the_finding(findings: Iterable[Finding], code: str) -> Finding:
    """The only finding with this code that is not green."""
    listed = list(findings)
    found = [f for f in listed if f.code == code and f.verdict in (Verdict.WARNING, Verdict.BAD)]
    assert len(found) == 1, listed
    return found[0]


def doctor(
    *arguments: object, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> tuple[int, list[Finding]]:
    """Run ``holdfast doctor --json`` as a user does; return its status and findings."""
    command = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pyholdfast.cli import main; sys.exit(main())"
    done = subprocess.run(
        [
            sys.executable, "-I", "-c", command, CHECKOUT / "src",
            "doctor", "--json", *map(str, arguments),
        ],
        env={**BARE, **(environ or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return done.returncode, [
        Finding(
            entry["code"],
            Room(entry["room"]),
            Verdict(entry["verdict"]),
            entry["title"],
            tuple(entry["evidence"]),
            entry["fix"] or "",
        )
        for entry in json.loads(done.stdout)["findings"]
    ]


def answers() -> dict[str, Any]:
    """What the default Python says about itself."""
    done = subprocess.run(
        [REAL.executable, "-I", "-S", "-c", QUESTIONS], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


def script(path: Path, text: str) -> Path:
    """A program that is a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def imitation(
    folder: Path, *, headers: bool = True, shared: bool = True, static: bool = False, **said: object
) -> Path:
    """An installation that has only these parts, with an interpreter that says so.

    Its headers and its library are links to the real ones, one by one: a test replaces what it
    wants broken. The interpreter answers the questions of `probe` and nothing else.
    """
    real = answers()
    variables = {
        **real["variables"],
        "LIBDIR": str(folder / "lib"),
        "LIBPL": str(folder / "config"),
    }
    include = folder / "include" / REAL.include_dirs[0].name
    include.mkdir(parents=True)
    (folder / "lib").mkdir()
    if headers:
        for entry in REAL.include_dirs[0].iterdir():
            (include / entry.name).symlink_to(entry)
    if shared:
        assert REAL.library is not None
        (folder / "lib" / REAL.library.name).symlink_to(REAL.library)
    if static:
        (folder / "lib" / f"libpython{MINOR}.a").write_bytes(b"!<arch>\n")
        variables["LIBRARY"] = f"libpython{MINOR}.a"
    python = folder / "bin" / "python3"
    real |= {
        "prefix": str(folder),
        "base_prefix": str(folder),
        "include": [str(include), str(include)],
        "executable": str(python),
        "base_executable": str(python),
        "variables": variables,
        **said,
    }
    answer = folder / "answer.json"
    answer.write_text(json.dumps(real))
    return script(python, f"cat '{answer}'")


def subject_of(
    build: PythonBuild,
    environ: Mapping[str, str] | None = None,
    *,
    why: str = "--python",
    system: str = "linux",
) -> Subject:
    """The subject of the checks, without a command line."""
    return Subject(
        environ={**BARE, **(environ or {})},
        start=Path("/"),
        found=FoundPython(build.executable, why),
        build=build,
        system=system,
    )


def venv(folder: Path, python: Path) -> Path:
    """A virtual environment without pip; returns its interpreter."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True, timeout=DEADLINE_S)
    return folder / "bin" / "python"


def plain() -> list[PythonBuild]:
    """Pythons that run with the system's own C library, with a GIL, oldest first."""
    builds = [python.build for python in usable()]
    return [build for build in builds if build.loader is None and not build.free_threaded]


def newest_plain() -> PythonBuild:
    """The newest of them, or the test is skipped."""
    return plain()[-1] if plain() else pytest.skip("needs a Python with a GIL")


def two_minors() -> tuple[PythonBuild, PythonBuild]:
    """An older and a newer Python, or the test is skipped."""
    builds = plain()
    if len(builds) < 2:
        pytest.skip("needs two minor versions of Python with headers and a shared libpython")
    return builds[0], builds[-1]


def compiler() -> str:
    """A C++ compiler, or the test is skipped."""
    found = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    if found is None:
        pytest.skip("needs a C++ compiler")
    return found


def compile_cpp(out: Path, text: str, *options: object, build: PythonBuild | None = None) -> Path:
    """Compile `text`; if `build` is given, with all options for that Python."""
    source = out.with_suffix(".cpp")
    source.write_text(text)
    flags = flags_for(build, optimise="-O0") if build else None
    before = flags.cflags if flags else ()
    after = (*flags.ldflags, *flags.libs) if flags else ()
    subprocess.run(
        [compiler(), *before, source, "-o", out, *map(str, options), *after],
        check=True,
        timeout=DEADLINE_S,
    )
    return out
