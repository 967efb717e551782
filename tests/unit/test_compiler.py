"""Which compiler is used, and the error if there is none."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.compiler import Compiler, find_compiler

if TYPE_CHECKING:
    from pathlib import Path


def make_tool(folder: Path, name: str, text: str = "") -> Path:
    """An executable script."""
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{text}\n")
    tool.chmod(0o755)
    return tool


def test_cxx_goes_before_the_usual_names(tmp_path: Path) -> None:
    """Also with a launcher before it."""
    usual = make_tool(tmp_path, "c++")
    launcher, chosen = make_tool(tmp_path, "ccache"), make_tool(tmp_path, "my-g++")
    path = {"PATH": str(tmp_path)}

    assert find_compiler(path).command == (str(usual),)
    assert find_compiler(path | {"CXX": ""}).command == (str(usual),)
    assert find_compiler(path | {"CXX": "my-g++"}).command == (str(chosen),)
    assert find_compiler(path | {"CXX": "ccache my-g++"}).command == (str(launcher), str(chosen))


def test_the_usual_names_have_an_order(tmp_path: Path) -> None:
    """c++ is the compiler that the system's administrator chose."""
    for name in ("clang++", "g++", "c++"):
        make_tool(tmp_path, name)

        assert find_compiler({"PATH": str(tmp_path)}).name == name


def test_a_cxx_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """HF108: a CXX that is set is never replaced by another compiler."""
    make_tool(tmp_path, "c++")

    with pytest.raises(ToolchainError, match=r"g\+\+-99") as caught:
        find_compiler({"PATH": str(tmp_path), "CXX": "g++-99"})

    assert caught.value.code == "HF108"


def test_without_any_compiler_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HF107 names the system's package, and a way without administrator rights."""
    monkeypatch.setitem(sys.modules, "ziglang", None)

    with pytest.raises(ToolchainError, match=r"holdfast\[zig\]") as caught:
        find_compiler({"PATH": str(tmp_path)})

    assert caught.value.code == "HF107"


def test_zig_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler of the ziglang package."""
    package = tmp_path / "ziglang"
    package.mkdir()
    for name in ("__init__.py", "zig", "zig.exe"):
        (package / name).touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    compiler = find_compiler({"PATH": "/nowhere"})

    assert compiler.command[0].startswith(str(package / "zig"))
    assert compiler.command[1:] == ("c++",)
    assert compiler.is_zig
    assert compiler.name == "zig c++"
    assert str(package) in compiler.identity()
    make_tool(tmp_path, "g++")
    assert not find_compiler({"PATH": str(tmp_path)}).is_zig


def test_zig_gets_options_that_it_knows() -> None:
    """Never without optimisation, because zig then traps operations in CPython's headers."""
    zig = Compiler(("zig", "c++"), "test", is_zig=True)
    gcc = Compiler(("g++",), "test")

    assert zig.adapted("-O0") == ("-O1",)
    assert zig.adapted("-Wl,--dynamic-list=/f") == ("-rdynamic",)
    assert zig.adapted("-O2") == ("-O2",)
    assert gcc.adapted("-O0") == ("-O0",)


def test_the_identity_changes_with_the_compiler(tmp_path: Path) -> None:
    """An upgrade in place recompiles everything, without starting the compiler."""
    tool = make_tool(tmp_path, "c++", "exit 1")
    before = find_compiler({"PATH": str(tmp_path)}).identity()
    os.utime(tool, ns=(1, 1))

    assert find_compiler({"PATH": str(tmp_path)}).identity() != before


def test_the_version_is_its_first_line(tmp_path: Path) -> None:
    """A compiler that prints no version is HF108."""
    make_tool(tmp_path, "c++", "echo 'c++ 12.2'; echo more")
    make_tool(tmp_path, "g++", "exit 1")
    path = str(tmp_path)

    assert find_compiler({"PATH": path}).version() == "c++ 12.2"
    with pytest.raises(ToolchainError, match="HF108"):
        find_compiler({"PATH": path, "CXX": "g++"}).version()
