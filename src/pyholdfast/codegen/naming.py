"""Python's names and literals in C++ spelling.

A name stays as it is in Python, so that readers find it in both files; a name that C++ reserves
gets an underscore appended.
"""

from __future__ import annotations

import math
import re

__all__ = ["comment", "identifier", "literal", "namespace", "text_literal"]

# Keywords of C++23, the alternative operators, and common macros of the C library and of headers
# that Python.h includes.
_WORDS = """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t
    char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr
    constinit continue decltype default delete do double dynamic_cast else enum explicit export
    extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq
    nullptr operator or or_eq private protected public register reinterpret_cast requires return
    short signed sizeof static static_assert static_cast struct switch template this thread_local
    throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while
    xor xor_eq
    assert errno stdin stdout stderr signbit isnan isinf linux unix major minor makedev
    NULL EOF BUFSIZ RAND_MAX EXIT_SUCCESS EXIT_FAILURE NAN INFINITY HUGE_VAL DOMAIN OVERFLOW UNDERFLOW
    SING PLOSS TLOSS SIGINT SIGTERM SIGABRT SEEK_SET SEEK_CUR SEEK_END EDOM ERANGE EINTR
    std holdfast
"""
RESERVED = frozenset(_WORDS.split())


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


def text_literal(text: str) -> str:
    r"""A string literal in UTF-8.

    >>> print(text_literal('say "hi"\n'))
    "say \"hi\"\n"
    """
    plain = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "?": "?"}
    parts = []
    for character in text:
        if character in plain:
            parts.append(plain[character])
        elif " " <= character <= "~":
            parts.append(character)
        else:
            data = character.encode("utf-8", "surrogatepass")
            parts.append("".join(f"\\{byte:03o}" for byte in data))
    return f'"{"".join(parts)}"'


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
