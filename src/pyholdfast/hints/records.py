"""Reads the fields of dataclasses, NamedTuples and TypedDicts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pyholdfast.hints import model
from pyholdfast.hints.classes import PROPERTIES, binding_of
from pyholdfast.hints.functions import decorators, docstring, grouped, is_public, read_function
from pyholdfast.hints.lookup import Definition, Place, unquoted
from pyholdfast.hints.scope import statements

if TYPE_CHECKING:
    from pyholdfast.hints.class_kinds import Kinds
    from pyholdfast.hints.hint_errors import HintReader
    from pyholdfast.hints.model import Field, Hint

__all__ = ["read_record"]

EMPTY_FACTORIES = frozenset({"list", "dict", "set", "tuple", "frozenset", "str", "bytes"})
FALSE = "False"
RECORDS = ("dataclass", "namedtuple", "typeddict")


def read_record(
    named: model.Named,
    definition: Definition,
    kinds: Kinds,
    reader: HintReader,
    *,
    own: bool = False,
) -> model.Record:
    """A record, including the fields of the records that it derives from.

    Args:
        named: the record, with its arguments if it is generic.
        definition: where it is defined.
        kinds: classifies classes.
        reader: collects problems.
        own: whether it belongs to the module that is read; then its methods are included.
    """
    node = definition.node
    kind = kinds.kind(definition)
    fields = _fields(named, definition, kinds, reader)
    methods: list[model.Function] = []
    doc = ""
    if isinstance(node, ast.ClassDef):
        doc = docstring(node)
        if own:
            place = _place(named, definition, node, kinds)
            inside = replace(place, within=(*place.within, node))
            methods = list(_methods(node, definition.name, inside, reader))
    assert kind in ("dataclass", "namedtuple", "typeddict")  # noqa: S101 - the caller checked
    return model.Record(
        kind=kind,
        module=named.module,
        name=named.name,
        fields=tuple(fields.values()),
        doc=doc,
        line=node.lineno,
        arguments=named.arguments,
        methods=tuple(methods),
    )


def _fields(
    named: model.Named, definition: Definition, kinds: Kinds, reader: HintReader
) -> dict[str, Field]:
    node = definition.node
    if isinstance(node, ast.ClassDef):
        place = _place(named, definition, node, kinds)
        return _class_fields(node, definition, place, kinds, reader)
    place = kinds.place(definition)
    return {field.name: field for field in _call_fields(node, place, reader, definition.name)}


def _place(
    named: model.Named, definition: Definition, node: ast.ClassDef, kinds: Kinds
) -> Place:  # fmt: skip
    """The scope around a record, with the arguments of its type parameters."""
    place = kinds.place(definition)
    names = kinds.resolver.parameter_names(node, place)
    bound: dict[str, Hint] = dict.fromkeys(names, model.Plain("typing.Any"))
    bound.update(zip(names, named.arguments, strict=False))
    return replace(place, bound=bound, myself=named)


def _methods(
    node: ast.ClassDef, owner: str, place: Place, reader: HintReader
) -> Iterator[model.Function]:
    """The public methods; reports those that only Python can call."""
    for group in grouped(statements(node.body), place, reader):
        if not is_public(group[0].name):
            continue
        for number, function in enumerate(group, 1 if len(group) > 1 else 0):
            names = decorators(function, place, reader)
            if PROPERTIES & set(names):
                subject = f"{owner}.{function.name}"
                reason = "a property of a record stays in Python"
                reader.note(place, subject, function.lineno, "", reason, left_out=True)
                break
            yield read_function(
                function, place, reader, owner=owner, binding=binding_of(names), overload=number
            )


def _inherited_fields(
    node: ast.ClassDef, definition: Definition, place: Place, kinds: Kinds, reader: HintReader
) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for base, written in reversed(list(kinds.bases(definition))):
        if not isinstance(base, Definition):
            continue
        if kinds.kind(base) in RECORDS or kinds.has_dataclass_fields(base):
            arguments: tuple[Hint, ...] = ()
            if isinstance(written, ast.Subscript):
                hint = reader.read(written, place, definition.name, node.lineno)
                arguments = hint.arguments if isinstance(hint, model.Named) else ()
            inner = model.Named(base.source.name, base.name, arguments)
            fields.update(_fields(inner, base, kinds, reader))
    return fields


def _class_fields(
    node: ast.ClassDef, definition: Definition, place: Place, kinds: Kinds, reader: HintReader
) -> dict[str, Field]:
    fields = _inherited_fields(node, definition, place, kinds, reader)
    if kinds.kind(definition) not in RECORDS and not kinds.is_dataclass(definition):
        return fields  # hints without the decorator declare no fields
    total = not any(
        word.arg == "total" and ast.unparse(word.value) == FALSE for word in node.keywords
    )
    # A hint in a class sees the classes that are nested in that class.
    inside = replace(place, within=(*place.within, node))
    typed_dict = kinds.kind(definition) == "typeddict"
    body = list(statements(node.body))
    for index, statement in enumerate(body):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        wrapper = kinds.resolver.wrapper(statement.annotation, place)
        if wrapper in ("typing.ClassVar", "dataclasses.KW_ONLY"):
            continue
        name = statement.target.id
        subject = f"{definition.name}.{name}"
        hint = reader.read(statement.annotation, inside, subject, statement.lineno)
        field = model.Field(
            name, hint, statement.lineno, doc=_doc_after(body, index), module=place.source.name
        )
        if typed_dict:
            field = replace(field, required=_required(statement.annotation, place, kinds, total))
        elif statement.value is not None:
            field = _with_default(field, statement.value, place, kinds)
        fields[name] = field
    return fields


def _doc_after(body: list[ast.stmt], index: int) -> str:
    """The docstring of a field: a string on the line after it."""
    following = body[index + 1] if index + 1 < len(body) else None
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        value = following.value.value
        return " ".join(value.split()) if isinstance(value, str) else ""
    return ""


def _required(annotation: ast.expr, place: Place, kinds: Kinds, total: bool) -> bool:
    """Whether a TypedDict's key is required."""
    annotation = unquoted(annotation)
    while isinstance(annotation, ast.Subscript):
        wrapper = kinds.resolver.called(annotation, place)
        if wrapper in ("typing.Required", "typing.NotRequired"):
            return wrapper == "typing.Required"
        if wrapper not in ("typing.ReadOnly", "typing.Annotated"):
            break
        annotation = annotation.slice
        annotation = annotation.elts[0] if isinstance(annotation, ast.Tuple) else annotation
    return total


def _with_default(field: Field, value: ast.expr, place: Place, kinds: Kinds) -> Field:
    if isinstance(value, ast.Call) and kinds.resolver.called(value, place) == "dataclasses.field":
        words = {word.arg: word.value for word in value.keywords}
        init = words.get("init")
        if isinstance(init, ast.Constant) and init.value is False:
            return replace(field, computed=True, has_default=True)
        if (factory := words.get("default_factory")) is not None:
            empty = kinds.resolver.called(factory, place) in EMPTY_FACTORIES
            return replace(field, has_default=True, empty_default=empty)
        if "default" not in words:
            return field
        value = words["default"]
    try:
        literal = ast.literal_eval(value)
    except ValueError:
        member = ""
        if isinstance(value, ast.Attribute) and isinstance(field.hint, model.Named):
            owner = kinds.resolver.called(value.value, place)
            same = owner == f"{field.hint.module}.{field.hint.name}"
            member = value.attr if same else ""
        return replace(field, has_default=True, member_default=member)
    if isinstance(literal, (list, tuple, dict, set)):
        return replace(field, has_default=True, empty_default=not literal)
    return replace(field, has_default=True, literal_default=True, default=literal)


def _call_fields(node: ast.stmt, place: Place, reader: HintReader, name: str) -> Iterator[Field]:
    """``NamedTuple("P", [("x", int)])``, ``TypedDict("T", {"x": int})``, ``namedtuple("P", "x y")``."""
    call = getattr(node, "value", None)
    if not isinstance(call, ast.Call) or len(call.args) < 2:  # noqa: PLR2004 - name and fields
        return
    content = call.args[1]
    total = not any(
        word.arg == "total" and ast.unparse(word.value) == FALSE for word in call.keywords
    )
    pairs: list[tuple[ast.expr | None, ast.expr | None]] = []
    if isinstance(content, ast.Dict):
        pairs = list(zip(content.keys, content.values, strict=True))
    elif isinstance(content, (ast.List, ast.Tuple)):
        for item in content.elts:
            whole = isinstance(item, ast.Tuple) and len(item.elts) == 2  # noqa: PLR2004 - a pair
            pairs.append((item.elts[0], item.elts[1]) if whole else (item, None))  # type: ignore[attr-defined]
    elif isinstance(content, ast.Constant) and isinstance(content.value, str):
        words = content.value.replace(",", " ").split()
        pairs = [(ast.Constant(word), None) for word in words]
    for key, annotation in pairs:
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            continue
        hint = reader.read(annotation, place, f"{name}.{key.value}", node.lineno)
        required = total
        if annotation is not None:
            required = _required_alone(annotation, place, reader, total)
        yield model.Field(key.value, hint, node.lineno, required=required, module=place.source.name)


def _required_alone(annotation: ast.expr, place: Place, reader: HintReader, total: bool) -> bool:
    wrapper = reader.resolver.wrapper(annotation, place)
    if wrapper in ("typing.Required", "typing.NotRequired"):
        return wrapper == "typing.Required"
    return total
