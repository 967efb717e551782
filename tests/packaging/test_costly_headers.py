"""Hosts pay for the costly headers of the standard library only if they ask for what needs them.

Above Python.h and <thread>, which take GCC 12 0.19 s, <filesystem> costs 0.24 s of processor,
<future> 0.19, <functional> 0.09.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from matrix import default_python
from pyholdfast.toolchain.compiler import find_compiler, read_dependencies
from pyholdfast.toolchain.flags import flags_for

# A host includes these itself if it names what they have.
NEVER = {"filesystem", "fstream", "sstream", "iostream", "iomanip", "locale", "complex", "regex"}
ALSO_NOT = {
    "attach.hpp": {"future", "functional"},
    "lifecycle.hpp": {"future", "functional"},
    "objects.hpp": {"future", "functional"},
    "calls/run.hpp": {"future", "functional"},
    "calls/function.hpp": {"future", "functional"},
    "convert.hpp": {"future", "functional"},
    "holdfast.hpp": set[str](),
}


def included(text: str, folder: Path, name: str) -> set[str]:
    """The names of all files that a source includes, at any depth."""
    source = folder / "unit.cpp"
    source.write_text(text)
    compiler = find_compiler({**os.environ, "CXX": name})
    flags = flags_for(default_python().build)
    done = subprocess.run(
        [*compiler.command, *flags.cflags, "-M", str(source)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {file.name for file in read_dependencies(done.stdout)}


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_a_host_pays_for_what_it_names(compiler: str, tmp_path: Path) -> None:
    """With all bodies in the headers, too."""
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    costly = {
        header: sorted(
            included(f"#include <holdfast/{header}>\n", tmp_path, compiler) & (NEVER | also_not)
        )
        for header, also_not in ALSO_NOT.items()
    }

    assert costly == {header: [] for header in ALSO_NOT}
