"""Splits the project's Markdown into the parts that the tests examine: fences, headings, links.

A fence with code says in an HTML comment before it how it is checked:

    <!-- snippet: program -->            a whole program; must end with status 0
    <!-- snippet: program, status 1 -->  the same with another status
    <!-- snippet: program, c++20 -->     the same, compiled as C++20
    <!-- snippet: part of FILE -->       stands in that file, however it is indented there
    <!-- snippet: file NAME -->          written to NAME in the page's folder
    <!-- snippet: run -->                shell commands; run there, must succeed
    <!-- snippet: run, needs cmake -->   any of them may need a command, or a package's headers
    <!-- snippet: output -->             what the fence before it printed; ... stands for anything
    <!-- snippet: declarations -->       compiles at namespace scope
    <!-- snippet: inside void f(int) --> compiles in that function; further lines of the comment
                                         stand before the function
    <!-- snippet: not checked, REASON -->
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CHECKOUT", "Fence", "anchors", "fences", "links", "markdown_files", "prose"]

CHECKOUT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(
    r"(?:<!-- snippet: (?P<directive>(?:(?!-->).)*?)\s*-->\s*\n\s*)?"
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *```[ ]*$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block.

    Attributes:
        file: the page.
        line: of its first line of text, from 1.
        language: the word after the opening mark.
        verb: how it is checked: the first word of its directive; empty if there is none.
        argument: what follows the verb, on the first line.
        before: the further lines of the directive.
        text: without the marks, and without their indentation.
    """

    file: Path
    line: int
    language: str
    verb: str
    argument: str
    before: str
    text: str

    @property
    def place(self) -> str:
        """``docs/page.md:12``."""
        return f"{self.file.relative_to(CHECKOUT)}:{self.line}"


def markdown_files() -> list[Path]:
    """All pages that are written for readers."""
    named = ("README", "CONTRIBUTING", "CHANGELOG", "RELEASING", "SECURITY")
    return [CHECKOUT / f"{name}.md" for name in named] + sorted((CHECKOUT / "docs").rglob("*.md"))


def fences(file: Path) -> list[Fence]:
    """The fenced blocks of a page, in order."""
    source = file.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(source):
        first, _, before = (match["directive"] or "").partition("\n")
        verb, _, argument = first.strip().partition(" ")
        if first.startswith("not checked"):
            verb, argument = "not checked", first.partition(",")[2].strip()
        indent = len(match["indent"])
        text = "".join(line[indent:] for line in match["text"].splitlines(keepends=True))
        line = source.count("\n", 0, match.start("text")) + 1
        found.append(Fence(file, line, match["language"], verb.rstrip(","), argument, before, text))
    return found


def prose(file: Path) -> str:
    """A page without its fences and comments."""
    source = re.sub(
        r"^ *```.*?^ *```[ ]*$",
        "",
        file.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    return re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)


def links(file: Path) -> list[str]:
    """The targets of a page's links and pictures."""
    text = re.sub(r"`[^`\n]*`", "", prose(file))
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)


def anchors(file: Path) -> set[str]:
    """The names that a link can end with: one for each heading, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *$", prose(file), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        again = sum(1 for other in found if re.fullmatch(rf"{re.escape(name)}(-\d+)?", other))
        found.add(f"{name}-{again}" if again else name)
    return found
