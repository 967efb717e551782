"""Puts packages into a bundle: from a requirements file by pip, or those that the Python has."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.bundle.outside import demand_inside
from pyholdfast.bundle.standard_library import NOWHERE, copy_file
from pyholdfast.errors import ToolchainError, UsageError
from pyholdfast.process_end import end_of
from pyholdfast.toolchain.pe import read_pe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyholdfast.bundle.target import Target

__all__ = ["add_packages", "packages_in"]

LIMIT_S = 60
PIP_LIMIT_S = 1800
# By the processor of Windows
WHEEL_PLATFORMS = {"AMD64": "win_amd64", "ARM64": "win_arm64", "x86": "win32"}
# With -m, modules of the current folder would be imported, which may be anyone's. With -I, pip would not
# be found in the user's own site-packages.
PIP = (
    "-E",
    "-c",
    """import sys; sys.path = [place for place in sys.path if place]
import runpy; runpy.run_module('pip', run_name='__main__', alter_sys=True)""",
)
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[^\]]*\])?")
# Runs in the Python whose packages are copied.
QUESTIONS = Path(__file__).with_name("installed.py")
SCRIPTS = ("bin", "Scripts")


def add_packages(
    target: Target, stage: Path, names: Sequence[str], requirements: Sequence[Path]
) -> list[tuple[str, str]]:
    """Copy the named packages with all that they require, and install the requirements.

    A package that the Python does not have is installed by pip, too; all are if it does not run here.

    Returns:
        what was left out, with reasons.

    Raises:
        UsageError: HF123 if a package cannot be copied.
        ToolchainError: HF123 if pip fails.
    """
    place = stage / target.layout.site
    left_out: list[tuple[str, str]] = []
    installed = [name for name in names if target.runs_here and NAME.fullmatch(name)]
    by_pip = [name for name in names if name not in installed]
    if installed:
        said = _ask(target, installed)
        asked = {name for name, reason in said["absent"] if not reason}
        by_pip += [name for name in installed if _plain(name.partition("[")[0]) in asked]
        if by_pip or any(reason for _, reason in said["absent"]):
            said = _ask(target, [name for name in installed if name not in by_pip])
        for name, reason in said["absent"]:
            raise UsageError(
                "HF123",
                f"the package '{reason}' requires '{name}', which {target.build.executable} does not have",
                f"install it there: {target.build.executable} -m pip install {name}",
            )
        for package in said["found"]:
            left_out += _copy(package, place, target, stage / target.layout.libraries)
    words = [word for file in requirements for word in ("-r", str(file))] + by_pip
    if words:
        _install(target, place, words)
    demand_inside(place)
    return left_out


def packages_in(folder: Path) -> list[dict[str, str]]:
    """Name, version and licence of each package in a folder."""
    return [_described(file) for file in sorted(folder.glob("*.dist-info/METADATA"))]


def _described(file: Path) -> dict[str, str]:
    head = file.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
    fields: dict[str, str] = {}
    for line in head.splitlines():
        key, _, value = line.partition(": ")
        fields.setdefault(key, value.strip())
    classified = re.findall(
        r"^Classifier: License :: (?:OSI Approved :: )?(.+)$", head, re.MULTILINE
    )
    licence = fields.get("License-Expression") or fields.get("License") or "; ".join(classified)
    return {
        "name": fields.get("Name", file.parent.name),
        "version": fields.get("Version", ""),
        "licence": licence or "unknown",
    }


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _ask(target: Target, names: Sequence[str]) -> Mapping[str, Any]:
    command = [str(target.build.executable), "-I", str(QUESTIONS), *names]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL
        )
        said: Mapping[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ToolchainError(
            "HF126",
            f"{target.build.executable} failed while the bundle was made: {error}",
            "check that it works: holdfast doctor",
        ) from error
    return said


def _copy(
    package: Mapping[str, Any], place: Path, target: Target, libraries: Path
) -> Iterator[tuple[str, str]]:
    """Copy a package's files; yield those that have no place in a bundle, with the reason."""
    name = package["name"]
    if package["editable"]:
        raise UsageError(
            "HF123",
            f"the package '{name}' is installed in editable mode: its files are elsewhere",
            f"install it: {target.build.executable} -m pip install --force-reinstall --no-deps PATH",
        )
    if not package["files"]:
        raise UsageError(
            "HF123",
            f"the package '{name}' does not list its files",
            f"name it in a requirements file: holdfast bundle … -r requirements.txt, with {name}",
        )
    outside: dict[str, int] = {}
    for source, written in package["files"]:
        inside = Path(written)
        if "__pycache__" in inside.parts or not Path(source).is_file():
            if Path(source).is_symlink():
                yield (f"{written} of {name}", NOWHERE)
            continue
        if ".." not in inside.parts and not inside.is_absolute():
            copy_file(Path(source), place / inside)
            continue
        parts = [part for part in inside.parts if part not in ("..", inside.anchor)]
        if parts[0] == "lib" and len(parts) == 2 and ".so" in parts[1]:  # noqa: PLR2004
            # Beside Python's own libraries, where the run paths of packages lead
            copy_file(Path(source), libraries / parts[1])
        elif parts[0] not in SCRIPTS:  # a host does not start the scripts of packages
            folder = "/".join(parts[:-1]) or "."
            outside[folder] = outside.get(folder, 0) + 1
    for folder, count in sorted(outside.items()):
        files = "a file" if count == 1 else f"{count} files"
        yield (f"{files} of {name} in {folder}", "packages are copied without what is beside them")


def _install(target: Target, place: Path, words: Sequence[str]) -> None:
    command = [*_pip(target), "install", "--target", str(place), "--no-compile", "--upgrade",
               "--no-warn-script-location", "--disable-pip-version-check",
               *_for_other_system(target), *words]  # fmt: skip
    try:
        # What pip says is for people, as it comes; stdout has the report.
        status = subprocess.run(
            command, check=False, timeout=PIP_LIMIT_S, stdout=sys.stderr.fileno(),
            env=_environment(),
        ).returncode  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise _pip_failed(words, str(error)) from error
    if status != 0:
        raise _pip_failed(words, f"it {end_of(status)}")
    shutil.rmtree(place / "bin", ignore_errors=True)
    for made in place.rglob("__pycache__"):
        shutil.rmtree(made, ignore_errors=True)


def _for_other_system(target: Target) -> list[str]:
    """Options for a Python that pip cannot ask: wheels for it, because nothing can be built for it."""
    if target.runs_here:
        return []
    major, minor, _ = target.build.version
    of_free_threaded = ["--abi", f"cp{major}{minor}t"] if target.build.free_threaded else []
    machine = read_pe(target.build.library or target.build.executable).machine
    return ["--only-binary=:all:", "--implementation", "cp", *of_free_threaded,
            "--python-version", f"{major}.{minor}", "--platform", WHEEL_PLATFORMS[machine]]  # fmt: skip


def _pip(target: Target) -> list[str]:
    """A pip that installs for this Python: its own, or that of the Python that runs holdfast."""
    own_ones = (target.build.executable, target.build.base_executable)
    for python in dict.fromkeys(own_ones if target.runs_here else (Path(sys.executable),)):
        if _has_pip(python):
            return [str(python), *PIP]
    own = Path(sys.executable)
    if target.runs_here and _has_pip(own):
        return [str(own), *PIP, "--python", str(target.build.executable)]
    raise ToolchainError(
        "HF123",
        f"packages cannot be installed: {own_ones[0] if target.runs_here else own} has no pip",
        f"give it one: {own_ones[0] if target.runs_here else own} -m ensurepip",
    )


def _has_pip(python: Path) -> bool:
    try:
        done = subprocess.run(
            [str(python), *PIP, "--version"], check=False, capture_output=True,
            timeout=LIMIT_S, stdin=subprocess.DEVNULL, env=_environment(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _environment() -> dict[str, str]:
    """That of this process without what is meant for one Python: pip starts others."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _pip_failed(words: Sequence[str], reason: str) -> ToolchainError:
    return ToolchainError(
        "HF123",
        f"pip could not install {' '.join(words)}: {reason}",
        "correct the names or versions; pip's messages are above",
    )
