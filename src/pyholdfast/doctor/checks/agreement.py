"""Checks that the other tools use the same Python.

Each tool has its own rule: the order of PATH, a shim, the system's .pc file. A host built with
options from two tools mixes two Pythons.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.doctor.model import Finding, Room, good, warning
from pyholdfast.doctor.run_tool import ask, which
from pyholdfast.doctor.subject import environment_around, minor_text
from pyholdfast.inputs import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyholdfast.doctor.subject import Subject

__all__ = ["check_agreement"]

ROOM = Room.ENVIRONMENT
WHERE = "import sys; print('%d.%d' % sys.version_info[:2], sys.base_prefix)"


@dataclass(frozen=True, slots=True)
class _Opinion:
    """The Python that one tool uses.

    Attributes:
        tool: its name.
        minor: e.g. ``"3.12"``.
        prefix: folder of the installation; for a tool that installs packages, folder of the
            environment that it installs into.
        installs: True for a tool that installs packages.
    """

    tool: str
    minor: str
    prefix: Path
    installs: bool = False

    def __str__(self) -> str:
        return f"{self.tool}: Python {self.minor} in {self.prefix}"


def check_agreement(subject: Subject) -> Iterator[Finding]:
    """One finding, which lists all answers if they differ."""
    opinions = list(_opinions(subject.environ))
    others = [opinion for opinion in opinions if not _agrees(opinion, subject)]
    if not others:
        asked = ", ".join(opinion.tool for opinion in opinions) or "there are no others"
        yield good("HF157", ROOM, "all tools use this Python", asked)
        return
    chosen = _Opinion("holdfast", minor_text(subject.minor), subject.build.base_prefix)
    yield warning(
        "HF157",
        ROOM,
        "the tools use different Pythons",
        *map(str, (chosen, *opinions)),
        fix="take compiler options from 'holdfast config --cflags --ldflags' only",
    )


def _agrees(opinion: _Opinion, subject: Subject) -> bool:
    environment = subject.environment
    base = subject.build.base_prefix
    wanted = environment.folder if environment and opinion.installs else base
    same_folder = opinion.prefix.resolve() == wanted.resolve()
    return same_folder and opinion.minor == minor_text(subject.minor)


def _opinions(environ: Mapping[str, str]) -> Iterator[_Opinion]:
    """The opinions of the tools that are installed and answer."""
    if python := which("python3", environ):
        answer = ask([python, "-I", "-S", "-c", WHERE], environ).out
        yield from _parsed("python3 on PATH", answer)
    if config := which("python3-config", environ):
        answer = ask([config, "--includes", "--prefix"], environ).out
        if answer.startswith("-I"):
            includes, _, prefix = answer.strip().partition("\n")
            version = re.search(r"python(\d+\.\d+)", includes)
            yield from _parsed("python3-config", f"{version[1]} {prefix}" if version else "")
    if tool := which("pkg-config", environ):
        version_text = ask([tool, "--modversion", "python3-embed"], environ).out.strip()
        prefix = ask([tool, "--variable=prefix", "python3-embed"], environ).out.strip()
        yield from _parsed("pkg-config python3-embed", f"{version_text} {prefix}")
    if pip := which("pip3", environ) or which("pip", environ):
        yield from _pip(Path(pip), environ)


def _parsed(tool: str, text: str, *, installs: bool = False) -> Iterator[_Opinion]:
    """Parse "VERSION PREFIX"; yield nothing for any other text."""
    match = re.match(r"(\d+\.\d+)\S* +(/.+|[A-Za-z]:.+)$", text.strip())
    if match:
        yield _Opinion(tool, match[1], Path(match[2].strip()), installs)


def _pip(pip: Path, environ: Mapping[str, str]) -> Iterator[_Opinion]:
    """Ask the interpreter in pip's first line; run pip itself only if that line names no Python.

    Starting pip takes ten times as long as the rest of these checks.
    """
    try:
        first = read_bytes(pip)[:256].split(b"\n", 1)[0].decode(errors="replace")
    except OSError:
        return
    python = re.match(r"#!(/\S*/python(?:\d+(?:\.\d+)?)?)$", first.strip())
    if python is None:
        answer = ask([pip, "--version"], environ).out
        found = re.search(r" from (.+?)/lib/\S+ \(python (\d+\.\d+)\)", answer)
        yield from _parsed("pip", f"{found[2]} {found[1]}" if found else "", installs=True)
        return
    answer = ask([python[1], "-I", "-S", "-c", WHERE], environ).out
    version, _, base = answer.strip().partition(" ")
    environment = environment_around(Path(python[1]))
    into = environment.folder if environment else base
    yield from _parsed("pip", f"{version} {into}", installs=True)
