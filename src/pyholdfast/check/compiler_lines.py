"""What a compiler's command line tells on Windows: its words, and the system that it compiles for."""

from __future__ import annotations

import re
import shlex
import sysconfig
from collections.abc import Sequence

from pyholdfast.find_python import WINDOWS

__all__ = ["target_of", "words_of"]

_MINGW = re.compile(
    r"(\w+-w64-mingw32)-(?:g\+\+|gcc|c\+\+|clang(?:\+\+)?)(?:-[\w.]+)?(?:\.exe)?", re.IGNORECASE
)
_GCC = re.compile(r"(?:g\+\+|gcc|c\+\+|cc)(?:-[\d.]+)?(?:\.exe)?", re.IGNORECASE)
_PROCESSORS = {"win-amd64": "x86_64", "win-arm64": "aarch64"}


def words_of(command: str) -> list[str]:
    """A command line as programs of this system get it."""
    return _windows_words(command) if WINDOWS else shlex.split(command)


def _windows_words(command: str) -> list[str]:
    r"""A command line as programs of Windows read theirs: a backslash counts only before a quote.

    >>> _windows_words(r'C:\bin\g++.exe -DAT=\"a\" "-IC:\two words\\" ""')
    ['C:\\bin\\g++.exe', '-DAT="a"', '-IC:\\two words\\', '']
    """
    words: list[str] = []
    word: str | None = None
    quoted, backslashes = False, 0
    for letter in f"{command} ":
        if letter == "\\":
            backslashes += 1
            continue
        if backslashes:
            kept = backslashes // 2 if letter == '"' else backslashes
            word = (word or "") + "\\" * kept
        if letter == '"' and backslashes % 2 == 0:
            quoted, word = not quoted, word or ""
        elif letter in " \t\n" and not quoted:
            words += [] if word is None else [word]
            word = None
        else:
            word = (word or "") + letter
        backslashes = 0
    return words


def target_of(compiler: str, options: Sequence[str]) -> list[str]:
    """The option that makes clang read sources as this compiler for Windows does.

    Without it, clang takes Microsoft's compiler for the usual one on Windows, and elsewhere that of the
    system. It finds mingw-w64's headers beside the gcc of that name on PATH.
    """
    if any(option.startswith(("-target", "--target")) for option in options):
        return []
    name = re.split(r"[/\\]", compiler)[-1]
    if (found := _MINGW.fullmatch(name)) is not None:
        return [f"--target={found[1]}"]
    if WINDOWS and _GCC.fullmatch(name):  # on the processor of this Python, as a host is
        return [f"--target={_PROCESSORS.get(sysconfig.get_platform(), 'x86_64')}-w64-mingw32"]
    return []
