"""What the headers' comments owe: who must be attached is said so that the check can read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyholdfast import paths

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = paths.include_dir() / "holdfast"
# A comment, the line of the template if there is one, and the first line of what it is about.
COMMENTED = re.compile(r"((?:^ *///.*\n)+)(?: *template\b.*\n)?(.*)", re.MULTILINE)
TYPES = re.compile(r" *(?:class|struct|enum)\b")
# "Attached to the main interpreter": a demand. "Attached again", "attached or not": none.
DEMAND = re.compile(r"(?:^|[.;:] )Attached(?=[.;:,]| to the | with )")


def demands(text: str) -> Iterator[str]:
    """First lines of functions whose comment says that the caller is attached."""
    for comment, first in COMMENTED.findall(text):
        words = " ".join(line.strip().removeprefix("///").strip() for line in comment.splitlines())
        if DEMAND.search(words) and not TYPES.match(first):
            yield first


def test_who_must_be_attached_is_said_to_the_check() -> None:
    """A comment alone proves nothing; with the macro, `holdfast check` asks it of every caller."""
    found = [(file, line) for file in sorted(HEADERS.rglob("*.?pp"))
             for line in demands(file.read_text(encoding="utf-8"))]  # fmt: skip
    bare = [f"{file.name}: {line}" for file, line in found if "_REQUIRES_ATTACHED" not in line]

    assert bare == []
    assert len(found) > 20


def test_a_comment_without_the_macro_is_seen() -> None:
    """Of functions, not of classes, which are attached while they live."""
    source = (
        "/// Looks.\n/// Attached.\ntemplate <class T>\nbool f(T);\n/// Attached.\nclass g {};\n"
    )

    assert list(demands(source)) == ["bool f(T);"]
