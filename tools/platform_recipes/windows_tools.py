"""Unpacks CMake, Ninja, GNU make and clang-tidy for Windows from the package index, and asks each under wine.

Nothing of them runs outside of wine's sandbox.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_recipes.wine import wine_command
from python_matrix.steps import UnavailableError

if TYPE_CHECKING:
    from platform_recipes.catalog import PlatformCache
    from python_matrix.steps import Steps

__all__ = ["build"]

# The package, its version, and its program.
TOOLS = (
    ("cmake", "4.4.5", "cmake/data/bin/cmake.exe"),
    ("ninja", "1.13.2", "bin/ninja.exe"),
    ("gnumake", "4.4.1", "bin/make.exe"),
    ("clang-tidy", "23.1.4", "clang_tidy/data/bin/clang-tidy.exe"),
)


def build(cache: PlatformCache, steps: Steps) -> dict[str, Any]:
    """Install them into a folder of their own; return the facts.

    Raises:
        UnavailableError: if wine is missing, the index does not have one, or one does not run.
    """
    windows = cache.facts("windows")
    if windows is None:
        raise UnavailableError("wine has not been set up", "run tools/platforms.py windows first")
    folder = cache.folder("windows-tools") / "packages"
    shutil.rmtree(folder, ignore_errors=True)
    wanted = [f"{name}=={version}" for name, version, _ in TOOLS]
    steps.say(f"installing {', '.join(wanted)} for Windows from the package index")
    steps.run(
        sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:", "--no-deps",
        "--platform", "win_amd64", "--python-version", "3.12", "--target", folder, *wanted,
    )  # fmt: skip
    for _, version, program in TOOLS:
        with tempfile.TemporaryDirectory() as state:
            command = wine_command(
                Path(windows["folder"]), Path(state), folder / program, ["--version"]
            )
            answer = steps.ask(*command)
        if re.search(rf"\b{re.escape(version)}\b", answer) is None:
            raise UnavailableError(f"{program} under wine answers '{answer}'", f"read {steps.log}")
    return {"folder": str(folder)}
