"""Mistakes that do not compile, because the types reject them.

All files are compiled together: twice, and not forty times.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from compile_fail.samples import files_of, mistake, quoted, write_unit
from matrix import default_python
from pyholdfast.toolchain.compile import find_compiler
from pyholdfast.toolchain.flags import flags_for

FILES = files_of("types")
OPTIONS = ("-Wall", "-Wextra", "-Werror", "-Wno-unused", "-Wunused-result", "-Wunused-value")
_MENTION = re.compile(r"(\w+\.cpp):(\d+):\d+:")
_FAULT = re.compile(r"\w+\.cpp:\d+:\d+: +(?:error: |required from here)")


def compile_all(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Compile all files with warnings as errors, without a result."""
    unit = write_unit(FILES, folder)
    flags = flags_for(default_python().build, optimise="-O0")
    return subprocess.run(
        [*find_compiler().command, *flags.cflags, *OPTIONS, "-fsyntax-only", *options, str(unit)],
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The compiler's output about each file, from one line that names it to the next line that names another."""
    done = compile_all(tmp_path_factory.mktemp("wrong"))
    lines: dict[str, list[str]] = {file.name: [] for file in FILES}
    current = ""
    for line in done.stderr.splitlines():
        match = _MENTION.search(line)
        current = match.group(1) if match else current
        lines.setdefault(current, []).append(line)
    return lines


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mistake_is_refused_in_the_words_of_its_comment(
    said: dict[str, list[str]], file: Path
) -> None:
    """On its line, and on no other."""
    number, words = mistake(file)
    text = "\n".join(said[file.name])
    faults = [line for line in said[file.name] if _FAULT.search(line)]

    assert faults, f"{file.name} compiles"
    assert {int(m.group(2)) for line in faults if (m := _MENTION.search(line))} == {number}, text
    assert re.search(words, text), text


@pytest.mark.parametrize("name", sorted(name for name in quoted() if "/types/" in name))
def test_the_page_quotes_what_is_said(said: dict[str, list[str]], name: str) -> None:
    """Word for word, as g++ prints it."""
    command = [*find_compiler().command, "--version"]
    about = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "Free Software Foundation" not in about.stdout:
        pytest.skip("other compilers have other words")

    assert quoted()[name].is_in("\n".join(said[Path(name).name]))


def test_the_same_files_without_their_mistakes_compile(tmp_path: Path) -> None:
    """So only the mistakes were refused."""
    done = compile_all(tmp_path, "-DFIXED")

    assert done.returncode == 0, done.stderr
    assert all("#ifdef FIXED" in file.read_text(encoding="utf-8") for file in FILES)
