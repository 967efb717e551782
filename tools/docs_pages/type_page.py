"""The table of types, made from the one that `holdfast bind` uses.

May import: nothing of tools.
"""

from __future__ import annotations

import re

from pyholdfast.codegen.type_table import TABLE, WIDTHS

__all__ = ["type_page"]

_INTRODUCTION = """\
# Types of Python in generated headers

What `holdfast bind` makes of each hint. Older spellings (`typing.List`), aliases, and names that were
imported otherwise mean the same. Parameters are taken by reference or as views where that saves a
copy."""


def type_page() -> str:
    """The text of the page."""
    rows = [
        "| hint | C++ | as a parameter | as a result | header |",
        "| --- | --- | --- | --- | --- |",
    ]
    for entry in TABLE:
        cpp, argument, result = (
            _code(text, entry.hints) for text in (entry.cpp, entry.argument, entry.result)
        )
        argument = "only as a result" if entry.only else argument or "the same"
        hints = f"`{entry.hints}`".replace("|", "\\|")
        rows.append(f"| {hints} | {cpp} | {argument} | {result or 'the same'} | `{entry.header}` |")
    return "\n\n".join([_INTRODUCTION, "\n".join(rows)]) + "\n"


def _code(text: str, hints: str) -> str:
    """A C++ type with the letters, or the type of numpy, that the hints name as its arguments."""
    if not text or " " in text.replace(", ", ","):
        return text
    letters = iter("KV" if "[K, V]" in hints else "TSR")
    element = re.search(r"\[np\.(\w+)\]", hints)
    shown = text.replace("{*}", WIDTHS[element[1]] if element else "A, B")
    shown = re.sub(r"\{\d\}", lambda _: next(letters, "T"), shown)
    return f"`{shown}`"
