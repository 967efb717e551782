"""Installs the compilers of this Debian release besides its default: other versions of clang and g++, and libc++.

A version that the release does not have is left out, and said.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from python_matrix.apt import ensure_installed
from python_matrix.steps import UnavailableError

if TYPE_CHECKING:
    from platform_recipes.catalog import PlatformCache
    from python_matrix.steps import Steps

__all__ = ["build", "build_libcxx"]

CLANG = range(14, 23)
GCC = range(10, 17)


def build(cache: PlatformCache, steps: Steps) -> dict[str, Any]:
    """Install what there is; return the facts: the compilers' paths by name.

    Raises:
        UnavailableError: if there is none at all.
    """
    del cache
    wanted = {f"clang++-{version}": f"clang-{version}" for version in CLANG}
    wanted |= {f"g++-{version}": f"g++-{version}" for version in GCC}
    found: dict[str, str] = {}
    missing: list[str] = []
    # apt takes a name with a + for a pattern, if there is no such package.
    known = set(steps.ask("apt-cache", "pkgnames").split())
    for program, package in wanted.items():
        if package in known and not shutil.which(program):
            ensure_installed(steps, [package])
        if path := shutil.which(program):
            found[program] = path
        else:
            missing.append(program)
    if not found:
        raise UnavailableError("apt has no package of any compiler", "run: apt-get update")
    steps.say(f"not in this release: {', '.join(missing) or 'none'}")
    return {"compilers": found, "missing": missing}


def build_libcxx(cache: PlatformCache, steps: Steps) -> dict[str, Any]:
    """Install clang with LLVM's C++ library, for this machine's own Linux; return the facts.

    Raises:
        UnavailableError: if apt cannot install them.
    """
    del cache
    ensure_installed(steps, ("clang", "libc++-dev", "libc++abi-dev"))
    compiler = shutil.which("clang++")
    if compiler is None:
        raise UnavailableError("the package clang has no clang++", "run: apt-get install clang")
    return {"compiler": compiler, "options": ["-stdlib=libc++"]}
