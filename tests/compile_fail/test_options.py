"""Compiler options that holdfast does not support: the first error names them and the remedy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from header_texts import HEADERS, PUBLIC
from matrix import default_python
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.flags import include_flags

# Words for other languages, or nothing but numbers.
WITHOUT_CODE = {"holdfast/annotations.hpp", "holdfast/version.hpp"}
FIRST = (
    "holdfast/holdfast.hpp",
    "holdfast/lifecycle/config.hpp",
    "holdfast/error.hpp",
    "holdfast/pool.hpp",
)

OPTIONS = [
    pytest.param(("-std=c++14",), "HF188", "compile with -std=c++17", id="c++14"),
    pytest.param(("-std=c++11",), "HF188", "compile with -std=c++17", id="c++11"),
    pytest.param(("-std=c++17", "-fno-exceptions"), "HF188", "without -fno-exceptions", id="exc"),
    pytest.param(
        ("-std=c++17", "-DPy_LIMITED_API=0x030b0000"),
        "HF189",
        "without -DPy_LIMITED_API",
        id="abi3",
    ),
]


def first_error(header: str, options: tuple[str, ...], folder: Path) -> str:
    """The compiler's first error; empty if there is none."""
    source = folder / "unit.cpp"
    source.write_text(f"#include <{header}>\n")
    found = include_flags(default_python().build)
    done = subprocess.run(
        [*find_compiler().command, "-E", *options, *found, str(source), "-o", "/dev/null"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return next((line for line in done.stderr.splitlines() if "error: " in line), "")


@pytest.mark.parametrize(("options", "code", "remedy"), OPTIONS)
@pytest.mark.parametrize(
    "header",
    [
        pytest.param(header, marks=() if header in FIRST else pytest.mark.long)
        for header in HEADERS
        if header in PUBLIC and header.endswith(".hpp") and header not in WITHOUT_CODE
    ],
)
def test_the_first_error_says_what_to_do(
    header: str, options: tuple[str, ...], code: str, remedy: str, tmp_path: Path
) -> None:
    """Whichever header comes first; headers that need no Python ignore its API's options."""
    said = first_error(header, options, tmp_path)
    if code == "HF189" and not said:
        assert "python.hpp" not in read_includes(header)
        return

    assert f"{code} holdfast " in said
    assert "; do: " in said
    assert remedy in said.partition("; do: ")[2]


@pytest.mark.parametrize("standard", ["c++11", "c++17"])
def test_coroutines_say_what_they_need(standard: str, tmp_path: Path) -> None:
    """The only header that needs a newer standard says so itself, in one line."""
    said = first_error("holdfast/coroutines.hpp", (f"-std={standard}",), tmp_path)

    assert "HF188 holdfast/coroutines.hpp needs C++20" in said
    assert "compile with -std=c++20" in said.partition("; do: ")[2]


def read_includes(header: str) -> str:
    """The names of all headers that one includes, at any depth."""
    found = include_flags(default_python().build)
    done = subprocess.run(
        [*find_compiler().command, "-std=c++17", *found, "-M", "-x", "c++", "-"],
        input=f"#include <{header}>\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout
