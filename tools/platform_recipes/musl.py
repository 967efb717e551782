"""Builds CPython against musl, from the sources that `tools/pythons.py` uses, by Debian's musl-gcc.

Hosts for it are built by zig, which has a C++ library for musl; Debian has none.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from python_matrix import source_build
from python_matrix.apt import ensure_installed
from python_matrix.catalog import Cache
from python_matrix.steps import UnavailableError

if TYPE_CHECKING:
    from platform_recipes.catalog import PlatformCache
    from python_matrix.steps import Steps

__all__ = ["build"]

PACKAGES = ("gcc", "make", "musl-tools", "xz-utils")
TRIPLET = "x86_64-linux-musl"
# configure asks the compiler for its triplet; musl-gcc answers with glibc's.
WRAPPER = f"""#!/bin/sh
case " $* " in *" --print-multiarch "*|*" -print-multiarch "*) echo {TRIPLET}; exit ;; esac
exec musl-gcc "$@"
"""


def build(cache: PlatformCache, steps: Steps) -> dict[str, Any]:
    """Build and install it; return the facts.

    Raises:
        UnavailableError: if a package or the sources are unavailable, or the build fails.
    """
    ensure_installed(steps, PACKAGES)
    archive = source_build.sources(Cache.of_user(), steps)
    folder = cache.folder("musl")
    work, prefix, tools = folder / "build", folder / "python", folder / "tools"
    for stale in (work, prefix, tools):
        shutil.rmtree(stale, ignore_errors=True)
    work.mkdir(parents=True)
    tools.mkdir()
    compiler = tools / "cc"
    compiler.write_text(WRAPPER, encoding="utf-8")
    compiler.chmod(0o755)
    steps.run("tar", "--extract", "--strip-components=1", "--file", archive, "--directory", work)
    steps.say("configuring")
    steps.run(
        "./configure", f"CC={compiler}", f"--prefix={prefix}", "--enable-shared", "--disable-ipv6",
        "--disable-test-modules", "--without-ensurepip", f"LDFLAGS=-Wl,-rpath,{prefix}/lib",
        # Of the libraries that modules need, this machine has those for glibc only.
        "PKG_CONFIG=false", cwd=work,
    )  # fmt: skip
    jobs = len(os.sched_getaffinity(0))
    steps.say(f"compiling with {jobs} jobs")
    steps.run("nice", "make", f"-j{jobs}", cwd=work)
    steps.say("installing")
    steps.run("nice", "make", "install", cwd=work)
    python = _python(prefix)
    version = steps.ask(
        python, "-c", "import sys, threading; print('%d.%d' % sys.version_info[:2])"
    )
    shutil.rmtree(work)
    return {"prefix": str(prefix), "python": version, "executable": str(python), "target": TRIPLET}


def _python(prefix: Path) -> Path:
    found = sorted(prefix.glob("bin/python3.*[0-9]"))
    if not found:
        raise UnavailableError(f"no Python was installed below '{prefix}'", "read the log")
    return found[0]
