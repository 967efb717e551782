"""Reads classes that stay in Python: methods, properties, attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pyholdfast.hints import model
from pyholdfast.hints.constructors import place_within, read_constructors
from pyholdfast.hints.functions import (
    FunctionNode,
    decorators,
    docstring,
    grouped,
    is_public,
    read_function,
)
from pyholdfast.hints.lookup import Definition, Place
from pyholdfast.hints.scope import statements

if TYPE_CHECKING:
    from pyholdfast.hints.class_kinds import Kinds
    from pyholdfast.hints.functions import Binding
    from pyholdfast.hints.hint_errors import HintReader
    from pyholdfast.hints.model import Field, Function, Hint

__all__ = ["PROPERTIES", "SPECIAL", "binding_of", "read_class"]

# Special methods that are useful in C++ under a name of their own.
SPECIAL = frozenset({"__call__", "__len__", "__getitem__", "__contains__"})
ENTERING = ("__enter__", "__aenter__")
AWAITABLE = frozenset({"collections.abc.Awaitable", "collections.abc.Coroutine"})
PROPERTIES = frozenset({"property", "functools.cached_property", "abc.abstractproperty"})


def read_class(definition: Definition, kinds: Kinds, reader: HintReader) -> model.Class:
    """A class and its public members."""
    node = definition.node
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - only such definitions are of this kind
    owner = definition.name
    named = model.Named(definition.source.name, owner)
    base = _base(definition, kinds)
    members = _Members()
    inherited = [] if base is None else kinds.ancestors(kinds.definitions[base])
    nodes = [item.node for item in inherited if isinstance(item, Definition)]
    for item in kinds.ancestors(definition):
        if not isinstance(item, Definition) or not isinstance(item.node, ast.ClassDef):
            continue
        if item.node in nodes:  # its members are those of the C++ base class
            members.inherited |= _names_in(item.node)
        elif item is definition or kinds.kind(item) in ("class", "dataclass"):
            place = replace(place_within(item, kinds), myself=named)
            _read_members(item, place, owner, kinds, reader, members)
    return model.Class(
        module=definition.source.name,
        name=owner,
        constructors=read_constructors(definition, kinds, reader),
        methods=tuple(function for group in members.methods.values() for function in group),
        properties=tuple(members.properties.values()),
        doc=docstring(node),
        line=node.lineno,
        enters=members.enters.get("__enter__"),
        enters_async=members.enters.get("__aenter__"),
        base=base,
    )


@dataclass(slots=True)
class _Members:
    """What has been read of a class; what is there is not replaced by what a base has.

    A handle has one C++ base class. Of the others, which may be structs, it has the members itself.

    Attributes:
        inherited: the names of what the C++ base class has.
    """

    methods: dict[str, list[Function]] = field(default_factory=dict)
    properties: dict[str, Field] = field(default_factory=dict)
    enters: dict[str, Hint] = field(default_factory=dict)
    inherited: set[str] = field(default_factory=set)


def _names_in(node: ast.ClassDef) -> set[str]:
    """The names that the body of a class gives to members."""
    found: set[str] = set()
    for statement in statements(node.body):
        if isinstance(statement, FunctionNode):
            found.add(statement.name)
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found.add(statement.target.id)
    return found


def _read_members(
    definition: Definition, place: Place, owner: str, kinds: Kinds, reader: HintReader,
    members: _Members,
) -> None:  # fmt: skip
    node = definition.node
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - only such definitions are of this kind
    above = {*members.methods, *members.properties, *members.enters, *members.inherited}
    for group in grouped(statements(node.body), place, reader):
        if group[0].name in above:
            continue
        for number, function in enumerate(group, 1 if len(group) > 1 else 0):
            names = decorators(function, place, reader)
            if PROPERTIES & set(names):
                members.properties[function.name] = _property(node, function, place, reader, owner)
            elif _wanted(function.name):
                read = read_function(
                    function, place, reader, owner=owner, binding=binding_of(names), overload=number
                )  # fmt: skip
                if function.name in ENTERING:
                    members.enters[function.name] = _awaited(read)
                else:
                    members.methods.setdefault(function.name, []).append(read)
    for item in _attributes(node, place, kinds, reader, owner):
        if item.name not in above:
            members.properties.setdefault(item.name, item)


def binding_of(names: list[str]) -> Binding:
    """The kind of method that the decorators make."""
    if "staticmethod" in names:
        return "staticmethod"
    return "classmethod" if "classmethod" in names else "method"


def _wanted(name: str) -> bool:
    return is_public(name) or name in SPECIAL or name in ENTERING


def _awaited(function: Function) -> Hint:
    """The function's result; if it returns an awaitable without ``async``, the awaited one."""
    result = function.result
    if isinstance(result, model.Applied) and result.name in AWAITABLE:
        return result.arguments[-1]
    return result


def _property(
    node: ast.ClassDef, getter: FunctionNode, place: Place, reader: HintReader, owner: str
) -> Field:
    subject = f"{owner}.{getter.name}"
    hint = reader.read(getter.returns, place, subject, getter.lineno)
    cached = "functools.cached_property" in decorators(getter, place, reader)
    writable = any(
        f"{getter.name}.setter" in [ast.unparse(item) for item in inner.decorator_list]
        for inner in node.body
        if isinstance(inner, ast.FunctionDef) and inner.name == getter.name
    )
    return model.Field(
        getter.name, hint, getter.lineno, doc=docstring(getter), writable=writable or cached,
        module=place.source.name,
    )  # fmt: skip


def _attributes(
    node: ast.ClassDef, place: Place, kinds: Kinds, reader: HintReader, owner: str
) -> Iterator[Field]:
    """Names with a hint: in the body of the class, and on ``self`` in its ``__init__``."""
    for statement in statements(node.body):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            wrapper = kinds.resolver.wrapper(statement.annotation, place)
            if is_public(name) and wrapper not in ("dataclasses.InitVar", "dataclasses.KW_ONLY"):
                yield _attribute(name, statement, wrapper, place, reader, owner)
    for function in node.body:
        if not isinstance(function, ast.FunctionDef) or function.name != "__init__":
            continue
        for statement in statements(function.body):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Attribute)
                and ast.unparse(statement.target.value) == "self"
                and is_public(statement.target.attr)
            ):
                wrapper = kinds.resolver.wrapper(statement.annotation, place)
                yield _attribute(statement.target.attr, statement, wrapper, place, reader, owner)


def _attribute(
    name: str, node: ast.AnnAssign, wrapper: str, place: Place, reader: HintReader, owner: str
) -> Field:
    hint = reader.read(node.annotation, place, f"{owner}.{name}", node.lineno)
    constant = wrapper in ("typing.Final", "typing.ClassVar")
    return model.Field(
        name, hint, node.lineno, has_default=node.value is not None, writable=not constant,
        module=place.source.name,
    )  # fmt: skip


def _base(definition: Definition, kinds: Kinds) -> model.Named | None:
    """The first base class that the package defines."""
    for base, _ in kinds.bases(definition):
        if isinstance(base, Definition) and kinds.kind(base) == "class":
            found = kinds.as_type(base)
            return found if isinstance(found, model.Named) else None
    return None
