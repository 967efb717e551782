"""Files with one mistake each.

A comment on its line has the words that it is refused in:

    take(held);  // expect: deleted .*interpreter_guard

What `types` has is put right where ``FIXED`` is defined; what `check` has, in a second function.
A page of the docs quotes some of them, and what is said of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from docs.pages import CHECKOUT, fences

__all__ = ["Quotation", "files_of", "mistake", "quoted", "write_unit"]

PAGE = CHECKOUT / "docs" / "explanation" / "what-the-compiler-says.md"
_EXPECTED = re.compile(r"//\s*expect: (.+)$")
_INCLUDE = re.compile(r"^#include <.+>$", re.MULTILINE)
_FILE = re.compile(r"tests/compile_fail/\w+/\w+\.cpp")


@dataclass(frozen=True, slots=True)
class Quotation:
    """What the page shows of a file.

    Attributes:
        code: some of its lines.
        words: said of them; ``...`` stands for anything.
    """

    code: str
    words: str

    def is_in(self, said: str) -> bool:
        """Whether the compiler's or the check's output contains these words."""
        parts = (re.escape(part) for part in self.words.strip().split("..."))
        return re.search(".*".join(parts), said) is not None


def files_of(kind: str) -> list[Path]:
    """The files that the ``types`` refuse, or in which the ``check`` finds something."""
    return sorted(Path(__file__).with_name(kind).glob("*.cpp"))


def write_unit(files: list[Path], folder: Path) -> Path:
    """One source that includes all files, each in its own namespace, so that headers are read once.

    What the files include is there already when their namespaces begin, and not included again.
    """
    texts = [file.read_text(encoding="utf-8") for file in files]
    includes = dict.fromkeys(line for text in texts for line in _INCLUDE.findall(text))
    cases = [f'namespace {file.stem} {{\n#include "{file}"\n}}' for file in files]
    unit = folder / "unit.cc"
    unit.write_text("\n".join([*sorted(includes), *cases, ""]), encoding="utf-8")
    return unit


def mistake(file: Path) -> tuple[int, str]:
    """Its line, and a regular expression for what is said of it.

    Raises:
        ValueError: if the file does not have exactly one.
    """
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [(n, m.group(1)) for n, line in enumerate(lines, 1) if (m := _EXPECTED.search(line))]
    if len(found) != 1:
        message = f"{file.name} has {len(found)} comments with 'expect:'"
        raise ValueError(message)
    return found[0]


def quoted() -> dict[str, Quotation]:
    """What the page quotes, by the file's path: code, and the message below it."""
    found = fences(PAGE)
    pairs = zip(found[::2], found[1::2], strict=True)
    return {
        match.group(): Quotation(code.text, words.text)
        for code, words in pairs
        if (match := _FILE.search(code.argument))
    }
