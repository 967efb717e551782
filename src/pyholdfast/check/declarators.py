"""Reads the name of a declaration from its tokens."""

from __future__ import annotations

from pyholdfast.check.tokens import Source

__all__ = ["class_name", "declared_name"]

_NOT_NAMES = frozenset(
    {"__attribute__", "decltype", "alignas", "noexcept", "throw", "__declspec", "explicit", "asm",
     "__typeof__", "typeof", "requires", "_Alignas", "__extension__", "PyAPI_FUNC",
     "Py_DEPRECATED", "Py_GCC_ATTRIBUTE", "__asm__", "__fortified_attr_access", "__glibc_macro",
     "__nonnull", "__attr_access", "__REDIRECT", "__THROW", "__wur"}
)  # fmt: skip
_AFTER_PARAMETERS = frozenset(
    {"{", ";", ":", "const", "noexcept", "override", "final", "->", "=", "__attribute__", "&", "&&",
     "throw", "try", "volatile", "requires", ",", ")", "[", "NULL"}
)  # fmt: skip
_LIMIT = 120


def declared_name(source: Source, start: int) -> tuple[str, str]:
    """Class and name of the function whose declaration begins at token `start`.

    The class is empty if the declaration does not name it; a lambda's name is ``(lambda)``.
    """
    tokens = source.tokens
    if start >= len(tokens):
        return "", "?"
    if tokens[start].text == "[" and not (
        start + 1 < len(tokens) and tokens[start + 1].text == "["
    ):
        return "", "(lambda)"
    fallback = ""
    position = start
    stop = min(len(tokens), start + _LIMIT)
    while position < stop:
        text = tokens[position].text
        if text in {"{", ";"}:
            break
        if text == "operator":
            rest = _until_paren(source, position + 1)
            gap = " " if rest[:1].isalpha() else ""
            return _qualifier(source, position), f"operator{gap}{rest}"
        if text == "(" and position > start and tokens[position - 1].kind == "word":
            close = source.closing(position, stop)
            known = _called(source, position, close)
            if known is not None and known[2]:
                return known[0], known[1]
            fallback = fallback or (known[1] if known else "")
            position = close
        position += 1
    return "", fallback or tokens[start].text


def _called(source: Source, opening: int, close: int) -> tuple[str, str, bool] | None:
    """Class and name before a parameter list, and whether it must be a parameter list."""
    tokens = source.tokens
    name, at = tokens[opening - 1].text, opening - 1
    if name in _NOT_NAMES:
        return None
    after = tokens[close + 1].text if close + 1 < len(tokens) else ";"
    inner = tokens[opening + 1]
    if after == "(" and close == opening + 2 and inner.kind == "word":
        return _qualifier(source, at), inner.text, True  # MACRO(name)(parameters)
    sure = after in _AFTER_PARAMETERS or after in _NOT_NAMES
    if at > 0 and tokens[at - 1].text == "~":
        name, at = "~" + name, at - 1
    return _qualifier(source, at), name, sure


def class_name(source: Source, start: int) -> str:
    """The name of the class whose definition begins at token `start`."""
    tokens = source.tokens
    name = ""
    position = start
    while position < min(len(tokens), start + _LIMIT):
        text = tokens[position].text
        if (text in {"{", ":", ";", "<"} and name) or text == "{":
            break
        if text == "(":
            position = source.closing(position)
        elif tokens[position].kind == "word" and text not in {
            "class", "struct", "union", "final", "alignas", "__attribute__", "public", "template",
            "typename", "static", "const", "typedef",
        }:  # fmt: skip
            name = text
        position += 1
    return name


def _qualifier(source: Source, at: int) -> str:
    tokens = source.tokens
    if at <= 1 or tokens[at - 1].text != "::":
        return ""
    before = at - 2
    if tokens[before].text == ">":  # Name<T>::name
        depth = 0
        while before > 0:
            depth += {">": 1, "<": -1}.get(tokens[before].text, 0)
            before -= 1
            if depth == 0:
                break
    return tokens[before].text if tokens[before].kind == "word" else ""


def _until_paren(source: Source, position: int) -> str:
    parts = []
    tokens = source.tokens
    first = position
    while position < len(tokens) and (tokens[position].text != "(" or position == first):
        parts.append(tokens[position].text)
        position += 1
        if len(parts) > 1 and parts[0] == "(":
            break
    return "".join(parts)
