"""Aliases that contain themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, Union

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Nested = list["Nested"]
Expression = Union[int, tuple[str, "Expression", "Expression"]]

# One leads to the other.
Folder = dict[str, "Entry"]
Entry = Union[int, Folder]


@dataclass
class Section:
    """A record in an alias in the record."""

    title: str
    parts: list[Part]


Part = Union[str, Section]


def same(value: Json) -> Json:
    """There and back."""
    return value


def leaves(value: Json) -> int:
    """How many values are no containers."""
    if isinstance(value, dict):
        return sum(leaves(item) for item in value.values())
    if isinstance(value, list):
        return sum(leaves(item) for item in value)
    return 1


def by_name(values: dict[str, Json]) -> list[Json]:
    """Within other types."""
    return [values[name] for name in sorted(values)]


def maybe(value: Json = None) -> Json:
    """Left out, or given."""
    return value


def depth(value: Nested) -> int:
    """No union at all."""
    return 1 + max((depth(item) for item in value), default=0)


def ring() -> Nested:
    """A list that contains itself has no end."""
    found: Nested = []
    found.append(found)
    return found


def wrong() -> Json:
    """Something that is no Json, far down."""
    return {"a": [1, {"b": b"x"}]}  # type: ignore[dict-item] # pyright: ignore[reportReturnType]


def evaluate(expression: Expression) -> int:
    """Tuples hold their elements by value, so these are in boxes."""
    if isinstance(expression, int):
        return expression
    sign, left, right = expression
    return evaluate(left) + evaluate(right) if sign == "+" else evaluate(left) * evaluate(right)


def flipped(expression: Expression) -> Expression:
    """And back."""
    if isinstance(expression, int):
        return expression
    sign, left, right = expression
    return sign, flipped(right), flipped(left)


def size(folder: Folder) -> int:
    """Two aliases."""
    return sum(entry if isinstance(entry, int) else size(entry) for entry in folder.values())


def find(entry: Entry, name: str) -> Entry | None:
    """The other one."""
    return None if isinstance(entry, int) else entry.get(name)


def titles(part: Part) -> list[str]:
    """Of all sections."""
    if isinstance(part, str):
        return []
    return [part.title, *(title for inner in part.parts for title in titles(inner))]


def outline(names: list[str]) -> Part:
    """Each within the one before it."""
    return Section(names[0], [outline(names[1:])]) if names else "text"
