#!/usr/bin/env python3
"""Provides what the tests of other systems need: compilers, emulators, Pythons; in the user's cache.

Each is made once. A platform that cannot be provided on this machine is skipped with a reason; that
is an error only with --require. Distribution packages are installed as root.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platform_recipes import compilers, debian_root, musl, windows, windows_tools, zig
from platform_recipes.catalog import PURPOSES, PlatformCache
from python_matrix.provision import run_command_line
from python_matrix.steps import Steps

RECIPES: Mapping[str, Callable[[PlatformCache, Steps], dict[str, Any]]] = {
    "windows": windows.build,
    "windows-tools": windows_tools.build,
    "zig": zig.build,
    "libc++": compilers.build_libcxx,
    "aarch64": debian_root.recipe(debian_root.AARCH64),
    "i386": debian_root.recipe(debian_root.I386),
    "compilers": compilers.build,
    "musl": musl.build,
}


@dataclass(frozen=True, slots=True)
class Platforms:
    """The platforms in a cache, and how each is made."""

    cache: PlatformCache

    @property
    def root(self) -> Path:
        """The folder of the cache."""
        return self.cache.root

    def title(self, name: str) -> str:
        """Return the name itself."""
        return name

    def log(self, name: str) -> Path:
        """Return the log file of the recipe that makes `name`."""
        return self.cache.log(name)

    def facts(self, name: str) -> dict[str, Any] | None:
        """Return what the tests of `name` need to know; None if it is not ready to use."""
        return self.cache.facts(name)

    def product(self, name: str) -> Path:
        """Return the folder of `name`."""
        return self.cache.folder(name)

    def make(self, name: str, steps: Steps) -> None:
        """Run the recipe of `name`."""
        steps.start_log()
        self.cache.folder(name).mkdir(parents=True, exist_ok=True)
        self.cache.record(name, RECIPES[name](self.cache, steps))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    known = "\n".join(f"  {name:10} {purpose}" for name, purpose in PURPOSES.items())
    parser = argparse.ArgumentParser(
        prog="platforms.py",
        description=(__doc__ or "").splitlines()[0],
        epilog=f"the platforms:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="provide only these")
    return run_command_line(
        Platforms(PlatformCache.of_user()), argv, parser,
        names=tuple(PURPOSES), default=tuple(PURPOSES),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
