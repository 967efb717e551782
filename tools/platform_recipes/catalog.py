"""Names of the platforms, the folder of each, and the facts that its recipe recorded.

Data and paths only. Imports the place of the user's cache.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_matrix.provision import user_cache

__all__ = ["PURPOSES", "PlatformCache"]

PURPOSES = {
    "windows": "Windows x86-64: mingw-w64, wine in a sandbox, CPython 3.10, 3.12 and 3.13",
    "windows-tools": "CMake, Ninja, GNU make and clang-tidy for Windows, which need the one before",
    "zig": "macOS (compile and link), libc++, hosts for musl: zig's clang",
    "libc++": "LLVM's C++ library on this machine",
    "aarch64": "Linux on ARM, 64 bits: cross compiler, Python, qemu",
    "i386": "Linux on x86, 32 bits: cross compiler, Python, qemu",
    "compilers": "other versions of clang and g++",
    "musl": "musl instead of glibc: CPython 3.13, for hosts built by zig",
}

# Bumped when a recipe changes, so that what an older one made is made again.
RECIPE = 3
FACTS = "platform.json"


@dataclass(frozen=True, slots=True)
class PlatformCache:
    """The folder that holds the platforms, outside of any repository.

    Attributes:
        root: need not exist yet.
    """

    root: Path

    @classmethod
    def of_user(cls) -> PlatformCache:
        """Return the folder in the user's cache."""
        return cls(user_cache("platforms"))

    def folder(self, name: str) -> Path:
        """Return the folder in which `name` is made."""
        return self.root / name

    def log(self, name: str) -> Path:
        """Return the log file of the recipe that makes `name`."""
        return self.root / "logs" / f"{name}.log"

    def facts(self, name: str) -> dict[str, Any] | None:
        """Return what the recipe of `name` recorded; None if it has not run to its end here."""
        try:
            stamp = json.loads((self.folder(name) / FACTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if stamp["recipe"] != RECIPE or stamp["made_at"] != str(self.folder(name)):
            return None
        found: dict[str, Any] = stamp["facts"]
        return found

    def record(self, name: str, facts: dict[str, Any]) -> None:
        """Write the facts; the last step of a recipe."""
        stamp = {"recipe": RECIPE, "made_at": str(self.folder(name)), "facts": facts}
        text = json.dumps(stamp, indent=2, sort_keys=True)
        (self.folder(name) / FACTS).write_text(f"{text}\n", encoding="utf-8")
