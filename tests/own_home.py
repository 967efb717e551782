"""Gives the tests a HOME and a cache of their own, in the checkout, and the same variables everywhere.

What a developer has installed or configured decides about no test, and no test writes to what is
his. Only what cannot be made again for a run is still found: the Pythons, of pyenv and of
`make pythons`, rustup's toolchains, and the configuration by which pip reaches its index. A CXX that is set stays set.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from compile_once import stand_before

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

__all__ = ["COMPILERS", "HOME", "move_in", "pythons_cache"]

HOME = Path(__file__).resolve().parent.parent / ".cache" / "tests" / "home"
COMPILERS = HOME / "bin"
# Where `make pythons` works; its being set says that a process has moved in.
PYTHONS = "HOLDFAST_TESTS_PYTHONS_CACHE"
# Variables that change what Python, make, CMake, compilers or terminals say and do.
REMOVED = (
    "PYTHON", "VIRTUAL_ENV", "CONDA", "LC_", "LANG", "XDG_", "GIT_", "CMAKE", "PKG_CONFIG", "MAKE",
    "MFLAGS", "CFLAGS", "CPPFLAGS", "CXXFLAGS", "LDFLAGS", "CPATH", "COLUMNS", "LINES", "NO_COLOR",
    "FORCE_COLOR", "CLICOLOR", "BASH_ENV", "CDPATH", "HOLDFAST_",
)  # fmt: skip
# The tests' own.
KEPT = ("HOLDFAST_TEST", "HOLDFAST_UPDATE_PINS", "HOLDFAST_SEED", "HOLDFAST_FUZZ", "PYTHONPATH")
PIP_FILES = (".config/pip/pip.conf", ".pip/pip.conf")


def move_in(environ: MutableMapping[str, str]) -> None:
    """Change the variables once; processes that are started later inherit them."""
    if PYTHONS in environ:
        return
    theirs = Path(environ.get("HOME") or Path.home())
    environ[PYTHONS] = str(_cache(environ, theirs))
    pyenv = theirs / ".pyenv"
    if "PYENV_ROOT" not in environ and pyenv.is_dir():
        environ["PYENV_ROOT"] = str(pyenv)
    rustup = theirs / ".rustup"
    if "RUSTUP_HOME" not in environ and rustup.is_dir():
        environ["RUSTUP_HOME"] = str(rustup)
    configured = Path(environ.get("XDG_CONFIG_HOME") or theirs / ".config", "pip", "pip.conf")
    files = [configured, *(theirs / name for name in PIP_FILES)]
    if "PIP_CONFIG_FILE" not in environ and (file := next(filter(Path.is_file, files), None)):
        environ["PIP_CONFIG_FILE"] = str(file)
    for name in [name for name in environ if name.startswith(REMOVED)]:
        if not name.startswith(KEPT):
            del environ[name]
    HOME.mkdir(parents=True, exist_ok=True)
    environ["LC_ALL"] = "C.UTF-8"
    environ["HOME"] = str(HOME)
    environ["XDG_CACHE_HOME"] = str(HOME / ".cache")
    environ["PATH"] = stand_before(environ.get("PATH", os.defpath), COMPILERS)


def pythons_cache(environ: Mapping[str, str]) -> str:
    """The XDG_CACHE_HOME in which `make pythons` has put its Pythons."""
    return environ.get(PYTHONS) or str(_cache(environ, Path(environ.get("HOME") or Path.home())))


def _cache(environ: Mapping[str, str], home: Path) -> Path:
    # The rules for XDG_CACHE_HOME say to ignore a relative path.
    named = Path(environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else home / ".cache"
