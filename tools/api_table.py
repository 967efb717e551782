#!/usr/bin/env python3
"""Makes src/pyholdfast/check/api.txt: what each function of CPython's C API requires of its caller.

The names come from the public headers of every Python found on this machine; the requirements come
from `api_rules`, which names a source for each. With --check nothing is written, and the exit status
is 1 if the table lacks a function, or a function has no rule.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT / part) for part in ("src", "tests", "tools")]

from api_rules import rule_of  # noqa: E402
from matrix import usable  # noqa: E402
from pyholdfast.check.api import TABLE, Row, load, versions_text  # noqa: E402
from pyholdfast.check.tokens import Source, read_source  # noqa: E402

HEADING = """\
# What each function that CPython's public headers declare asks of the thread that calls it.
# Made by tools/api_table.py: the names from the headers, the rest from tools/api_rules.py.
#
# name  versions that declare it  class  source
"""
# Headers that are not part of the C API for C and C++ programs: CPython's internals.
LEFT_OUT = {"internal", "pydtrace.h", "pymacconfig.h", "dynamic_annotations.h"}
LEFT_OUT |= {"pthread_stubs.h"}


def declared(include: Path) -> set[str]:
    """The functions declared by the public headers in a folder."""
    found: set[str] = set()
    for header in sorted(include.rglob("*.h")):
        inside = header.relative_to(include).parts
        if LEFT_OUT & {inside[0], inside[-1]} or (len(inside) > 1 and inside[0] != "cpython"):
            continue
        found |= set(_functions(read_source(str(header))))
    return found


def _functions(source: Source) -> Iterator[str]:
    tokens = [token for token in source.tokens if token.kind != "directive"]
    texts = [token.text for token in tokens]
    for position, text in enumerate(texts):
        if text in {"PyAPI_FUNC", "PyAPI_FUNC_DEPRECATED"}:
            close = _closing(texts, position + 1)
            name = next(
                (texts[i] for i in range(close + 1, close + 8) if texts[i + 1] == "("), None
            )
            if name is not None:
                yield name
        elif text in {"inline", "Py_ALWAYS_INLINE", "Py_LOCAL_INLINE"} or (
            text == "extern" and texts[position + 1] not in {'"C"', '"C++"'}
        ):
            stop = position
            while stop < len(texts) and texts[stop] not in {"{", ";", "="}:
                stop += 1
            head = " ".join(texts[position:stop])
            match = re.search(r"\b(_?Py\w+) \((?! \*)", head.replace("Py_LOCAL_INLINE (", "("))
            if match:
                yield match.group(1)


def _closing(texts: Sequence[str], start: int) -> int:
    depth = 0
    for position in range(start, len(texts)):
        depth += {"(": 1, ")": -1}.get(texts[position], 0)
        if depth == 0:
            return position
    return len(texts) - 1


def by_version() -> Mapping[str, set[str]]:
    """The declared functions of each minor version found on this machine."""
    found: dict[str, set[str]] = {}
    for python in usable():
        if python.build.include_dirs:
            version = f"{python.build.version[0]}.{python.build.version[1]}"
            found.setdefault(version, set()).update(declared(python.build.include_dirs[0]))
    return found


def rows(found: Mapping[str, set[str]]) -> list[Row]:
    """The table.

    Versions that are missing on this machine stay as they are in the table on disk.

    Raises:
        LookupError: naming the functions that no rule covers.
    """
    known = load() if TABLE.exists() else {}
    names = set(known) | set().union(*found.values())
    made, unruled = [], []
    for name in sorted(names):
        before = known[name].versions if name in known else ()
        versions = {v for v in before if v not in found}
        versions |= {version for version, there in found.items() if name in there}
        rule = rule_of(name)
        if rule is None:
            unruled.append(name)
        elif versions:
            ordered = tuple(sorted(versions, key=lambda text: int(text.split(".")[1])))
            made.append(Row(name, ordered, rule[0], rule[1]))
    if unruled:
        raise LookupError(" ".join(unruled))
    return made


def text_of(table: Sequence[Row]) -> str:
    """The file's text."""
    lines = [f"{r.name} {versions_text(r.versions)} {r.kind} {r.source}" for r in table]
    return HEADING + "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it is stale")
    asked = parser.parse_args(argv)
    try:
        text = text_of(rows(by_version()))
    except LookupError as error:
        print(f"no rule for: {error}", file=sys.stderr)
        return 1
    if asked.check:
        same = TABLE.exists() and TABLE.read_text(encoding="utf-8") == text
        print("api.txt is up to date" if same else "api.txt is stale: run tools/api_table.py")
        return 0 if same else 1
    TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
