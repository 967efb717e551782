"""The text of a header.

It depends only on the module and on holdfast's version, and formatters are told to leave it alone,
so it is the same on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.codegen.classes import write_class, write_class_bodies
from pyholdfast.codegen.comparability import find_orders
from pyholdfast.codegen.context import Context
from pyholdfast.codegen.declaration_order import Group, groups, named_of
from pyholdfast.codegen.functions import NAMESPACES, constants_of, names_of, write_functions
from pyholdfast.codegen.mapping import class_name, headers_of, standard_headers_of
from pyholdfast.codegen.member_names import MemberNames, hidden_names
from pyholdfast.codegen.naming import comment, identifier, namespace, text_literal, whole_literal
from pyholdfast.codegen.records import (
    write_comparison,
    write_enumeration,
    write_enumeration_traits,
    write_literal,
    write_record,
    write_record_traits,
)
from pyholdfast.codegen.recursive_aliases import write_alias, write_alias_comparison
from pyholdfast.hints import model

if TYPE_CHECKING:
    from pyholdfast.hints.model import Declaration

__all__ = ["FORMAT", "Header", "write_header"]

# Incremented when an older header would no longer compile, or would have another meaning.
FORMAT = 1
OTHER_VERSION = '"made for another version of holdfast: run holdfast bind again"'
CONSTANTS = {bool: "bool", int: "std::int64_t", float: "double", str: "std::string_view"}


class Header:
    """A header's text, the hints without a C++ equivalent, and the files that were read.

    Attributes:
        typed: number of parameters, results and fields with a C++ type.
        hints: number of all parameters, results and fields.
        fallback: what the others are taken as.
    """

    fallback = "an object"

    def __init__(
        self,
        text: str,
        problems: Sequence[model.Problem],
        files: Sequence[Path],
        counts: tuple[int, int],
    ) -> None:
        """Keep all parts; sort the problems by line."""
        self.text = text
        self.files = list(files)
        self.typed, self.hints = counts
        self.problems = sorted(problems, key=lambda item: (item.file, item.line, item.subject))


def write_header(module: model.Module, path: Path) -> Header:
    """The header for a module that was read from the file `path`."""
    context = Context(module, path)
    context.mapper.hidden = hidden_names(module)
    find_orders(module.types, context.mapper)
    ordered = groups(module.types, context.mapper)
    # Written twice: the first part depends on literals that are found later.
    list(_body(context, ordered))
    body = "\n".join(_body(context, ordered))
    lines = [
        f"// {path.name}, for C++: made by `holdfast bind`. Edits are lost.",
        *(["//", *comment(module.doc, mark="//")] if module.doc else []),
        "#pragma once",
        "",
        "// clang-format off",
        "",
        *_includes(body),
        "",
        f"static_assert(HOLDFAST_BOUND_FORMAT == {FORMAT}, {OTHER_VERSION});",
        "",
        body,
        "// clang-format on",
        "",
    ]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    counts = sum(context.seen.values()), len(context.seen)
    files = list(module.places.values())
    problems = [*module.problems, *context.problems, *_of_one_name(context)]
    return Header(text, problems, files, counts)


def _of_one_name(context: Context) -> Iterator[model.Problem]:
    """Types that would be one in C++. They are not renamed: other headers have them, too."""
    known: dict[tuple[str, str], model.Named] = {}
    for declaration in context.module.types:
        named = named_of(declaration)
        name = class_name(named)
        other = known.setdefault((declaration.module, name), named)
        if other != named or name in NAMESPACES:
            file = str(context.module.places.get(declaration.module, context.path))
            what = (
                "something else in every header" if name in NAMESPACES else f"also '{other.name}'"
            )
            reason = f"in C++, '{name}' is {what}"
            yield model.Problem(file, declaration.line, declaration.name, "", reason, "HF517")


def _includes(body: str) -> list[str]:
    ours = {"calls/binding_check.hpp", "calls/function.hpp", *headers_of(body)}
    tokens = {
        "holdfast::record<": "calls/record.hpp",
        "holdfast::recursive<": "calls/recursive.hpp",
        "holdfast::boxed<": "calls/record.hpp",
        "holdfast::enumeration<": "calls/enumeration.hpp",
        "holdfast::literal<": "calls/enumeration.hpp",
        "holdfast::handle": "calls/handle.hpp",
        "holdfast::exception_class": "calls/handle.hpp",
        "holdfast::variadic_function<": "calls/variadic.hpp",
        "holdfast::variadic_method<": "calls/variadic.hpp",
    }
    ours |= {header for token, header in tokens.items() if token in body}
    theirs = standard_headers_of(body)
    return [
        *(f"#include <holdfast/{name}>" for name in sorted(ours)),
        *(["", *(f"#include <{name}>" for name in sorted(theirs))] if theirs else []),
    ]


def _body(context: Context, ordered: list[Group]) -> Iterator[str]:
    module = context.module
    space = namespace(module.name)
    yield from _declared(module)
    for hint, name in sorted(context.mapper.literals.items(), key=lambda item: item[1]):
        macro = _macro(hint.module, name)
        version = f"0x{hashlib.sha256(repr(hint.values).encode()).hexdigest()[:16]}"
        yield from ("", f"#ifndef {macro}", f"#define {macro} {version}")
        yield from (*write_literal(hint, name), *_otherwise(macro, version, hint.module, name))
    for group in ordered:
        yield ""
        yield from _group(group, context)
    yield from _alias_comparisons(context)
    # Outside the types' guards: another header with the same types lacks the methods of records.
    lines = [
        line
        for item in constants_of(module)
        if item.is_free
        for line in context.expectation_line(module.name, item.path, item.functions[0].text)
    ]
    if lines:
        yield from ("", f"namespace {space}::expected_ {{", *lines)
        yield f"}}  // namespace {space}::expected_"
    yield from ("", f"namespace {space} {{")
    yield from _constants(module)
    yield from _exceptions(module)
    yield from write_functions(context)
    yield from ("", f"}}  // namespace {space}")
    for group in ordered:
        for declaration in group.members:
            if isinstance(declaration, model.Class):
                macro = f"{_macro(declaration.module, declaration.name)}_CALLS"
                yield from ("", f"#ifndef {macro}", f"#define {macro}")
                with context.within(declaration.module):
                    yield from write_class_bodies(declaration, context)
                yield "#endif"


def _alias_comparisons(context: Context) -> Iterator[str]:
    """After all types: to compare two maps, the compiler needs their value types complete."""
    for declaration in context.module.types:
        if isinstance(declaration, model.Alias) and named_of(declaration) in context.mapper.equal:
            space = namespace(declaration.module)
            macro = f"{_macro(declaration.module, declaration.name)}_EQUAL"
            yield from ("", f"#ifndef {macro}", f"#define {macro}", f"namespace {space} {{")
            yield from write_alias_comparison(declaration)
            yield from (f"}}  // namespace {space}", "#endif")


def _macro(module: str, name: str) -> str:
    return f"HOLDFAST_BOUND_{identifier(module)}_{identifier(name)}"


def _declared(module: model.Module) -> Iterator[str]:
    """Forward declarations, by namespace."""
    by_module: dict[str, list[str]] = {}
    for declaration in module.types:
        if isinstance(declaration, model.Enumeration):
            continue
        word = "class" if isinstance(declaration, model.Class) else "struct"
        name = class_name(named_of(declaration))
        by_module.setdefault(declaration.module, []).append(f"{word} {name};")
    for name, lines in sorted(by_module.items()):
        yield from ("", f"namespace {namespace(name)} {{", *sorted(lines))
        yield f"}}  // namespace {namespace(name)}"


def _group(group: Group, context: Context) -> Iterator[str]:
    """Types that are defined together, once in a program even if several headers contain them."""
    first = group.members[0]
    macro = _macro(first.module, class_name(named_of(first)))
    numbers = [context.module.hashes.get((item.module, item.name), "") for item in group.members]
    version = f"0x{numbers[0] or '1'}"
    yield f"#ifndef {macro}"
    yield f"#define {macro} {version}"
    context.mapper.boxed = group.boxed
    for index, declaration in enumerate(group.members, 1):
        context.mapper.incomplete = frozenset(map(named_of, group.members[index:]))
        # The group belongs to the module that defines it, whichever header contains it.
        with context.within(declaration.module):
            yield from _definition(declaration, context, alone=len(group.members) == 1)
    for declaration in group.members:
        with context.within(declaration.module):
            yield from _traits(declaration, context, alone=len(group.members) == 1)
    context.mapper.boxed = frozenset()
    yield from _otherwise(macro, version, first.module, first.name)


def _otherwise(macro: str, version: str, module: str, name: str) -> Iterator[str]:
    """The end of what is defined once in a program: all headers must have the same."""
    name = f"{module}.{name}"
    yield f"#elif {macro} != {version}"
    yield f'#error "{name} has changed between two headers: run holdfast bind again for both"'
    yield "#endif"


def _definition(declaration: Declaration, context: Context, *, alone: bool) -> Iterator[str]:
    space = namespace(declaration.module)
    signatures = context.expectation_line(
        declaration.module,
        declaration.name,
        f"class {declaration.name}",
        class_name(named_of(declaration)),
    )
    if isinstance(declaration, model.Alias):
        signatures = []  # no name of these is looked up at run time
    if isinstance(declaration, model.Class):
        names = MemberNames(declaration)
        for function in declaration.methods:
            name = f"{declaration.name}.{function.name}"
            if function.overload <= 1:
                made = names.expected[function.name]
                signatures += context.expectation_line(
                    declaration.module, name, function.text, made
                )
    if signatures:
        yield from ("", f"namespace {space}::expected_ {{", *signatures)
        yield f"}}  // namespace {space}::expected_"
    yield from ("", f"namespace {space} {{")
    if isinstance(declaration, model.Record):
        yield from write_record(declaration, context)
        # Types that contain each other can be compared only after all of them are defined.
        if alone and (comparison := list(write_comparison(declaration, context))):
            yield from ("", *comparison)
    elif isinstance(declaration, model.Alias):
        yield from write_alias(declaration, context)
    elif isinstance(declaration, model.Enumeration):
        yield from write_enumeration(declaration)
    else:
        yield from write_class(declaration, context)
    yield f"}}  // namespace {space}"
    yield ""


def _traits(declaration: Declaration, context: Context, *, alone: bool) -> Iterator[str]:
    space = namespace(declaration.module)
    if isinstance(declaration, model.Record):
        comparison = [] if alone else list(write_comparison(declaration, context))
        if comparison:
            yield from (f"namespace {space} {{", *comparison, f"}}  // namespace {space}", "")
        yield from write_record_traits(declaration, context)
    elif isinstance(declaration, model.Enumeration):
        yield from write_enumeration_traits(declaration, context)


def _constants(module: model.Module) -> Iterator[str]:
    made = names_of(module)
    for item in module.constants:
        value = whole_literal(item.value, "std::string_view")
        if value is not None:
            yield f"inline constexpr {CONSTANTS[type(item.value)]} {made[item.name]} = {value};"


def _exceptions(module: model.Module) -> Iterator[str]:
    made = names_of(module)
    for item in module.exceptions:
        yield ""
        yield from comment(item.doc)
        names = f"{text_literal(module.name)}, {text_literal(item.name)}"
        yield f"inline const holdfast::exception_class {made[item.name]}{{{names}}};"
