"""Installs zig's clang from the package index: it compiles for macOS, Windows and musl, and has libc++.

Imports nothing of this package but the catalog's type.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

from python_matrix.steps import UnavailableError

if TYPE_CHECKING:
    from platform_recipes.catalog import PlatformCache
    from python_matrix.steps import Steps

__all__ = ["build"]

VERSION = "0.17.1"


def build(cache: PlatformCache, steps: Steps) -> dict[str, Any]:
    """Install it into a folder of its own; return the facts.

    Raises:
        UnavailableError: if the index does not have it, or it does not run here.
    """
    folder = cache.folder("zig") / "packages"
    shutil.rmtree(folder, ignore_errors=True)
    steps.say(f"installing ziglang {VERSION} from the package index")
    steps.run(
        sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:", "--no-deps",
        "--target", folder, f"ziglang=={VERSION}",
    )  # fmt: skip
    program = folder / "ziglang" / "zig"
    answer = steps.ask(program, "version")
    if answer != VERSION:
        raise UnavailableError(f"'{program}' is version {answer}, not {VERSION}", "run it again")
    return {
        "compiler": str(program),
        "version": answer,
        "cache": str(cache.folder("zig") / "built"),
    }
