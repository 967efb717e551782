"""Makes a tree of Debian packages for another processor: its C library and Python, nothing of which is run as root.

The packages are fetched and verified by apt with lists of its own, and unpacked; none is set up. So
this needs neither chroot nor a change to this machine's architectures. Debian's cross compiler
builds for the tree, and an emulator, or for i386 the kernel itself, runs what it built.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from python_matrix.apt import OtherRelease, ensure_installed
from python_matrix.apt_sources import debian_archive, read_archives
from python_matrix.steps import Steps, UnavailableError
from python_matrix.tree_relocation import make_links_relative, replace_config_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from platform_recipes.catalog import PlatformCache

__all__ = ["AARCH64", "I386", "Processor", "recipe"]

PACKAGES = ("libpython3-dev", "python3", "libstdc++6")


@dataclass(frozen=True, slots=True)
class Processor:
    """One processor that is not this machine's.

    Attributes:
        platform: its name here.
        debian: its name in Debian.
        triplet: its name in compilers and folders.
        needs: Debian packages with the cross compiler and the emulator.
        emulator: runs its programs.
    """

    platform: str
    debian: str
    triplet: str
    needs: tuple[str, ...]
    emulator: str

    @property
    def compiler(self) -> str:
        """The cross compiler; Debian names that of i386 by another processor of the family."""
        return f"{self.triplet.replace('i386', 'i686')}-g++"


AARCH64 = Processor(
    "aarch64", "arm64", "aarch64-linux-gnu", ("g++-aarch64-linux-gnu", "qemu-user-static"),
    "qemu-aarch64-static",
)  # fmt: skip
I386 = Processor(
    "i386", "i386", "i386-linux-gnu", ("g++-i686-linux-gnu", "qemu-user-static"), "qemu-i386-static"
)


def recipe(processor: Processor) -> Callable[[PlatformCache, Steps], dict[str, Any]]:
    """The recipe for a processor."""

    def build(cache: PlatformCache, steps: Steps) -> dict[str, Any]:
        ensure_installed(steps, processor.needs)
        folder = cache.folder(processor.platform)
        root = folder / "root"
        archive = debian_archive(read_archives())
        steps.say(f"downloading Python and its C library for {processor.debian}")
        other = OtherRelease(archive, archive.suite, folder / "apt", processor.debian)
        other.update(steps)
        packages = other.download(steps, PACKAGES)
        steps.say(f"unpacking {len(packages)} packages")
        shutil.rmtree(root, ignore_errors=True)
        for package in packages:
            steps.run("dpkg-deb", "--extract", package, root)
        make_links_relative(root)
        version = _version(root)
        replace_config_header(root, version, processor.triplet)
        facts = {
            "compiler": shutil.which(processor.compiler) or processor.compiler,
            "root": str(root),
            "triplet": processor.triplet,
            "python": version,
            "runner": _runner(processor, root),
        }
        _check(facts, steps)
        return facts

    return build


def _version(root: Path) -> str:
    """The version of the tree's Python, e.g. ``3.11``."""
    link = root / "usr" / "bin" / "python3"
    if not link.is_symlink():
        raise UnavailableError(f"the packages contain no '{link}'", f"delete {root} and run again")
    return link.readlink().name.removeprefix("python")


def _runner(processor: Processor, root: Path) -> list[str]:
    """What a command for this processor begins with."""
    return [shutil.which(processor.emulator) or processor.emulator, "-L", str(root)]


def _check(facts: dict[str, Any], steps: Steps) -> None:
    """Raise UnavailableError unless the tree's Python runs."""
    python = f"{facts['root']}/usr/bin/python{facts['python']}"
    asked = "import ctypes, ssl, sqlite3, struct, sys; print(sys.version_info[:2], struct.calcsize('P'))"
    environment = {"PYTHONHOME": f"{facts['root']}/usr"}
    answer = steps.ask(*facts["runner"], python, "-I", "-c", asked, env=environment)
    if not answer.startswith("(3, "):
        raise UnavailableError(f"'{python}' answers '{answer}'", f"read {steps.log}")
