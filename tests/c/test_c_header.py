"""holdfast.h: every dialect of C and C++, the compilers that are there, and no Python.h."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from c_dialects import complaints
from pyholdfast import paths

if TYPE_CHECKING:
    from pathlib import Path

HEADER = paths.include_dir() / "holdfast" / "holdfast.h"
USER = """\
#include <holdfast/holdfast.h>

int attached_blocks(void);
int attached_blocks(void) {
    int blocks = 0;
    HF_ATTACHED(hf_main_view()) {
        HF_ATTACHED(hf_current_view())
            blocks++;
        if (blocks)
            break;
    }
    return blocks;
}
"""
DIALECTS = [("gcc", "c", s) for s in ("c99", "c11", "c17")]
DIALECTS += [("clang", "c", s) for s in ("c99", "c11", "c17")]
DIALECTS += [(c, "c++", s) for c in ("g++", "clang++") for s in ("c++11", "c++17", "c++20")]


@pytest.mark.parametrize("dialect", DIALECTS, ids="-".join)
def test_the_header_compiles_without_a_warning(
    dialect: tuple[str, str, str], tmp_path: Path
) -> None:
    """Alone, and with HF_ATTACHED used and nested."""
    source = tmp_path / "user.c"
    source.write_text(USER, encoding="utf-8")

    assert complaints(dialect, source) == ""


@pytest.mark.parametrize("dialect", DIALECTS, ids="-".join)
def test_a_program_may_be_told_its_module_folders(
    dialect: tuple[str, str, str], tmp_path: Path
) -> None:
    """As CMake and the commands do; in C++ the constant must not become one file's own."""
    source = tmp_path / "user.c"
    source.write_text("#include <holdfast/holdfast.h>\n", encoding="utf-8")
    options = (f"-I{paths.include_dir()}", '-DHOLDFAST_DEFAULT_MODULES="/modules"')

    assert complaints(dialect, source, options=options) == ""


def test_it_includes_only_two_standard_headers() -> None:
    """A program compiles as fast as an empty one, and without Python.h."""
    found = re.findall(r"^#include <(.*)>", HEADER.read_text(encoding="utf-8"), re.MULTILINE)

    assert found == ["stddef.h", "stdint.h"]


def test_every_function_is_forwarded_and_described() -> None:
    """A comment stands above each, or above a group of them; the library defines each."""
    text = HEADER.read_text(encoding="utf-8")
    declared = set(re.findall(r"HF_CALL\s+(hf_\w+)\(", text))
    library = (paths.c_dir() / "library" / "library.cpp").read_text(encoding="utf-8")
    defined = set(re.findall(r"HF_CALL\s+(hf_\w+)\(", library))

    assert declared == defined
    assert len(declared) > 50


def test_the_library_is_compiled_without_the_runtime() -> None:
    """Of our headers it includes only the interface, and some of the system's room: none needs Python."""
    include = re.compile(r'^#include ["<]([^">]+)[">]', re.MULTILINE)
    files = [*paths.c_dir().glob("*.hpp"), *(paths.c_dir() / "library").iterdir()]
    found = {(file.name, name) for file in files
             for name in include.findall(file.read_text(encoding="utf-8"))}  # fmt: skip

    ours = {name for _, name in found if name.startswith("holdfast/")}
    assert {name for name in ours if not name.startswith("holdfast/platform/")} == {
        "holdfast/holdfast.h"
    }
    assert {row for row in found if "Python.h" in row[1] or "backend/" in row[1]} == set()
    assert len(files) > 10
