"""Makes the bundles that the tests of this folder look at, and runs programs in bare surroundings."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import Outcome, run_command, run_holdfast
from matrix import usable
from pyholdfast.bundle.binaries import is_of_libc
from pyholdfast.bundle.tools import find_patchelf
from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.elf import read_elf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matrix import MatrixPython

__all__ = [
    "HOSTS",
    "METADATA",
    "build_wheel",
    "bundle_once",
    "demand_patchelf",
    "facts_of",
    "in_empty_root",
    "made",
    "one_python",
    "opened_outside",
    "start",
]

HOSTS = Path(__file__).parent / "hosts"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"
DEADLINE_S = 120
BUNDLE_LIMIT_S = 400
NOBODY = 65534


def one_python() -> MatrixPython:
    """The newest whose programs can be bundled."""
    fitting = [python for python in usable() if python.build.loader is None]
    if not fitting:
        pytest.skip("no Python here is for the system's own C library")
    return next((p for p in reversed(fitting) if not p.build.free_threaded), fitting[-1])


@cache
def demand_patchelf() -> None:
    """Skip the test without it."""
    try:
        find_patchelf(os.environ)
    except ToolchainError:
        pytest.skip("patchelf is not installed")


def made(place: Path, *words: object, python: MatrixPython) -> Outcome:
    """Make a bundle; it must succeed."""
    demand_patchelf()
    done = run_holdfast(
        "bundle", *words, "--python", python.path, "-o", place, deadline_s=BUNDLE_LIMIT_S
    )
    assert done.code == 0, done.explain()
    return done


def bundle_once(
    factory: pytest.TempPathFactory, source: str, python: MatrixPython, *words: object
) -> Path:
    """A bundle that all tests of one run share; nobody may change it."""
    demand_patchelf()
    root = factory.getbasetemp()
    root = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root
    place = root / f"ship-{source}-{python.name}"
    with (root / f"ship-{source}-{python.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            made(place, HOSTS / source, *words, python=python)
    return place


def start(
    program: Path, environ: Mapping[str, str] | None = None, *, cwd: Path | None = None
) -> Outcome:
    """Run it with these variables only."""
    return run_command([str(program)], environ=environ or {}, deadline_s=DEADLINE_S, cwd=cwd)


def facts_of(outcome: Outcome) -> dict[str, Any]:
    """What the host said of itself."""
    assert outcome.code == 0, outcome.explain()
    said: dict[str, Any] = json.loads(outcome.out)
    return said


def in_empty_root(root: Path, bundle: Path, name: str, python: MatrixPython) -> Outcome:
    """Run a bundle's program as nobody, where there is only the C library, /proc and the bundle.

    The loader finds the libraries of a moved program by /proc.
    """
    shutil.copytree(bundle, root / "app", symlinks=True)
    for library, path in _parts_of_libc(bundle / name, python).items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library, place)
        place.chmod(0o755)
    (root / "proc").mkdir()
    for folder in (root, *root.parents):
        if folder.stat().st_uid == os.getuid() and folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(folder.stat().st_mode | 0o005)
        if folder.name.startswith("pytest-of"):
            break
    user = f"--userspec={NOBODY}:{NOBODY}" if os.geteuid() == 0 else ""
    inner = f'mount --rbind /proc "$1/proc" && exec env -i "$2" {user} "$1" "/app/$3"'
    unshare, chroot = (
        shutil.which("unshare"),
        shutil.which("chroot", path="/usr/sbin:/sbin:/usr/bin"),
    )
    if unshare is None or chroot is None:
        pytest.skip("unshare or chroot is not installed")
    namespace = [unshare, "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run(
        [*namespace, "sh", "-c", 'mount --rbind /proc "$1/proc"', "-", str(root)],
        check=False, capture_output=True,
    ).returncode:  # fmt: skip
        pytest.skip("this user may not make a mount namespace")
    return run_command(
        [*namespace, "sh", "-c", inner, "-", str(root), chroot, name],
        environ={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        deadline_s=DEADLINE_S,
    )


def _parts_of_libc(program: Path, python: MatrixPython) -> dict[Path, str]:
    """The loader and all libraries of the C library, and where a program looks for them.

    They are those of the Python, if it has its own.
    """
    loader = str(read_elf(program).interpreter)
    shown = subprocess.run(["ldd", "/bin/sh"], check=True, capture_output=True, text=True)
    (libc,) = [Path(line.split()[2]) for line in shown.stdout.splitlines() if "libc.so" in line]
    own = python.build.library_dirs[0] if python.build.loader else libc.parent
    parts = {file: f"{libc.parent}/{file.name}" for file in own.glob("lib*.so*")}
    return {
        python.build.loader or Path(loader): loader,
        **{file: place for file, place in parts.items() if is_of_libc(file.name)},
    }


def opened_outside(trace: Path, bundle: Path) -> list[str]:
    """The files of Python's outside of the bundle that a trace of strace has as opened."""
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    names = [line.split('"')[1] for line in lines if '"' in line and "ENOENT" not in line]
    return [name for name in names if "python" in name.lower() and not name.startswith(str(bundle))]


def build_wheel(folder: Path, tag: str = "py3-none-any") -> Path:
    """A wheel with one module, made without any tool."""
    path = folder / f"local_package-2.0-{tag}.whl"
    info = "local_package-2.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("local_package.py", "")
        wheel.writestr(
            f"{info}/METADATA", METADATA.format(name="local-package", version="2.0", more="")
        )
        wheel.writestr(
            f"{info}/WHEEL",
            f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        )
        wheel.writestr(
            f"{info}/RECORD",
            f"local_package.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
        )
    return path
