"""Collects the licences of what is in a bundle, as far as this machine has their texts."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.bundle.contents import uses_backend
from pyholdfast.bundle.standard_library import copy_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyholdfast.bundle.target import Target

__all__ = ["collect_licences"]

LIMIT_S = 60
FOLDER = "licences"
# What C programs that were linked as `holdfast config --c --libs` says need.
LIBRARY_OF_C = "libholdfast.so"


def collect_licences(
    target: Target, stage: Path, libraries: Mapping[str, Path]
) -> tuple[list[dict[str, str]], list[str]]:
    """Copy the texts into a folder beside the libraries.

    Packages keep theirs beside their modules.

    Args:
        target: the Python.
        stage: the bundle.
        libraries: where each library was copied from.

    Returns:
        rows of what a text is for and its file; and the parts without a text.
    """
    rows: list[dict[str, str]] = []
    unknown: list[str] = []

    def keep(part: str, source: Path | None, name: str) -> None:
        if source is None:
            unknown.append(part)
            return
        file = (target.layout.libraries / FOLDER / f"{name}.txt").as_posix()
        if not (stage / file).exists():
            copy_file(source, stage / file)
            (stage / file).chmod(0o644)
        rows.append({"part": part, "text": file})

    minor = "{}.{}".format(*target.build.version)
    keep(f"Python {target.build.version_text}", _of_python(target, minor), "python")
    keep(f"holdfast {paths.version()}", _of_holdfast(), "holdfast")
    own = {name for name, file in libraries.items() if _is_of_python(file, target)}
    owners = _packages_of([file for name, file in libraries.items() if name not in own])
    for name, file in sorted(libraries.items()):
        if name in own:
            continue
        if name == LIBRARY_OF_C and uses_backend(file):
            keep((target.layout.libraries / name).as_posix(), _of_holdfast(), "holdfast")
            continue
        package = owners.get(file)
        text = _of_package(package) if package else None
        keep(
            (target.layout.libraries / name).as_posix(),
            text,
            re.sub(r"[^\w.+-]", "-", package or name),
        )
    return rows, unknown


def _is_of_python(file: Path, target: Target) -> bool:
    build = target.build
    return build.library is not None and file.resolve() == build.library.resolve()


def _of_python(target: Target, minor: str) -> Path | None:
    folders = (f"python{minor}", f"libpython{minor}-minimal", f"python{minor}-minimal")
    return _first(
        target.stdlib / "LICENSE.txt",
        target.stdlib / "LICENSE",
        target.build.base_prefix / "LICENSE.txt",
        target.build.base_prefix / "LICENSE",
        *(Path("/usr/share/doc", folder, "copyright") for folder in folders),
        Path("/usr/share/licenses/python3-libs/LICENSE"),
    )


def _of_holdfast() -> Path | None:
    checkout = paths.PACKAGE.parent.parent
    if (checkout / "pyproject.toml").is_file():
        return _first(checkout / "LICENSE")
    try:
        files = metadata.files("pyholdfast") or []
    except metadata.PackageNotFoundError:
        return None
    return _first(*(Path(str(file.locate())) for file in files if file.name == "LICENSE"))


def _packages_of(files: Sequence[Path]) -> dict[Path, str]:
    """The distribution's package of each file, by dpkg or rpm."""
    found: dict[Path, str] = {}
    if shutil.which("dpkg"):
        # A file may be known by its name from before /lib became a link to /usr/lib
        by_name: dict[str, Path] = {}
        for file in files:
            real = str(file.resolve())
            for name in (real, real.removeprefix("/usr"), str(file)):
                by_name.setdefault(name, file)
        for line in _said(["dpkg", "-S", *by_name]):
            package, _, name = line.rpartition(": ")
            if name in by_name and package:
                found.setdefault(by_name[name], package.split(",")[0].split(":")[0])
    elif shutil.which("rpm"):
        for file in files:
            names = list(_said(["rpm", "-qf", "--qf", "%{NAME}", str(file.resolve())]))
            if names and " " not in names[0]:
                found[file] = names[0]
    return found


def _of_package(package: str) -> Path | None:
    folder = Path("/usr/share/licenses", package)
    texts = sorted(folder.iterdir()) if folder.is_dir() else []
    return _first(Path("/usr/share/doc", package, "copyright"), *texts)


def _said(command: Sequence[str]) -> Iterator[str]:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, errors="replace",
            timeout=LIMIT_S, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return
    yield from done.stdout.splitlines()


def _first(*candidates: Path) -> Path | None:
    return next((path for path in candidates if path.is_file()), None)
