"""Python's names and literals in C++ spelling.

A name stays as it is in Python, so that readers find it in both files; a name that C++ reserves
gets an underscore appended.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from pyholdfast.codegen.reserved_names import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "comment",
    "free_name",
    "identifier",
    "literal",
    "namespace",
    "text_literal",
    "unique",
    "whole_literal",
]


def identifier(name: str) -> str:
    """A C++ name for a Python name, or for any text.

    >>> identifier("price"), identifier("default"), identifier("Outer.Inner"), identifier("a-b")
    ('price', 'default_', 'Outer_Inner', 'a_b')
    """
    made = re.sub(r"\W", "_", name)
    if not made or made[0].isdigit():
        made = f"_{made}"
    if re.match(r"_[A-Z_]", made) or "__" in made:  # reserved for the compiler and its library
        made = re.sub(r"_{2,}", "_", made).lstrip("_") or "value"
        made = f"value_{made}" if made[0].isdigit() else made
    return f"{made}_" if made in RESERVED else made


def unique(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """The C++ name for each Python name in one scope, without two that are the same.

    A name that C++ writes as Python does comes first; then the others in order.

    Args:
        names: as in Python.
        taken: C++ names that the scope has already.

    >>> unique(["default", "default_", "a-b", "a b"])
    {'default': 'default_2', 'default_': 'default_', 'a-b': 'a_b', 'a b': 'a_b_'}
    >>> unique(["site", "site_"], ["site"])
    {'site': 'site_2', 'site_': 'site_'}
    """
    wanted = {name: identifier(name) for name in names}
    first = frozenset(taken)
    used = set(first)
    made: dict[str, str] = {}
    for name in sorted(wanted, key=lambda name: wanted[name] != name or name in first):
        made[name] = free_name(wanted[name], used)
        used.add(made[name])
    return {name: made[name] for name in wanted}


def free_name(name: str, used: Iterable[str]) -> str:
    """The name, or if it is used, one made from it.

    >>> free_name("a", ["b"]), free_name("a", ["a"]), free_name("a", ["a", "a_"])
    ('a', 'a_', 'a_2')
    """
    stem = name if name.endswith("_") else f"{name}_"
    known = set(used)
    number = 2
    tried = name if name not in known else stem
    while tried in known:
        tried = f"{stem}{number}"
        number += 1
    return tried


def namespace(module: str) -> str:
    """The namespace of a module.

    >>> namespace("shop.pricing")
    'shop::pricing'
    """
    return "::".join(identifier(part) for part in module.split("."))


def literal(value: object) -> str | None:
    """A number, bool, None or string as a C++ literal; None if C++ has no such literal.

    >>> literal(True), literal(5), literal(0.5), literal("a"), literal(2**70)
    ('true', '5', '0.5', '"a"', None)
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nullptr"
    if isinstance(value, int):
        if value == -(2**63):
            return "INT64_MIN"
        return str(value) if abs(value) < 2**63 else None
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else None
    return text_literal(value) if isinstance(value, str) else None


def whole_literal(value: object, kind: str) -> str | None:
    r"""Like `literal()`; a string with a NUL, which would end it, is made with its length.

    >>> print(whole_literal("a\0b", "std::string"), whole_literal("a", "std::string"))
    std::string("a\000b", 3) "a"
    """
    made = literal(value)
    if isinstance(value, str) and "\0" in value:
        size = len(value.encode("utf-8", "surrogatepass"))
        return f"{kind}({made}, {size})"
    return made


def text_literal(text: str) -> str:
    r"""A string literal in UTF-8.

    >>> print(text_literal('say "hi"\n'))
    "say \"hi\"\n"
    """
    plain = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    parts = []
    for character in text:
        if character in plain:
            parts.append(plain[character])
        elif " " <= character <= "~":
            parts.append(character)
        else:
            data = character.encode("utf-8", "surrogatepass")
            parts.append("".join(f"\\{byte:03o}" for byte in data))
    # With two question marks, C has other characters
    return re.sub(r"\?(?=\?)", r"?\\", f'"{"".join(parts)}"')


def comment(
    text: str, indent: str = "", mark: str = "///", *, keep_indent: bool = False
) -> list[str]:
    r"""Lines of a comment; none for an empty text.

    >>> comment("Adds.\n\nTwice.")
    ['/// Adds.', '///', '/// Twice.']
    """
    lines = []
    for line in (text if keep_indent else text.strip()).splitlines():
        shown = "".join(item if item.isprintable() else "?" for item in line.expandtabs().rstrip())
        if shown.endswith("\\"):  # it would continue on the next line
            shown += "."
        lines.append(f"{indent}{mark} {shown}".rstrip())
    return lines
