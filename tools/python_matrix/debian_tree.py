"""Makes a tree of Debian's development release, for the newest Pythons.

`tree_relocation` then makes those Pythons usable from outside the tree.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from python_matrix.apt import OtherRelease, ensure_installed
from python_matrix.apt_sources import Archive, debian_archive, read_archives
from python_matrix.catalog import TREE_PYTHONS, Cache
from python_matrix.steps import Steps, UnavailableError
from python_matrix.tree_relocation import relocate

__all__ = ["build", "remove_tree", "unpack"]

RELEASE = "sid"
MACHINE_NEEDS = ("debootstrap", "patchelf")
# The release's own compiler, for programs that are built and run inside.
TOOLS = ("g++", "cmake", "ninja-build", "make")


def build(cache: Cache, steps: Steps) -> None:
    """Make the tree with all of TREE_PYTHONS that the release has.

    Raises:
        UnavailableError: if the caller is not root, or the archive, a package or a working
            interpreter is unavailable.
    """
    if os.geteuid() != 0:
        raise UnavailableError(
            "only root can unpack a Debian tree (debootstrap uses chroot)",
            "run tools/pythons.py as root once, with the same XDG_CACHE_HOME",
        )
    archive = debian_archive(read_archives())
    ensure_installed(steps, MACHINE_NEEDS)
    pythons, packages = choose(archive, cache, steps)
    steps.say(f"unpacking Debian {RELEASE} with {' and '.join(pythons)}")
    unpack(RELEASE, packages, archive, cache.tree, steps)
    shutil.rmtree(cache.tree / "var" / "cache" / "apt" / "archives", ignore_errors=True)
    steps.say("making its Pythons usable from outside")
    relocate(cache.tree, pythons, steps)


def choose(archive: Archive, cache: Cache, steps: Steps) -> tuple[list[str], list[str]]:
    """Find the Pythons that the release has; return them and the packages to unpack.

    Raises:
        UnavailableError: if it has none of them, or cannot be reached.
    """
    other = OtherRelease(archive, RELEASE, cache.root / "apt" / RELEASE)
    other.update(steps)
    wanted = {version: (f"python{version}", f"libpython{version}-dev") for version in TREE_PYTHONS}
    extra = [f"python{version}-venv" for version in TREE_PYTHONS]
    known = set(other.available(steps, [*itertools.chain(*wanted.values()), *extra]))
    pythons = [version for version, needed in wanted.items() if known.issuperset(needed)]
    if not pythons:
        raise UnavailableError(
            f"Debian {RELEASE} has none of {', '.join(TREE_PYTHONS)} any more",
            "bring TREE_PYTHONS in tools/python_matrix/catalog.py up to date",
        )
    packages = [package for version in pythons for package in wanted[version]]
    packages += [f"python{v}-venv" for v in pythons if f"python{v}-venv" in known]
    return pythons, [*packages, *TOOLS]


def unpack(
    release: str, packages: Sequence[str], archive: Archive, tree: Path, steps: Steps
) -> None:
    """Make a minimal tree with some additional packages; replace what an interrupted run left.

    Raises:
        UnavailableError: if debootstrap fails, or a mount in the old tree cannot be removed.
    """
    remove_tree(tree, steps)
    tree.parent.mkdir(parents=True, exist_ok=True)
    steps.run(
        "debootstrap", "--variant=minbase", f"--include={','.join(packages)}",
        *_trust_options(archive), release, tree, archive.uri,
    )  # fmt: skip


def _trust_options(archive: Archive) -> list[str]:
    """Return the options that make debootstrap trust what the machine's apt trusts."""
    if archive.trusted:
        return ["--no-check-gpg"]
    keyring = (archive.signed_by or "").strip()
    return [f"--keyring={keyring}"] if keyring.startswith("/") else []


def remove_tree(tree: Path, steps: Steps) -> None:
    """Delete what an interrupted run left, after unmounting what is mounted in it.

    Raises:
        UnavailableError: if a mount cannot be removed: deleting through it would destroy what is
            mounted there.
    """
    for mount in reversed(mounts_below(tree)):
        steps.run("umount", mount)
    left = mounts_below(tree)
    if left:
        raise UnavailableError(f"'{left[0]}' is still mounted", f"run: umount {left[0]}")
    if tree.exists():
        shutil.rmtree(tree)


def mounts_below(tree: Path, table: Path = Path("/proc/self/mounts")) -> list[Path]:
    """Return the mount points inside `tree`, outer ones first."""
    lines = table.read_text(encoding="utf-8").splitlines()
    # The kernel writes a blank in a path as \040.
    points = [Path(line.split()[1].replace("\\040", " ")) for line in lines]
    return [point for point in points if tree in point.parents]
