"""Tells which headers are public: those at the top of the include folder, and those they include.

A header at the top is an umbrella: it declares nothing itself, and lets a host include a room.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["included_headers", "is_umbrella", "public_headers"]

_INCLUDE = re.compile(r"^#include <holdfast/([\w/]+\.hpp)>", re.MULTILINE)


def included_headers(header: Path) -> list[str]:
    """The headers of ours that one includes, in its order, relative to the include folder."""
    return _INCLUDE.findall(header.read_text(encoding="utf-8"))


def is_umbrella(header: Path) -> bool:
    """Whether it does nothing but include others, some of them on some systems or with some compilers only."""
    lines = header.read_text(encoding="utf-8").splitlines()
    others = ("//", "#include <holdfast/", "#if ", "#error ", "#else", "#endif")
    own = [line for line in lines if line and not line.startswith(others)]
    return own == ["#pragma once"] and bool(included_headers(header))


def public_headers(folder: Path) -> list[str]:
    """All public headers with something of their own, relative to `folder`, sorted."""
    found: set[str] = set()
    for file in folder.glob("*.h*"):
        found |= set(included_headers(file)) if is_umbrella(file) else {file.name}
    return sorted(found)
