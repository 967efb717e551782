r"""Runs a program for Windows: wine in a sandbox, with nothing of this machine in it that is not given.

Wine itself confines nothing. Here it runs as an ordinary user without a network, and sees a copy of
the registry, the Pythons and the program's folder. There is no drive ``Z:``, which would be this machine's
root. Each run has its own server, and no process of it is left when it ends, so that several may run at once.
Imports nothing of this package.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SERVER", "WINE", "in_sandbox", "set_drives", "wine_command"]

WINE = "/usr/lib/wine/wine64"
SERVER = "/usr/lib/wine/wineserver64"
PREFIX = "/prefix"
# Folders inside the sandbox.
DRIVES = {"p": "/drives/pythons", "t": "/drives/program", "w": "/drives/work"}
# From 3.11 on, Python finds its library beside its DLL. Before, a program that starts it by itself needs
# what python.org's installer writes.
FOUND_BY_REGISTRY = ("3.10",)
REGISTERED = r"""
[Software\\Python\\PythonCore\\{0}\\PythonPath] 1700000000
@="P:\\{0}\\Lib;P:\\{0}\\DLLs"
"""
NOT_STARTED = "mscoree=;mshtml=;winemenubuilder.exe=d;winedbg.exe=d"


def wine_command(
    installation: Path,
    state: Path,
    program: Path,
    arguments: Sequence[str] = (),
    *,
    python: str = "",
    variables: Mapping[str, str] | None = None,
    drives: Mapping[str, Path] | None = None,
) -> list[str]:
    r"""The command that runs a program of this machine's file system under wine.

    Its standard input and output must be pipes: Python does not start if they are files without a name.

    Args:
        installation: the folder that the recipe made: a prefix, and the Pythons, ``P:\``.
        state: an empty folder for this run: its registry, and its working folder ``W:\``.
        program: the .exe; its folder is ``T:\``, read-only, and DLLs in it are found.
        arguments: its arguments.
        python: the name of the Python whose DLL the program loads, e.g. ``3.12``.
        variables: variables of the program.
        drives: further folders that it may read, by a letter.
    """
    prefix, work = state / "prefix", state / "work"
    (prefix / "drive_c" / "windows").mkdir(parents=True)
    work.mkdir()
    ours = installation / "prefix"
    for name in ("system.reg", "user.reg", "userdef.reg", ".update-timestamp"):
        shutil.copy2(ours / name, prefix / name)
    if python in FOUND_BY_REGISTRY:
        with (prefix / "user.reg").open("a", encoding="utf-8") as registry:
            registry.write(REGISTERED.format(python))
    shutil.copytree(ours / "dosdevices", prefix / "dosdevices", symlinks=True)
    shutil.copytree(ours / "drive_c" / "users", prefix / "drive_c" / "users", symlinks=True)
    windows = f"{PREFIX}/drive_c/windows"
    binds = ["--ro-bind", str(ours / "drive_c" / "windows"), windows, "--tmpfs", f"{windows}/temp"]
    binds += ["--ro-bind", str(installation / "pythons"), DRIVES["p"]]
    binds += ["--ro-bind", str(program.parent.resolve()), DRIVES["t"]]
    binds += ["--bind", str(work), DRIVES["w"], "--chdir", DRIVES["w"]]
    for letter, folder in (drives or {}).items():
        place = f"/drives/{letter.lower()}"
        (prefix / "dosdevices" / f"{letter.lower()}:").symlink_to(place)
        binds += ["--ro-bind", str(folder), place]
    given = {"WINEPATH": rf"P:\{python}"} if python else {}
    return in_sandbox(
        prefix, [WINE, rf"T:\{program.name}", *arguments],
        binds=binds, variables={**given, **(variables or {})},
    )  # fmt: skip


def in_sandbox(
    prefix: Path,
    command: Sequence[str],
    *,
    binds: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """A command of this machine, e.g. wine's own, in the sandbox with a prefix."""
    given = {
        "HOME": PREFIX, "WINEPREFIX": PREFIX, "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": NOT_STARTED, "PATH": os.defpath, "LC_ALL": "C.UTF-8",
        **(variables or {}),
    }  # fmt: skip
    words = ["bwrap", "--unshare-all", "--uid", "1000", "--gid", "1000", "--die-with-parent"]
    words += ["--clearenv"]
    for name, text in given.items():
        words += ["--setenv", name, text]
    words += ["--ro-bind", "/usr", "/usr"]
    for link in ("lib", "lib64", "bin"):
        words += ["--symlink", f"usr/{link}", f"/{link}"]
    for folder in ("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache"):
        words += ["--ro-bind-try", folder, folder]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", str(prefix), PREFIX]  # noqa: S108 inside
    return [*words, *binds, "--", *command]


def set_drives(prefix: Path) -> None:
    """Replace the drives that a new prefix has, but for ``C:``."""
    drives = prefix / "dosdevices"
    for link in drives.glob("[abd-z]:*"):
        link.unlink()
    for letter, folder in DRIVES.items():
        (drives / f"{letter}:").symlink_to(folder)
