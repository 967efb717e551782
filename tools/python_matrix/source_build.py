"""Builds variants of CPython 3.13 from Debian's copy of the upstream sources."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from python_matrix.apt import OtherRelease, ensure_installed
from python_matrix.apt_sources import debian_archive, read_archives
from python_matrix.catalog import SOURCE_BUILDS, Cache
from python_matrix.steps import Steps, UnavailableError

__all__ = ["build", "sources"]

RELEASE = "trixie"
PACKAGE = "python3.13"
BUILD_NEEDS = (
    "gcc",
    "g++",
    "make",
    "pkg-config",
    "xz-utils",
    "libssl-dev",
    "zlib1g-dev",
    "libffi-dev",
    "libsqlite3-dev",
    "libbz2-dev",
    "liblzma-dev",
)
# Without one of these, the build succeeded only in name.
MODULES = "bz2, ctypes, hashlib, lzma, sqlite3, ssl, threading, venv, zlib"


def build(name: str, cache: Cache, steps: Steps) -> None:
    """Build and install `name` into its folder of the cache, replacing what is there.

    Raises:
        UnavailableError: if a package or the sources are unavailable, or the build fails.
    """
    variant = SOURCE_BUILDS[name]
    prefix = cache.prefix(name)
    ensure_installed(steps, BUILD_NEEDS)
    archive = sources(cache, steps)
    work = cache.root / "build" / name
    for stale in (work, prefix):
        shutil.rmtree(stale, ignore_errors=True)
    work.mkdir(parents=True)
    steps.say(f"unpacking {archive.name}")
    steps.run("tar", "--extract", "--strip-components=1", "--file", archive, "--directory", work)
    steps.say("configuring")
    steps.run(
        "./configure",
        f"--prefix={prefix}",
        "--enable-shared",
        "--disable-test-modules",
        *variant.configure,
        # So that its python and every host find their libpython unaided.
        f"LDFLAGS=-Wl,-rpath,{prefix}/lib",
        cwd=work,
    )
    jobs = len(os.sched_getaffinity(0))
    steps.say(f"compiling with {jobs} jobs")
    steps.run("nice", "make", f"-j{jobs}", cwd=work, env=variant.build_env)
    steps.say("installing")
    steps.run("nice", "make", "install", cwd=work, env=variant.build_env)
    _keep_suppressions(work, prefix)
    steps.ask(cache.python(name), "-c", f"import {MODULES}", env=variant.build_env)
    shutil.rmtree(work)


def sources(cache: Cache, steps: Steps) -> Path:
    """Return the upstream tarball, downloaded once for all variants.

    Raises:
        UnavailableError: if the archive cannot be reached, or does not have it.
    """
    folder = cache.root / "source"
    pattern = f"{PACKAGE}_*.orig.tar.xz"
    # The .dsc is what apt checks the others against, and it is moved last.
    if not list(folder.glob(f"{PACKAGE}_*.dsc")):
        steps.say(f"downloading the sources of {PACKAGE}")
        arriving = cache.root / "source.arriving"
        shutil.rmtree(arriving, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        other = OtherRelease(debian_archive(read_archives()), RELEASE, cache.root / "apt" / RELEASE)
        other.update(steps)
        other.download_source(steps, PACKAGE, arriving)
        arriving.rename(folder)
    found = sorted(folder.glob(pattern))
    if not found:
        raise UnavailableError(
            f"the source package {PACKAGE} holds no {pattern}", f"look into {folder}"
        )
    return found[-1]


def _keep_suppressions(work: Path, prefix: Path) -> None:
    """Keep upstream's lists of known findings, which the sanitizer jobs need."""
    target = prefix / "share" / "suppressions"
    target.mkdir(parents=True, exist_ok=True)
    for pattern in ("Tools/tsan/*.txt", "Misc/valgrind-python.supp"):
        for path in work.glob(pattern):
            shutil.copy(path, target)
