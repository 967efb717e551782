"""Structs for records, enums for enumerations and literals, and their conversion traits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.codegen.context import wrapped
from pyholdfast.codegen.declaration_order import named_of
from pyholdfast.codegen.mapping import class_name
from pyholdfast.codegen.naming import (
    comment,
    free_name,
    identifier,
    literal,
    namespace,
    text_literal,
    unique,
    whole_literal,
)
from pyholdfast.hints import model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyholdfast.codegen.context import Context
    from pyholdfast.hints.model import Enumeration, Field, Record

__all__ = [
    "write_comparison",
    "write_enumeration",
    "write_enumeration_traits",
    "write_literal",
    "write_record",
    "write_record_traits",
]

INTEGERS = frozenset(f"std::{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64))
NUMBERS = frozenset({"double", "float"})
SCALARS = frozenset({"bool", *NUMBERS, *INTEGERS})
CONTAINERS = ("std::vector<", "std::map<", "std::set<", "holdfast::variadic_tuple<",
              "holdfast::frozen_set<")  # fmt: skip
PARENTS = {"dataclass": "dataclass", "namedtuple": "named_tuple", "typeddict": "typed_dict"}


def write_record(record: Record, context: Context) -> Iterator[str]:
    """The struct."""
    yield from comment(record.doc)
    yield f"struct {class_name(named_of(record))} {{"
    names = field_names(record)
    for field in record.fields:
        member = _member(record, field, context)
        yield from comment(field.doc, "    ")
        if member.visited == "each.defaulted":
            yield "    /// Empty: Python's default."
        yield f"    {member.text} {names[field.name]}{member.initialiser};"
    yield "};"


@dataclass(frozen=True, slots=True)
class _Member:
    """A field as a member of a struct.

    Attributes:
        visited: the call of the record's visitor for it.
    """

    text: str
    initialiser: str
    visited: str


def _member(record: Record, field: Field, context: Context) -> _Member:
    subject = f"{record.name}.{field.name}"
    text = context.cpp(field.hint, "inside", subject, field.line, field.module)
    # In a struct, the name of a field hides a type of the same name.
    space = namespace(context.mapper.module)
    for name in field_names(record).values():
        text = re.sub(rf"(?<![:\w]){name}(?!\w)", f"::{space}::{name}", text)
    if not field.required:
        return _Member(f"std::optional<{text}>", "", "each.optional")
    if field.computed:
        return _Member(text, "{}" if text in SCALARS else "", "each.computed")
    if not field.has_default:
        return _Member(text, "{}" if text in SCALARS else "", "each")
    if field.empty_default and text.startswith(CONTAINERS):
        return _Member(text, "{}", "each")
    value = _default(field, text, context)
    if value is not None:
        return _Member(text, value, "each")
    # Only Python knows this default: if C++ gives no value, the field is left out.
    return _Member(f"std::optional<{text}>", "", "each.defaulted")


def _default(field: Field, text: str, context: Context) -> str | None:
    """The initialiser that is equivalent to Python's default; None if there is none."""
    if field.member_default:
        return f" = {text}::{_enumerator(field, context)}"
    if not field.literal_default:
        return None
    if field.default is None:
        return "{}" if text.startswith(("std::optional<", "holdfast::boxed<")) else None
    inner = text.removeprefix("std::optional<").removesuffix(">")
    value = whole_literal(field.default, "std::string")
    wanted = {bool: {"bool"}, int: INTEGERS | NUMBERS, float: NUMBERS, str: {"std::string"}}
    fits = inner in wanted.get(type(field.default), ())
    return f" = {value}" if fits and value is not None else None


def field_names(record: Record) -> dict[str, str]:
    """The names of the members, by those of the fields."""
    return unique(field.name for field in record.fields)


def _enumerator(field: Field, context: Context) -> str:
    """The name of the enumeration's member that is the default of a field."""
    for item in context.module.types:
        if isinstance(item, model.Enumeration) and field.hint == model.Named(
            item.module, item.name
        ):
            made = unique(member for member, _ in item.members)
            return made.get(field.member_default, identifier(field.member_default))
    return identifier(field.member_default)


def write_record_traits(record: Record, context: Context) -> Iterator[str]:
    """The traits that convert the struct to and from Python."""
    name = f"::{namespace(record.module)}::{class_name(named_of(record))}"
    shown = [text_literal(field.name) for field in record.fields] or ["nullptr"]
    yield "template <>"
    yield f"struct holdfast::record<{name}> : holdfast::{PARENTS[record.kind]} {{"
    yield f"    static constexpr const char *module = {text_literal(record.module)};"
    yield f"    static constexpr const char *name = {text_literal(record.name)};"
    yield from wrapped("static constexpr const char *fields[] = {", shown, "};", "    ")
    expected = context.expectation(record.module, record.name, class_name(named_of(record)))
    if expected and record.kind != "typeddict":
        yield f"    static constexpr const holdfast::detail::expectation *expected = {expected};"
    yield "    template <class Record, class Visitor>"
    if record.fields:
        yield "    static void visit(Record &value, Visitor &each) {"
    else:
        yield "    static void visit(Record &, Visitor &) {"
    names = field_names(record)
    for field in record.fields:
        way = _member(record, field, context).visited
        yield f"        {way}(value.{names[field.name]});"
    yield "    }"
    yield "};"


def write_comparison(record: Record, context: Context) -> Iterator[str]:
    """Equality if all fields have it, and likewise the order that sets and keys need."""
    named = named_of(record)
    if named not in context.mapper.equal:
        return
    name = class_name(named)
    left, right = (
        ", ".join(f"{side}.{member}" for member in field_names(record).values()) for side in "ab"
    )
    operators = ["==", "<"] if named in context.mapper.sorted else ["=="]
    for operator in operators:
        if not record.fields:
            yield f"inline bool operator{operator}(const {name} &, const {name} &) {{"
            yield f"    return {'true' if operator == '==' else 'false'};"
        else:
            yield f"inline bool operator{operator}(const {name} &a, const {name} &b) {{"
            yield f"    return std::tie({left}) {operator} std::tie({right});"
        yield "}"
    yield f"inline bool operator!=(const {name} &a, const {name} &b) {{"
    yield "    return !(a == b);"
    yield "}"


def write_enumeration(declaration: Enumeration) -> Iterator[str]:
    """The enum class; with Python's numbers if they matter."""
    numbered = declaration.base in ("IntEnum", "Flag", "IntFlag") and all(
        isinstance(value, int) and literal(value) for _, value in declaration.members
    )
    name = identifier(declaration.name)
    yield from comment(declaration.doc)
    yield f"enum class {name} : std::int64_t {{" if numbered else f"enum class {name} {{"
    names = unique(member for member, _ in declaration.members)
    for member, value in declaration.members:
        number = f" = {literal(value)}" if numbered else ""
        yield f"    {names[member]}{number},"
    yield "};"
    if declaration.base in ("Flag", "IntFlag"):
        for operator in "|&^":
            yield f"constexpr {name} operator{operator}({name} a, {name} b) noexcept {{"
            left, right = (f"static_cast<std::int64_t>({side})" for side in "ab")
            yield f"    return static_cast<{name}>({left} {operator} {right});"
            yield "}"


def write_enumeration_traits(declaration: Enumeration, context: Context) -> Iterator[str]:
    """The traits that convert the enum to and from Python."""
    name = f"::{namespace(declaration.module)}::{identifier(declaration.name)}"
    texts = [text_literal(member) for member, _ in declaration.members]
    names = unique(member for member, _ in declaration.members)
    values = [f"{name}::{names[member]}" for member, _ in declaration.members]
    flag = "true" if declaration.base in ("Flag", "IntFlag") else "false"
    yield "template <>"
    yield f"struct holdfast::enumeration<{name}> {{"
    yield f"    static constexpr const char *module = {text_literal(declaration.module)};"
    yield f"    static constexpr const char *name = {text_literal(declaration.name)};"
    yield from wrapped("static constexpr const char *members[] = {", texts, "};", "    ")
    yield from wrapped(f"static constexpr {name} values[] = {{", values, "};", "    ")
    yield f"    static constexpr bool is_flag = {flag};"
    if expected := context.expectation(declaration.module, declaration.name):
        yield f"    static constexpr const holdfast::detail::expectation *expected = {expected};"
    yield "};"


def write_literal(hint: model.LiteralOf, name: str) -> Iterator[str]:
    """The enum class of a ``Literal`` and its traits, at file scope."""
    space = namespace(hint.module)
    whole = f"::{space}::{name}"
    members = _member_names(hint.values)
    texts = [literal(value) or "nullptr" for value in hint.values]
    values = [f"{whole}::{member}" for member in members]
    yield f"namespace {space} {{"
    yield f"/// Literal[{', '.join(repr(value) for value in hint.values)}]"
    yield from wrapped(f"enum class {name} {{", members, "};")
    yield f"}}  // namespace {space}"
    yield ""
    yield "template <>"
    yield f"struct holdfast::literal<{whole}> {{"
    yield from wrapped("static constexpr holdfast::literal_value texts[] = {", texts, "};", "    ")
    yield from wrapped(f"static constexpr {whole} values[] = {{", values, "};", "    ")
    yield "};"


def _member_names(values: Sequence[model.Value]) -> list[str]:
    """An enumerator for each value; one that is spelled like its text comes first.

    >>> _member_names(["a-b", "a_b", "+", "-"])
    ['a_b_', 'a_b', '_', '_2']
    """
    wanted = [_member_name(value) for value in values]
    made: dict[int, str] = {}
    for index in sorted(range(len(values)), key=lambda index: wanted[index] != values[index]):
        made[index] = free_name(wanted[index], made.values())
    return [made[index] for index in range(len(values))]


def _member_name(value: model.Value) -> str:
    """An enumerator for a value: ``fast``, ``value_5``, ``minus_1``, ``true_``, ``none``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true_" if value else "false_"
    if isinstance(value, int):
        return f"value_{value}" if value >= 0 else f"minus_{-value}"
    return identifier(str(value)) if value else "empty"
