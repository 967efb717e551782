"""What the user asks to be put into a bundle, and what the program itself asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.inputs import read_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Contents", "uses_backend"]


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a bundle besides the program and its Python.

    Attributes:
        packages: names of packages.
        requirements: requirements files.
        modules: modules and packages of the host.
        with_sources: False to keep only the compiled form of Python files.
    """

    packages: Sequence[str] = ()
    requirements: Sequence[Path] = ()
    modules: Sequence[Path] = ()
    with_sources: bool = True


def uses_backend(program: Path) -> bool:
    """Whether the program finds its Python at run time, by libholdfast."""
    return b"holdfast_backend_v1" in read_bytes(program)
