"""Names of the Pythons that can be provided, and the folder of each.

Data and paths only. Imports the place of the user's cache.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .provision import user_cache

__all__ = ["DEFAULT", "SOURCE_BUILDS", "TREE_PYTHONS", "Cache", "SourceBuild", "known_names"]

TREE_PYTHONS = ("3.14", "3.15")
"""Taken from Debian's development release, all in one tree."""

DEFAULT = (*TREE_PYTHONS, "3.13t")

# Bumped when a recipe changes, so that what an older one made is made again.
RECIPE = 1


@dataclass(frozen=True, slots=True)
class SourceBuild:
    """One way to configure the sources of CPython 3.13.

    Attributes:
        executable: file name under ``bin``.
        configure: options in addition to the common ones.
        build_env: variables that the build needs, because it runs the interpreter that it has just
            made.
    """

    executable: str
    configure: tuple[str, ...]
    build_env: Mapping[str, str] = field(default_factory=dict)


# The interpreter under construction may report races and leaks of its own;
# they must not end the build that is making it.
_TSAN = {"TSAN_OPTIONS": "report_bugs=0"}
_ASAN = {"ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:handle_segv=0"}

SOURCE_BUILDS: Mapping[str, SourceBuild] = {
    "3.13t": SourceBuild("python3.13t", ("--disable-gil",)),
    "3.13t-tsan": SourceBuild("python3.13t", ("--disable-gil", "--with-thread-sanitizer"), _TSAN),
    "3.13-tsan": SourceBuild("python3.13", ("--with-thread-sanitizer",), _TSAN),
    "3.13-asan": SourceBuild(
        "python3.13", ("--with-address-sanitizer", "--without-pymalloc"), _ASAN
    ),
    "3.13-debug": SourceBuild("python3.13d", ("--with-pydebug",)),
}


def known_names() -> tuple[str, ...]:
    """Return all names that can be requested."""
    return (*TREE_PYTHONS, *SOURCE_BUILDS)


@dataclass(frozen=True, slots=True)
class Cache:
    """The folder that holds the Pythons, outside of any repository.

    Attributes:
        root: need not exist yet.
    """

    root: Path

    @classmethod
    def of_user(cls) -> Cache:
        """Return the folder in the user's cache."""
        return cls(user_cache("pythons"))

    @property
    def tree(self) -> Path:
        """Root of the Debian tree that all of TREE_PYTHONS share."""
        return self.root / "debian-sid"

    def prefix(self, name: str) -> Path:
        """Return the folder in which `name` is made."""
        return self.tree if name in TREE_PYTHONS else self.root / name

    def python(self, name: str) -> Path:
        """Return the path of the interpreter `name`, made or not."""
        if name in TREE_PYTHONS:
            return self.tree / "usr" / "bin" / f"python{name}"
        return self.prefix(name) / "bin" / SOURCE_BUILDS[name].executable

    def log(self, name: str) -> Path:
        """Return the log file of the recipe that makes `name`."""
        return self.root / "logs" / f"{self.prefix(name).name}.log"

    def has(self, name: str) -> bool:
        """Tell whether `name` is ready to use."""
        return self.is_complete(name) and self.python(name).is_file()

    def is_complete(self, name: str) -> bool:
        """Whether the current recipe of `name` has run to its end in this folder.

        The results contain absolute paths, so a copy in another folder does not count. A complete
        tree may lack a Python that its release does not have.
        """
        prefix = self.prefix(name)
        try:
            stamp = (prefix / "complete").read_text(encoding="utf-8")
        except OSError:
            return False
        return stamp == _stamp(prefix)

    def mark_complete(self, name: str) -> None:
        """Write the stamp that is_complete() looks for; the last step of a recipe."""
        prefix = self.prefix(name)
        (prefix / "complete").write_text(_stamp(prefix), encoding="utf-8")


def _stamp(prefix: Path) -> str:
    return json.dumps({"recipe": RECIPE, "made_at": str(prefix)}) + "\n"
