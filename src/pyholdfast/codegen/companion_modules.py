"""Finds the Python modules beside a host's source that it includes as headers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.inputs import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["modules_beside"]

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)\.(hpp|h)"', re.MULTILINE)


def modules_beside(source: Path) -> dict[str, Path]:
    """The Python files that a host includes as headers, by the included name.

    ``#include "shop/pricing.hpp"`` means ``shop/pricing.py`` in the source's folder, if that exists
    and the header does not. In a C host it is ``"shop/pricing.h"``. The host's own headers in that
    folder are searched as well.
    """
    suffix = "h" if source.suffix == ".c" else "hpp"
    return dict(_found(source, source.parent, suffix, set()))


def _found(file: Path, folder: Path, suffix: str, seen: set[Path]) -> Iterator[tuple[str, Path]]:
    if file in seen:
        return
    seen.add(file)
    try:
        text = read_text(file, errors="replace")
    except OSError:
        return  # the compiler reports it better
    for name, its_suffix in _INCLUDE.findall(text):
        header = f"{name}.{its_suffix}"
        own = next(
            (place / header for place in (file.parent, folder) if (place / header).is_file()), None
        )
        module = folder / f"{name}.py"
        package = folder / name / "__init__.py"
        if own is not None:
            yield from _found(own, folder, suffix, seen)
        elif its_suffix == suffix and (module.is_file() or package.is_file()):
            yield header, module if module.is_file() else package
