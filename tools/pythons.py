#!/usr/bin/env python3
"""Provides extra CPythons for the test matrix, in a cache outside the repository.

Each is made once. A Python that cannot be made on this machine is skipped with a reason; that is an
error only with --require.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from python_matrix import debian_tree, source_build
from python_matrix.catalog import DEFAULT, TREE_PYTHONS, Cache, known_names
from python_matrix.provision import run_command_line
from python_matrix.steps import Steps, UnavailableError


@dataclass(frozen=True, slots=True)
class Pythons:
    """The Pythons in a cache, and how each is made."""

    cache: Cache

    @property
    def root(self) -> Path:
        """The folder of the cache."""
        return self.cache.root

    def title(self, name: str) -> str:
        """Return the folder's name: several Pythons share one."""
        return self.cache.prefix(name).name

    def log(self, name: str) -> Path:
        """Return the log file of the recipe that makes `name`."""
        return self.cache.log(name)

    def facts(self, name: str) -> dict[str, str] | None:
        """Return where the interpreter is; None if it is not ready to use."""
        return {"python": str(self.cache.python(name))} if self.cache.has(name) else None

    def product(self, name: str) -> Path:
        """Return the path of the interpreter."""
        return self.cache.python(name)

    def make(self, name: str, steps: Steps) -> None:
        """Run the recipe of `name`, unless it has run: a tree may lack a Python."""
        if not self.cache.is_complete(name):
            steps.start_log()
            if name in TREE_PYTHONS:
                debian_tree.build(self.cache, steps)
            else:
                source_build.build(name, self.cache, steps)
            self.cache.mark_complete(name)
        if not self.cache.has(name):
            raise UnavailableError(
                f"'{self.cache.prefix(name)}' was made without {self.cache.python(name).name}",
                f"delete that folder and run again, once {name} is available",
            )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="pythons.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of {', '.join(known_names())}; without any: {', '.join(DEFAULT)}",
    )
    return run_command_line(
        Pythons(Cache.of_user()), argv, parser, names=known_names(), default=DEFAULT
    )


if __name__ == "__main__":
    sys.exit(main())
