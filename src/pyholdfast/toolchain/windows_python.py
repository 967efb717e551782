"""What a compiler needs to know about a CPython for Windows that cannot be run here: from its files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.probe import PythonBuild

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["windows_build"]


def windows_build(executable: Path) -> PythonBuild:
    """The facts about the Python of this python.exe: headers and DLL beside it.

    Raises:
        ToolchainError: HF105 it has no headers, HF106 its DLL is not beside it.
    """
    folder = executable.absolute().parent
    headers = folder / "include"
    try:
        text = (headers / "patchlevel.h").read_text(encoding="utf-8")
    except OSError as error:
        raise ToolchainError(
            "HF105",
            f"Python.h is not installed for '{executable}': '{headers}' has no patchlevel.h",
            "name the python.exe of a whole installation, with the folder 'include'",
        ) from error
    version = tuple(_number(text, part) for part in ("MAJOR_VERSION", "MINOR_VERSION"))
    micro = _number(text, "MICRO_VERSION")
    stem = f"python{version[0]}{version[1]}"
    names = [f"{stem}.dll", f"{stem}t.dll"]
    if executable.stem.endswith("t"):  # python3.13t.exe; both DLLs may be beside it
        names.reverse()
    library = next((folder / name for name in names if (folder / name).is_file()), None)
    if library is None:
        raise ToolchainError(
            "HF106",
            f"'{folder}' has no {stem}.dll",
            "name the python.exe of a whole installation",
        )
    free_threaded = library.stem.endswith("t")
    return PythonBuild(
        executable=executable.absolute(),
        base_executable=executable.absolute(),
        version=(version[0], version[1], micro),
        hexversion=version[0] << 24 | version[1] << 16 | micro << 8,
        abiflags="t" if free_threaded else "",
        free_threaded=free_threaded,
        debug=False,
        prefix=folder,
        base_prefix=folder,
        include_dirs=(headers,),
        library=library,
        static_library=None,
        soname=library.name,
        multiarch="",
        purelib=folder / "Lib" / "site-packages",
        loader=None,
        library_dirs=(),
        variables={},
    )


def _number(text: str, name: str) -> int:
    return int(re.findall(rf"#define\s+PY_{name}\s+(\d+)", text)[0])
