r"""Runs commands of holdfast under wine's Python, which finds mingw-w64's compilers there on PATH.

``W:\`` is the working folder, with the package in ``src`` and the compilers in ``bin``; ``U:\`` has the
tools of `tools/platforms.py windows-tools`, if a test asks for them.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from elsewhere.targets import facts_of
from platform_recipes.wine import wine_command
from pyholdfast import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PREFIX", "VERSION", "answers_of"]

PARTS = Path(__file__).resolve().parent / "wine_compiler"
VERSION = "3.12"
DEADLINE_S = 1800  # wine takes long to start each of the compiler's programs
# Of mingw-w64's tools, and where it has its headers.
PREFIX = "x86_64-w64-mingw32"
TOOLS = ("g++", "gcc", "ar", "ranlib", f"{PREFIX}-gcc")
# What a line of a test's script calls. What the command prints follows its words, with its status.
BEFORE = r"""
import os, subprocess, sys
os.environ["PATH"] = "W:\\bin;" + os.environ["PATH"].replace("P:\\3.12", "")
sys.stdout.reconfigure(encoding="utf-8", newline="\n")

def done(*words, said=None, **more):
    ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", **more)
    shown = said or " ".join(words)
    print("$", shown, "=", ended.returncode, ended.stdout, ended.stderr, flush=True)

def holdfast(*words, **more):
    done("P:\\3.12\\python.exe", "-m", "pyholdfast", *words, said=f"{words[0]} {words[-1]}", **more)
"""


def answers_of(
    state: Path, script: str, files: Mapping[str, str], *, with_tools: bool = False
) -> dict[str, str]:
    """What the commands of a script printed, after their status, by their words."""
    known = facts_of("windows")
    drives = {"u": Path(facts_of("windows-tools")["folder"])} if with_tools else {}
    installation = Path(known["folder"])
    variables = {
        "PYTHONPATH": "W:\\src;U:\\" if with_tools else "W:\\src",
        "PYTHONUTF8": "1", "XDG_CACHE_HOME": "W:\\cache",
    }  # fmt: skip
    command = wine_command(
        installation, state, installation / "pythons" / VERSION / "python.exe", ["W:\\commands.py"],
        python=VERSION, variables=variables, drives=drives,
    )  # fmt: skip
    work = state / "work"
    _fill(work, known["compiler"])
    for name, text in {**files, "commands.py": BEFORE + script}.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text, encoding="utf-8")
    done = subprocess.run(command, input=b"", capture_output=True, timeout=DEADLINE_S, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    said = done.stdout.decode().replace("\r", "")
    parts = [part.partition(" = ") for part in said.removeprefix("$ ").split("\n$ ")]
    return {words: rest for words, _, rest in parts}


def _fill(work: Path, compiler: str) -> None:
    """The package, and the compilers."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(paths.__file__).parent, work / "src" / "pyholdfast", ignore=ignored)
    (work / "bin").mkdir()
    shutil.copy(PARTS / "translated.py", work / "bin")
    (work / "bin" / "translated.py").chmod(0o755)
    front = work / "bin" / "g++.exe"
    c = compiler.replace("g++", "gcc")
    subprocess.run([c, "-municode", "-static", PARTS / "front.c", "-o", front], check=True)
    for name in TOOLS[1:]:
        shutil.copy(front, front.with_name(f"{name}.exe"))
    # Where a compiler has them that was unpacked into one folder.
    (work / PREFIX).symlink_to(f"/usr/{PREFIX}")
    (work / "lib" / "gcc").mkdir(parents=True)
    (work / "lib" / "gcc" / PREFIX).symlink_to(f"/usr/lib/gcc/{PREFIX}")
