"""How command lines of compilers for Windows are read, as far as another system can show it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyholdfast.check import compiler_lines
from pyholdfast.check.commands import from_database


def database(folder: Path, command: str, file: Path) -> Path:
    """With one file."""
    file.touch()
    path = folder / "compile_commands.json"
    entry = {"directory": str(folder), "file": str(file), "command": command}
    path.write_text(json.dumps([entry]), encoding="utf-8")
    return path


def test_backslashes_are_kept_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As CMake writes them there; a shell of POSIX would take them away, and with them the paths."""
    monkeypatch.setattr(compiler_lines, "WINDOWS", True)
    monkeypatch.setattr("sysconfig.get_platform", lambda: "win-amd64")
    file = tmp_path / "host.cpp"
    command = rf"C:\msys64\bin\c++.exe -DAT=\"a\" -isystem P:\3.12\include -o host.obj -c {file}"
    (read,) = from_database(database(tmp_path, command, file), [])

    assert read.options == (
        "--target=x86_64-w64-mingw32", '-DAT="a"', "-isystem", r"P:\3.12\include",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("compiler", "windows", "target"),
    [
        ("/usr/bin/x86_64-w64-mingw32-g++-posix", False, "x86_64-w64-mingw32"),
        ("aarch64-w64-mingw32-clang++", False, "aarch64-w64-mingw32"),
        (r"C:\msys64\clangarm64\bin\gcc.exe", True, "aarch64-w64-mingw32"),
        ("/usr/bin/g++-12", False, None),
        ("aarch64-linux-gnu-g++", False, None),
        (r"C:\Program Files\LLVM\bin\clang++.exe", True, None),
        ("cl.exe", True, None),
    ],
)
def test_a_compiler_for_windows_is_recognised(
    compiler: str, windows: bool, target: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name, or as GCC on Windows; other compilers say by themselves what they compile for."""
    monkeypatch.setattr(compiler_lines, "WINDOWS", windows)
    monkeypatch.setattr("sysconfig.get_platform", lambda: "win-arm64")
    wanted = [f"--target={target}"] if target else []

    assert compiler_lines.target_of(compiler, ["-O2"]) == wanted
    assert compiler_lines.target_of(compiler, ["--target=armv7-w64-mingw32"]) == []
