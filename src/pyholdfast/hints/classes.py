"""Reads classes that stay in Python: constructors, methods, properties, attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pyholdfast.hints import model
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
    outside = kinds.place(definition)
    bound: dict[str, Hint] = dict.fromkeys(
        kinds.resolver.parameter_names(node, outside), model.Plain("typing.Any")
    )
    place = replace(outside, within=(*outside.within, node), bound=bound, myself=named)
    constructors: list[Function] = []
    methods: list[Function] = []
    properties: dict[str, Field] = {}
    enters: dict[str, Hint] = {}
    for group in grouped(statements(node.body), place, reader):
        for number, function in enumerate(group, 1 if len(group) > 1 else 0):
            names = decorators(function, place, reader)
            if PROPERTIES & set(names):
                properties[function.name] = _property(node, function, place, reader, owner)
                continue
            read = read_function(
                function, place, reader, owner=owner, binding=binding_of(names), overload=number
            ) if _wanted(function.name) else None  # fmt: skip
            if read is None:
                continue
            if function.name == "__init__":
                constructors.append(read)
            elif function.name in ENTERING:
                enters[function.name] = _awaited(read)
            else:
                methods.append(read)
    for field in _attributes(node, place, kinds, reader, owner):
        properties.setdefault(field.name, field)
    base = _base(definition, kinds)
    if not constructors and base is None:
        made = _constructor_of_fields(definition, kinds, reader, list(properties.values()))
        constructors = [made or _plain_constructor(node)]
    return model.Class(
        module=definition.source.name,
        name=owner,
        constructors=tuple(constructors or _inherited_constructors(base, kinds, reader)),
        methods=tuple(methods),
        properties=tuple(properties.values()),
        doc=docstring(node),
        line=node.lineno,
        enters=enters.get("__enter__"),
        enters_async=enters.get("__aenter__"),
        base=base,
    )


def binding_of(names: list[str]) -> Binding:
    """The kind of method that the decorators make."""
    if "staticmethod" in names:
        return "staticmethod"
    return "classmethod" if "classmethod" in names else "method"


def _wanted(name: str) -> bool:
    return is_public(name) or name in SPECIAL or name in ("__init__", *ENTERING)


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
            wrapper = kinds.resolver.called(statement.annotation, place)
            if is_public(name) and wrapper != "dataclasses.InitVar":
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
                wrapper = kinds.resolver.called(statement.annotation, place)
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


def _inherited_constructors(
    base: model.Named | None, kinds: Kinds, reader: HintReader
) -> tuple[Function, ...]:
    if base is None:
        return ()
    return read_class(kinds.definitions[base], kinds, reader).constructors


def _plain_constructor(node: ast.ClassDef) -> Function:
    return model.Function(
        "__init__", (), model.Plain("None"), "", node.lineno, f"{node.name}()", binding="method"
    )


def _constructor_of_fields(
    definition: Definition, kinds: Kinds, reader: HintReader, fields: list[Field]
) -> Function | None:
    """The constructor that the decorator of a dataclass generates, if the class is not a record."""
    node = definition.node
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - the caller asked
    place = kinds.place(definition)
    names = [kinds.resolver.called(item, place) for item in node.decorator_list]
    if "dataclasses.dataclass" not in names:
        return None
    known = {field.name: field for field in fields}
    parameters = []
    for statement in statements(node.body):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = statement.target.id
        wrapper = kinds.resolver.called(statement.annotation, place)
        if wrapper == "typing.ClassVar":
            continue
        hint = known[name].hint if name in known else None
        if hint is None:  # an InitVar is a parameter, but not an attribute
            subject = f"{node.name}.{name}"
            here = replace(place, within=())
            hint = reader.read(statement.annotation, here, subject, statement.lineno)
        default = ast.unparse(statement.value) if statement.value is not None else None
        parameters.append(model.Parameter(name, "either", hint, statement.lineno, default))
    text = f"{node.name}({', '.join(parameter.name for parameter in parameters)})"
    return model.Function(
        "__init__", tuple(parameters), model.Plain("None"), "", node.lineno, text, binding="method"
    )
