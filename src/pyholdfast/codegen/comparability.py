"""Determines which of the user's types C++ can compare, and which have an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pyholdfast.codegen.declaration_order import groups, named_of
from pyholdfast.hints import model
from pyholdfast.hints.read import hints_of, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyholdfast.codegen.mapping import Mapper
    from pyholdfast.hints.model import Declaration

__all__ = ["find_orders"]


def find_orders(declarations: Iterable[Declaration], mapper: Mapper) -> None:
    """Fill in `mapper.equal` and `mapper.sorted`.

    A record can do what all of its fields can. But a record that contains itself, in a box, has no
    order, nor has an alias that contains itself.
    """
    types = {named_of(item): item for item in declarations}
    mapper.sorted = set(types)
    aliases = {name: item for name, item in types.items() if isinstance(item, model.Alias)}
    boxed = {name for group in groups(types.values(), mapper) for name in group.boxed}
    records = {name: item for name, item in types.items() if isinstance(item, model.Record)}
    enumerations = {name for name, item in types.items() if isinstance(item, model.Enumeration)}
    ordered = {name: item for name, item in records.items() if name not in boxed}
    # A dict whose keys have no order becomes an object, which changes the types that contain it.
    for _ in range(2):
        made: dict[model.Named, model.Record | model.Alias] = {**records, **aliases}
        mapper.equal = _greatest(made, set(types) - set(made), "equal", mapper)
        mapper.sorted = _greatest(ordered, enumerations, "sorted", mapper)


def _greatest(
    records: Mapping[model.Named, model.Record | model.Alias],
    others: set[model.Named],
    ability: Literal["equal", "sorted"],
    mapper: Mapper,
) -> set[model.Named]:
    """All types except those with a field, at any depth, that lacks an ability."""
    found = others | {
        name
        for name, record in records.items()
        if all(getattr(mapper.map(hint, "inside"), ability) for hint in hints_of(record))
    }
    while True:
        kept = {
            name
            for name in found
            if name not in records
            or all(
                part in found
                for hint in hints_of(records[name])
                for part in parts_of(hint)
                if isinstance(part, model.Named)
            )
        }
        if kept == found:
            return found
        found = kept
