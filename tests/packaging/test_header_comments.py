"""The headers' comments say which callers must be attached, and which threads may use a class."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docs_pages.declarations import read_declarations
from docs_pages.rooms import public_headers
from pyholdfast import paths

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = paths.include_dir() / "holdfast"
# A comment, the line of the template if there is one, and the first line of what it is about.
COMMENTED = re.compile(r"((?:^ *///.*\n)+)(?: *template\b.*\n)?(.*)", re.MULTILINE)
TYPES = re.compile(r" *(?:class|struct|enum)\b")
# "Attached to the main interpreter": a demand. "Attached again", "attached or not": none.
DEMAND = re.compile(r"(?:^|[.;:] )Attached(?=[.;:,]| to the | with )")

# Exceptions are used as `error` is, which says so.
ERRORS = frozenset({"error", "lookup_error", "pool_error", "python_error"})


def demands(text: str) -> Iterator[str]:
    """The first lines of functions whose comment says that the caller is attached."""
    for comment, first in COMMENTED.findall(text):
        words = " ".join(line.strip().removeprefix("///").strip() for line in comment.splitlines())
        if DEMAND.search(words) and not TYPES.match(first):
            yield first


def test_who_must_be_attached_is_said_to_the_check() -> None:
    """A comment alone proves nothing; with the macro, `holdfast check` requires it of every caller."""
    found = [(file, line) for file in sorted(HEADERS.rglob("*.?pp"))
             for line in demands(file.read_text(encoding="utf-8"))]  # fmt: skip
    bare = [f"{file.name}: {line}" for file, line in found if "_REQUIRES_ATTACHED" not in line]

    assert bare == []
    assert len(found) > 20


def test_a_comment_without_the_macro_is_seen() -> None:
    """For functions, but not for classes, which are attached while they live."""
    source = (
        "/// Looks.\n/// Attached.\ntemplate <class T>\nbool f(T);\n/// Attached.\nclass g {};\n"
    )

    assert list(demands(source)) == ["bool f(T);"]


def without_threads(header: str, source: str, *, told: frozenset[str]) -> Iterator[str]:
    """Public classes whose comment does not say which threads may use them.

    A struct is a value. A class that another class contains, or that derives from one of `told`,
    is used as that one is.
    """
    for found in read_declarations(source):
        bases = re.findall(r"\w+", found.signature.partition(" : ")[2])
        if (
            found.kind == "type"
            and re.search(r"\bclass \w+(?:<[^<>]*>)?(?: :|$)", found.signature)
            and not any(line.lstrip().startswith("Threads:") for line in found.doc)
            and not told & set(bases)
        ):
            yield f"{header}: {found.name}"


def test_every_public_class_says_which_threads_may_use_it() -> None:
    """On a line that begins with `Threads:`; the reference shows it as an item."""
    sources = {
        name: (HEADERS / name).read_text(encoding="utf-8") for name in public_headers(HEADERS)
    }
    silent = [line for name, source in sources.items()
              for line in without_threads(name, source, told=ERRORS)]  # fmt: skip

    assert silent == []


def test_a_class_that_says_nothing_is_seen() -> None:
    """And no other: not a value, and not one that is used like its base."""
    source = """
/// Silent.
class a {};
/// Tells. Threads: inside a line.
template <class T> class b : public detail::c<T> {};
///
/// Threads: any.
class d {};
/// A value.
struct e {};
/// An error.
class f : public error {};
"""

    assert list(without_threads("x.hpp", source, told=ERRORS)) == ["x.hpp: a", "x.hpp: b"]
