"""Builds the contender in Rust, from crates that are already on this machine.

Always offline: a benchmark downloads nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast_bench.contenders import Missing, Program
from pyholdfast.toolchain.cache import cache_folder
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["build", "reason_of"]

DEBIAN_CRATES = Path("/usr/share/cargo/registry")  # where librust-pyo3-dev puts them
LIMIT_S = 600.0


def build(python: PythonBuild, source: Path, environ: Mapping[str, str]) -> Program | Missing:
    """Compile the crate at `source` for `python`.

    Crates come from the folder ``HOLDFAST_BENCH_CRATES``, from Debian's packages, or from what
    cargo has fetched before.
    """
    cargo = shutil.which("cargo")
    if cargo is None:
        return Missing("cargo is not installed: apt install cargo librust-pyo3-dev")
    host = _host(cargo)
    if host is None:
        return Missing("rustc is not installed: apt install rustc librust-pyo3-dev")
    place = cache_folder() / "bench" / _name_for(python)
    try:
        # cargo writes beside its manifest.
        shutil.copytree(source, place, dirs_exist_ok=True)
        done = subprocess.run(
            # A target that is named keeps our linker's options away from build scripts.
            [cargo, "build", "--release", "--offline", "--target", host, *_crates()],
            cwd=place,
            env={**environ, "PYO3_PYTHON": str(python.executable), **_linking(python)},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Missing(f"PyO3 could not be built: {error}", failed=True)
    if done.returncode != 0:
        return reason_of(done.stderr, source)
    # PyO3 starts Python by Py_InitializeEx, which finds its library by this variable.
    home = {"PYTHONHOME": str(python.base_prefix)}
    program = place / "target" / host / "release" / "pyo3_side"
    return Program(program, {**environ, **home})


def reason_of(stderr: str, source: Path) -> Missing:
    """The meaning of cargo's error message.

    >>> reason_of("error: the configured Python version (3.15) is newer than PyO3's maximum "
    ...           "supported version (3.14)", Path("pyo3")).why
    'this PyO3 knows Python up to 3.14'
    """
    if known := re.search(r"maximum supported version \(([\d.]+)\)", stderr):
        return Missing(f"this PyO3 knows Python up to {known.group(1)}")
    if re.search(r"no matching package|failed to download|unable to update|--offline", stderr):
        return Missing(
            "the crate pyo3 is not on this machine: apt install librust-pyo3-dev,"
            f" or cargo fetch in benchmarks/programs/{source.name}"
        )
    wrong = [line.strip() for line in stderr.splitlines() if "error" in line] or ["no message"]
    return Missing(f"cargo failed: {wrong[-1]}", failed=True)


def _name_for(python: PythonBuild) -> str:
    key = hashlib.sha256(f"{python.executable} {python.hexversion}".encode()).hexdigest()[:16]
    return f"pyo3-{python.version_text}-{key}"


def _crates() -> list[str]:
    """Options that make cargo take its crates from a folder, if there is one."""
    named = os.environ.get("HOLDFAST_BENCH_CRATES")
    folder = Path(named) if named else DEBIAN_CRATES
    if not any(folder.glob("pyo3-*")):
        return []
    return [
        "--config", 'source.crates-io.replace-with="local"',
        "--config", f'source.local.directory="{folder}"',
    ]  # fmt: skip


def _host(cargo: str) -> str | None:
    """The kind of machine that rustc compiles for; None without a rustc."""
    beside = f"{Path(cargo).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    rustc = shutil.which("rustc", path=beside)
    if rustc is None:
        return None
    said = subprocess.run([rustc, "-vV"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"^host: (\S+)$", said, re.MULTILINE)
    return found.group(1) if found else None


def _linking(python: PythonBuild) -> dict[str, str]:
    """The linker's options, the same as for C++ hosts."""
    if python.library is None:
        return {}
    options = flags_for(python).ldflags
    words = [f"-Clink-arg={word}" for word in options if "--dynamic-list" not in word]
    words.append(f"-Lnative={python.library.parent}")
    return {"CARGO_ENCODED_RUSTFLAGS": "\x1f".join(words)}
