"""The table of types, made from the one that `holdfast bind` uses.

May import: nothing of tools.
"""

from __future__ import annotations

import re

from pyholdfast.codegen.type_table import TABLE

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
        argument = "only as a result" if entry.only else _code(entry.argument) or "the same"
        result = _code(entry.result) or "the same"
        hints = f"`{entry.hints}`".replace("|", "\\|")
        rows.append(f"| {hints} | {_code(entry.cpp)} | {argument} | {result} | `{entry.header}` |")
    return "\n\n".join([_INTRODUCTION, "\n".join(rows)]) + "\n"


def _code(text: str) -> str:
    if not text or " " in text.replace(", ", ","):
        return text
    letters = iter("TSR") if "K" not in text else iter("KV")
    shown = text.replace("{*}", "A, B")
    shown = re.sub(r"\{\d\}", lambda _: next(letters, "T"), shown)
    return f"`{shown}`"
