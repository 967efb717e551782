"""Structs for aliases that contain themselves: only a C++ class can refer to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.codegen.context import wrapped
from pyholdfast.codegen.declaration_order import named_of
from pyholdfast.codegen.functions import parts
from pyholdfast.codegen.mapping import class_name
from pyholdfast.codegen.naming import comment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.codegen.context import Context
    from pyholdfast.hints.model import Alias

__all__ = ["write_alias", "write_alias_comparison"]


def write_alias(declaration: Alias, context: Context) -> Iterator[str]:
    """The struct that wraps the alias's type."""
    name = class_name(named_of(declaration))
    value = context.cpp(declaration.hint, "inside", declaration.name, declaration.line)
    yield from comment(f"{declaration.name} = {declaration.text}")
    yield from _base(name, value)
    yield "    using recursive::recursive;"
    yield "};"


def _base(name: str, value: str) -> list[str]:
    """The head of the struct; a long union has one type per line."""
    opened, closed = "", ""
    for word in ("std::optional<", "std::variant<"):
        if value.startswith(word):
            opened, value, closed = opened + word, value[len(word) : -1], closed + ">"
    items = parts(value) if "std::variant<" in opened else [value]
    return wrapped(f"struct {name} : holdfast::recursive<{opened}", items, f"{closed}> {{")


def write_alias_comparison(declaration: Alias) -> Iterator[str]:
    """Equality, if the wrapped type has it."""
    name = class_name(named_of(declaration))
    yield f"inline bool operator==(const {name} &a, const {name} &b) {{"
    yield "    return a.value == b.value;"
    yield "}"
    yield f"inline bool operator!=(const {name} &a, const {name} &b) {{"
    yield "    return !(a == b);"
    yield "}"
