#!/usr/bin/env python3
"""Reports what `make test` has written below HOME and XDG_CACHE_HOME, which must be nothing.

Run it where `make test` has just made its first .venv. pip's own cache is excluded: make fills it.
Imports nothing of this package.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["main", "newer"]

SHOWN = 10


def newer(folder: Path, than_ns: int, besides: Path) -> Iterator[Path]:
    """The files in a folder that were written after a time, except in one folder inside it."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(place, name) != besides]
        yield from (
            path for path in map(Path(place).joinpath, files) if path.lstat().st_mtime_ns > than_ns
        )


def main() -> int:
    """List these files on stderr; return 1 if there are any."""
    begun_ns = Path(".venv", "pyvenv.cfg").stat().st_mtime_ns
    cache = Path(os.environ["XDG_CACHE_HOME"])
    roots = {Path(os.environ["HOME"]), cache}
    found = sorted(path for root in roots for path in newer(root, begun_ns, cache / "pip"))
    for path in found[:SHOWN]:
        print(f"make test has written '{path}'", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
