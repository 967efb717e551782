"""Makes the Pythons of a Debian tree usable from outside, without chroot.

Their binaries, links and build variables name ``/usr``; afterwards they name ``<tree>/usr``.
Nothing outside the tree is changed.
"""

from __future__ import annotations

import json
import os
import pprint
import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from python_matrix.steps import Steps, UnavailableError

__all__ = ["relocate"]

MODULES = "bz2, ctypes, hashlib, lzma, sqlite3, ssl, sysconfig, threading, venv, zlib"

# Tools and data that the machine itself has; these stay what they are.
_NOT_OURS = frozenset(
    {"DTRACE", "INSTALL", "INSTALL_DATA", "INSTALL_PROGRAM", "INSTALL_SCRIPT", "INSTALL_SHARED"}
)


def relocate(tree: Path, versions: Sequence[str], steps: Steps) -> None:
    """Rewrite the tree and run each of its Pythons once.

    Raises:
        UnavailableError: if a file differs from what Debian ships, or a Python does not run or still
            reports its old place.
    """
    make_links_relative(tree)
    answer_to_own_path(tree)
    for version in versions:
        python = tree / "usr" / "bin" / f"python{version}"
        libraries = _use_own_loader(tree, python, steps)
        replace_config_header(tree, version, libraries.name)
        try:
            rewrite_build_facts(tree, version)
        except (KeyError, ValueError) as error:
            raise UnavailableError(
                f"the build facts of python{version} are not in a form we know: {error!r}",
                "bring rewrite_build_facts in tools/python_matrix/tree_relocation.py up to date",
            ) from error
        _check(tree, python, libraries, version, steps)


def make_links_relative(tree: Path) -> None:
    """Turn links to ``/...`` into links that stay inside the tree."""
    for folder, folders, files in os.walk(tree):
        for name in (*folders, *files):
            link = Path(folder, name)
            if not link.is_symlink():
                continue
            target = str(link.readlink())
            # /proc and /dev are the running system's, also for a tree.
            if target.startswith("/") and not target.startswith(("/proc/", "/dev/", f"{tree}/")):
                inside = os.path.relpath(tree / target.lstrip("/"), folder)
                link.unlink()
                link.symlink_to(inside)


def answer_to_own_path(tree: Path) -> None:
    """Make ``<tree>/usr`` name the same folder inside a chroot as outside.

    Without this link, the rewritten paths would not work inside a chroot.
    """
    link = tree / str(tree).lstrip("/")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(tree, link.parent))


def _use_own_loader(tree: Path, python: Path, steps: Steps) -> Path:
    """Make `python` use the tree's loader and libraries; return their folder.

    It needs DT_RPATH, not DT_RUNPATH: only the former also applies to the libraries that the
    interpreter's extension modules need.
    """
    named = steps.ask("patchelf", "--print-interpreter", python)
    loader = (tree / named.lstrip("/")).resolve()
    if not loader.is_file():
        raise UnavailableError(f"the tree has no loader '{named}'", f"delete {tree} and run again")
    steps.run("patchelf", "--set-interpreter", loader, python)
    steps.run("patchelf", "--force-rpath", "--set-rpath", loader.parent, python)
    return loader.parent


def replace_config_header(tree: Path, version: str, triplet: str) -> None:
    """Replace Debian's pyconfig.h, which includes the real one by triplet, with the real one."""
    include = tree / "usr" / "include"
    real = include / triplet / f"python{version}" / "pyconfig.h"
    if real.is_file():
        (include / f"python{version}" / "pyconfig.h").write_bytes(real.read_bytes())


def rewrite_build_facts(tree: Path, version: str) -> None:
    """Rewrite the paths in sysconfig, build-details and pkg-config.

    Raises:
        KeyError: if sysconfig's data module does not contain its table.
        ValueError: if a JSON file is not JSON.
    """
    stdlib = tree / "usr" / "lib" / f"python{version}"
    for path in stdlib.glob("_sysconfigdata_*.py"):
        if path.is_symlink():
            continue
        values = runpy.run_path(str(path))["build_time_vars"]
        text = pprint.pformat(rewritten(values, tree), sort_dicts=True)
        path.write_text(f"build_time_vars = {text}\n", encoding="utf-8")
    for path in (*stdlib.glob("_sysconfig_vars_*.json"), *stdlib.glob("build-details*.json")):
        values = json.loads(path.read_text(encoding="utf-8"))
        text = json.dumps(rewritten(values, tree), indent=2)
        path.write_text(f"{text}\n", encoding="utf-8")
    for path in (tree / "usr" / "lib").glob(f"*/pkgconfig/python-{version}*.pc"):
        if path.is_symlink():
            continue
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("=/usr", f"={tree}/usr"), encoding="utf-8")


def rewritten(values: Mapping[str, Any], tree: Path) -> dict[str, Any]:
    """Return `values` with each path of the installation moved under `tree`.

    Only values that are a single path are changed: command lines and lists of folders are about the
    machine that compiles, which is not the tree.

    >>> rewritten({"LIBDIR": "/usr/lib", "CFLAGS": "-g -I/usr/x", "SIZE": 8}, Path("/t"))
    {'LIBDIR': '/t/usr/lib', 'CFLAGS': '-g -I/usr/x', 'SIZE': 8}
    """
    moved: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            moved[key] = rewritten(value, tree)
        elif isinstance(value, str) and key not in _NOT_OURS and _is_one_path(value):
            moved[key] = f"{tree}{value}"
        else:
            moved[key] = value
    return moved


def _is_one_path(value: str) -> bool:
    return (value == "/usr" or value.startswith("/usr/")) and not set(value) & set(" :")


def _check(tree: Path, python: Path, libraries: Path, version: str, steps: Steps) -> None:
    """Raise UnavailableError unless `python` works and reports a prefix in the tree."""
    library = libraries / f"libpython{version}.so.1.0"
    if not library.is_file():
        raise UnavailableError(f"the tree has no '{library}'", f"delete {tree} and run again")
    asked = f"import {MODULES}, sys; print(sys.prefix, sysconfig.get_config_var('LIBDIR'))"
    answer = steps.ask(python, "-I", "-c", asked)
    wanted = f"{tree}/usr {libraries}"
    if answer != wanted:
        raise UnavailableError(
            f"python{version} says it lives in '{answer}', not in '{wanted}'",
            f"delete {tree} and run again",
        )
