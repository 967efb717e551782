#!/usr/bin/env python3
"""Installs the tools that `make test-all` uses besides a compiler, on Debian and similar; as root.

Without a tool, the tests that need it are skipped with a reason. With --list, the tools and their
purposes are printed, and nothing is installed. Bazel is left out: its packages are not in each Debian. For its
test, install bazel-bootstrap, bazel-platforms, bazel-rules-java and bazel-rules-proto of Debian 12 (38 MB).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from python_matrix.apt import ensure_installed
from python_matrix.steps import Steps, UnavailableError

__all__ = ["PACKAGES"]

PACKAGES = {
    "chromium": "looks at the picture of a trace as a reader would",
    "clang": "a second compiler",
    "clang-format": "generated headers are as it would have them",
    "cmake": "projects that find holdfast",
    "debootstrap": "fresh machines",
    "gdb": "the stacks of a program that hangs",
    "ninja-build": "the same projects, built by it",
    "patchelf": "bundles",
    "pkgconf": "projects that find holdfast by pkg-config",
    "qt6-base-dev": "the example that awaits Python in a window of Qt",
    "relacy-dev": "memory orders that this processor does not have",
    "spin": "the models",
    "strace": "the files that a bundle's program opens",
    "valgrind": "memcheck",
    "xvfb": "a display for that window",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--list", action="store_true", help="print them; install nothing")
    if parser.parse_args(argv).list:
        for package, purpose in PACKAGES.items():
            print(f"{package:14} {purpose}")
        return 0
    log = Path(tempfile.gettempdir()) / "holdfast-test-tools.log"
    try:
        ensure_installed(Steps("test tools", log), list(PACKAGES))
    except UnavailableError as error:
        print(f"{error.reason}\n  do: {error.remedy}", file=sys.stderr)
        return 1
    print("test tools ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
