"""Finds what leads Python from the packages of a bundle to files outside of it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from pyholdfast.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["demand_inside", "lines_leading_out"]

# What setuptools writes for an editable package whose files are not all in one folder.
FINDER = re.compile(r"import\s+__editable__")
STATEMENT = re.compile(r"import[ \t]")


def lines_leading_out(site: Path) -> Iterator[tuple[Path, str]]:
    """The lines in the ``.pth`` files of a folder for packages that add others, or their modules.

    Args:
        site: a folder that Python looks for ``.pth`` files in.
    """
    for file in sorted(site.glob("*.pth")):
        if not file.is_file():
            continue
        for line in map(str.strip, file.read_text("utf-8", errors="replace").splitlines()):
            if line and not line.startswith("#") and _leads_out(line):
                yield file, line


def demand_inside(site: Path) -> None:
    """Check that all packages of a folder are there as a whole.

    Raises:
        UsageError: HF123 names one that is not.
    """
    for info in sorted(site.glob("*.dist-info/direct_url.json")):
        if _is_editable(info.read_text("utf-8", errors="replace")):
            raise _refused(info.parent.name.partition("-")[0], info.parent.name)
    for file, line in lines_leading_out(site):
        raise _refused(_owner(file) or file.stem, f"{file.name} has the line: {line}")


def _is_editable(text: str) -> bool:
    """Whether ``direct_url.json`` says that a package's files are elsewhere.

    >>> _is_editable('{"url": "file:///app", "dir_info": {"editable": true}}'), _is_editable("{}")
    (True, False)
    """
    try:
        read = json.loads(text)
    except ValueError:
        return False
    return isinstance(read, dict) and bool((read.get("dir_info") or {}).get("editable"))


def _leads_out(line: str) -> bool:
    if STATEMENT.match(line):
        return FINDER.match(line) is not None
    if PurePosixPath(line).is_absolute() or PureWindowsPath(line).drive:
        return True
    return os.path.normpath(line.replace("\\", "/")).startswith("..")


def _owner(file: Path) -> str | None:
    """The package that lists the file."""
    for record in sorted(file.parent.glob("*.dist-info/RECORD")):
        lines = record.read_text("utf-8", errors="replace").splitlines()
        if any(line.partition(",")[0] == file.name for line in lines):
            return record.parent.name.partition("-")[0]
    return None


def _refused(package: str, why: str) -> UsageError:
    return UsageError(
        "HF123",
        f"the package '{package}' is installed in editable mode: its files are elsewhere ({why})",
        "name it in the requirements file without -e",
    )
