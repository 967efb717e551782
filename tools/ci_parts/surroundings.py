"""The copy of the checkout that a part runs in, and its environment variables.

Imports nothing of this package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

__all__ = ["bare", "carried", "copy_of", "whole"]

# In addition to pip's own.
CARRIED = frozenset(
    {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
     "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
)  # fmt: skip
OF_THE_MACHINE = ("TMPDIR", "JOBS")
# For a folder that is not a git checkout: what make creates at its top and anywhere, as in .gitignore.
AT_THE_TOP = frozenset({".cache", "build", "dist"})
ANYWHERE = shutil.ignore_patterns(".git", ".venv", "__pycache__", "*.egg-info", ".*_cache")


def bare(environ: Mapping[str, str], python: Path, home: Path) -> dict[str, str]:
    """The variables of a new user: little more than PATH.

    Args:
        environ: the variables of this process.
        python: the interpreter for ``python3``, not a version manager's shim.
        home: an empty folder.
    """
    kept = {**carried(environ), **{n: environ[n] for n in OF_THE_MACHINE if n in environ}}
    theirs = Path(environ.get("HOME") or Path.home())
    if "PIP_CONFIG_FILE" not in kept and (file := _pip_file(environ, theirs)):
        kept["PIP_CONFIG_FILE"] = str(file)
    # Folders of PATH in a HOME, a version manager or an environment are left out.
    hidden = [str(theirs), *(environ[n] for n in ("PYENV_ROOT", "VIRTUAL_ENV") if environ.get(n))]
    folders = [str(python.parent), *environ.get("PATH", os.defpath).split(os.pathsep)]
    seen = [folder for folder in folders[1:] if not _below(folder, hidden)]
    for name in ("home", "cache"):
        (home / name).mkdir(parents=True, exist_ok=True)
    return {
        **kept,
        "PATH": os.pathsep.join([folders[0], *seen]),
        "HOME": str(home / "home"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }


def carried(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are needed to reach a package index."""
    return {
        name: text
        for name, text in environ.items()
        if name.upper() in CARRIED or name.startswith("PIP_")
    }


def whole(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables as they are, except those of an active environment."""
    return {name: text for name, text in environ.items() if name != "VIRTUAL_ENV"}


def _pip_file(environ: Mapping[str, str], home: Path) -> Path | None:
    settings = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = (settings / "pip" / "pip.conf", home / ".pip" / "pip.conf")
    return next((file for file in files if file.is_file()), None)


def _below(folder: str, roots: list[str]) -> bool:
    """Whether a folder of PATH is one of `roots` or inside one; a root of / is ignored."""
    path = Path(os.path.normpath(folder))
    named = (Path(os.path.normpath(root)) for root in roots)
    return any(path.is_relative_to(root) for root in named if root != Path("/"))


def copy_of(checkout: Path, target: Path) -> None:
    """Copy what a clone would contain, plus uncommitted changes, without generated files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=checkout, capture_output=True, check=False,
    ) if (checkout / ".git").exists() and shutil.which("git") else None  # fmt: skip
    if listed is None or listed.returncode != 0:

        def ignored(folder: str, names: list[str]) -> set[str]:
            top = AT_THE_TOP if Path(folder) == checkout else frozenset()
            return ANYWHERE(folder, names) | (top & set(names))

        shutil.copytree(checkout, target, symlinks=True, ignore=ignored)
        return
    for name in filter(None, listed.stdout.split(b"\0")):
        source, copy = checkout / os.fsdecode(name), target / os.fsdecode(name)
        if source.is_symlink() or source.is_file():  # otherwise it was deleted, uncommitted
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
