"""The order in which C++ needs the types: each after those that are members of it.

Types that contain each other, through a member or ``None | T``, form one group, in which they are
put in boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyholdfast.hints import model

if TYPE_CHECKING:
    from pyholdfast.codegen.mapping import Mapper
    from pyholdfast.hints.model import Declaration, Hint

__all__ = ["Group", "groups", "named_of"]


@dataclass(slots=True)
class Group:
    """Types that are defined together.

    Attributes:
        members: in the order of their definitions.
        boxed: the types that are incomplete when they are used in the group.
    """

    members: list[Declaration]
    boxed: frozenset[Hint] = field(default_factory=frozenset)


def named_of(declaration: Declaration) -> model.Named:
    """The name of a declared type."""
    arguments = declaration.arguments if isinstance(declaration, model.Record) else ()
    return model.Named(declaration.module, declaration.name, arguments)


def groups(declarations: Iterable[Declaration], mapper: Mapper) -> list[Group]:
    """All types in an order that compiles, the same for the same declarations."""
    known = {named_of(declaration): declaration for declaration in declarations}
    edges = {
        named: [other for other in sorted(_needs(declaration, mapper), key=repr) if other in known]
        for named, declaration in known.items()
    }
    found = []
    for component in _components(edges):
        members = sorted((known[named] for named in component), key=lambda item: item.line)
        circle = len(component) > 1 or component[0] in edges[component[0]]
        boxable = (model.Record, model.Alias)
        records = [named for named in component if isinstance(known[named], boxable)]
        found.append(Group(members, frozenset(records if circle else ())))
    return found


def _needs(declaration: Declaration, mapper: Mapper) -> set[model.Named]:
    """The types that must be complete where a type is defined."""
    hints: list[Hint] = []
    if isinstance(declaration, model.Record):
        hints = [item.hint for item in declaration.fields]
    elif isinstance(declaration, model.Alias):
        hints = [declaration.hint]
    elif isinstance(declaration, model.Class):
        # Other types are only named in declarations, but a default argument needs a complete one.
        functions = (*declaration.constructors, *declaration.methods)
        hints = [
            parameter.hint
            for function in functions
            for parameter in function.parameters
            if parameter.default is not None
        ]
        hints += [declaration.base] if declaration.base is not None else []
    whole: set[model.Named] = set()
    for hint in hints:
        whole |= {
            item for item in mapper.map(hint, "inside").whole if isinstance(item, model.Named)
        }
    return whole


def _components(edges: Mapping[model.Named, list[model.Named]]) -> list[list[model.Named]]:
    """Tarjan's strongly connected components, each after those that it depends on."""
    index: dict[model.Named, int] = {}
    low: dict[model.Named, int] = {}
    stack: list[model.Named] = []
    found: list[list[model.Named]] = []

    def visit(node: model.Named) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            cut = stack.index(node)
            found.append(stack[cut:])
            del stack[cut:]

    for node in edges:
        if node not in index:
            visit(node)
    return found
