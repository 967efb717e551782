#!/usr/bin/python3
"""Runs a tool of mingw-w64 for front.c: `translated.py SAID COMPILER ARGUMENTS`, in wine's sandbox.

Paths are those of wine's drives, and so are those in what the compiler writes. SAID is the name of
the file that gets its exit status and its output.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DRIVES = {
    "p": "/drives/pythons",
    "t": "/drives/program",
    "u": "/drives/u",
    "w": "/drives/work",
    "c": "/prefix/drive_c",
}
PREFIX = "x86_64-w64-mingw32-"
PATH = re.compile(r"(-[IL])?([A-Za-z]):([\\/].*)")


def of_linux(word: str) -> str:
    """An argument with its path as Linux knows it."""
    found = PATH.fullmatch(word)
    if found is None:
        return word if word.startswith("-") else word.replace("\\", "/")
    return (found[1] or "") + in_some_case(DRIVES[found[2].lower()] + found[3].replace("\\", "/"))


def in_some_case(path: str) -> str:
    """The path as it is spelled on disk."""
    here = Path(path)
    if here.exists():
        return path
    folder = Path(in_some_case(str(here.parent)))
    inside = folder.iterdir() if folder.is_dir() else ()
    alike = (entry for entry in inside if entry.name.lower() == here.name.lower())
    return str(next(alike, folder / here.name))


def of_windows(text: str) -> str:
    """A text with paths as Windows knows them; wine sees no headers of the compiler's."""
    for letter, folder in DRIVES.items():
        text = text.replace(f"{folder}/", f"{letter.upper()}:/")
    return text


def tool(name: str) -> str:
    """The tool of this machine that stands behind one of Windows: g++.exe, ar.exe, ..."""
    name = name.removesuffix(".exe").removeprefix(PREFIX)
    return f"{PREFIX}{name}-posix" if name in {"g++", "gcc"} else f"{PREFIX}{name}"


def spelled_out(arguments: list[str]) -> Iterator[str]:
    """The arguments, with the words of response files in their places: a blank within one is quoted."""
    for word in arguments:
        if word.startswith("@"):
            yield from shlex.split(Path(of_linux(word[1:])).read_text().replace("\\", "\\\\"))
        else:
            yield word


def main() -> None:
    """Compile, and tell."""
    said, compiler, *arguments = sys.argv[1:]
    words = [of_linux(word) for word in spelled_out(arguments)]
    done = subprocess.run(
        [tool(compiler), *words],
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if "-MF" in words and (listed := Path(words[words.index("-MF") + 1])).exists():
        rule = re.sub(r"(?<=\s)/usr/\S+", "", listed.read_text())
        listed.write_text(of_windows(rule))
    folder = Path(__file__).parent
    (folder / f"new-{said}").write_text(f"{done.returncode}\n{of_windows(done.stdout)}")
    (folder / f"new-{said}").rename(folder / said)


if __name__ == "__main__":
    main()
