"""Paths of the installed package's parts, and its version.

The version is defined in one place, the header that hosts are compiled with.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pyholdfast.errors import HoldfastError

__all__ = [
    "PACKAGE",
    "benchmarks_dir",
    "c_dir",
    "cmake_dir",
    "exported_symbols",
    "include_dir",
    "pkgconfig_dir",
    "problem_matcher",
    "version",
]

PACKAGE = Path(__file__).resolve().parent


def include_dir() -> Path:
    """The folder for ``-I``; contains ``holdfast/holdfast.hpp``."""
    return PACKAGE / "include"


def c_dir() -> Path:
    """The folder with the sources of libholdfast and of the backends."""
    return PACKAGE / "c"


def cmake_dir() -> Path:
    """The folder for ``-Dholdfast_ROOT=``; contains ``holdfastConfig.cmake``."""
    return PACKAGE / "share" / "cmake" / "holdfast"


def pkgconfig_dir() -> Path:
    """The folder for ``PKG_CONFIG_PATH``; contains ``holdfast.pc``."""
    return PACKAGE / "share" / "pkgconfig"


def problem_matcher() -> Path:
    """The file for GitHub's ``::add-matcher::``, which turns findings into annotations."""
    return PACKAGE / "share" / "github" / "problem-matcher.json"


def exported_symbols() -> Path:
    """The list of symbols that an executable exports, for a linker's ``--dynamic-list``."""
    return cmake_dir() / "exported-symbols.txt"


def benchmarks_dir() -> Path | None:
    """The folder of the package `holdfast_bench`; None outside of a checkout."""
    folder = PACKAGE.parent.parent / "benchmarks"
    return folder if (folder / "holdfast_bench" / "command.py").is_file() else None


@cache
def version() -> str:
    """The version in ``version.hpp``, e.g. ``"0.1.0"``.

    Raises:
        HoldfastError: HF117 if the header is missing.
    """
    header = include_dir() / "holdfast" / "version.hpp"
    try:
        text = header.read_text(encoding="utf-8")
    except OSError as error:
        raise HoldfastError(
            "HF117",
            f"holdfast's own file is missing: '{header}'",
            "install holdfast again, from where you installed it: pip install --force-reinstall . in its checkout",
        ) from error
    found = dict(re.findall(r"#define HOLDFAST_VERSION_(MAJOR|MINOR|PATCH) (\d+)", text))
    return f"{found['MAJOR']}.{found['MINOR']}.{found['PATCH']}"
