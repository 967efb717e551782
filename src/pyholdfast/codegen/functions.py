"""Functions: the signature in C++, and the constant that calls Python."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from pyholdfast.codegen.context import WIDTH, listed, wrapped
from pyholdfast.codegen.declaration_order import named_of
from pyholdfast.codegen.mapping import class_name
from pyholdfast.codegen.naming import comment, identifier, text_literal, unique
from pyholdfast.hints import model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyholdfast.codegen.context import Context
    from pyholdfast.codegen.mapping import Direction
    from pyholdfast.hints.model import Function, Parameter

__all__ = [
    "NAMESPACES",
    "Signature",
    "Taken",
    "Written",
    "alternatives",
    "constant",
    "constants_of",
    "definition",
    "described",
    "names_of",
    "parts",
    "signature_of",
    "write_functions",
]

# In the namespace of every module; see classes.py and emit.py.
NAMESPACES = frozenset({"calls_", "expected_"})
ORDER = {"positional": 0, "either": 0, "args": 1, "keyword": 2, "kwargs": 3}


@dataclass(frozen=True, slots=True)
class Taken:
    """A parameter in C++.

    Attributes:
        name: as in Python.
        text: its type in a signature.
        may_be_left_out: whether callers may omit it.
        waits: whether its type is incomplete where it is declared, so that it cannot have a default.
    """

    name: str
    text: str
    may_be_left_out: bool
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """A function in C++.

    Attributes:
        taken: the parameters in the order of C++.
        named: those at the end, which are passed by name.
        variadic: whether it takes ``*args`` or ``**kwargs``.
    """

    result: str
    taken: tuple[Taken, ...]
    named: tuple[str, ...]
    variadic: bool

    @property
    def types(self) -> list[str]:
        """The types of the parameters."""
        return [item.text for item in self.taken]


def signature_of(
    function: Function, context: Context, owner: str = "", among: Sequence[Function] = ()
) -> Signature:
    """The signature in C++; `among` are the overloads that the function is one of, if any."""
    shown = f"{owner}.{function.name}" if owner else function.name
    ordered = sorted(
        function.parameters,
        # Among parameters that are passed by name anyway, required ones come first.
        key=lambda item: (ORDER[item.kind], item.kind == "keyword" and item.default is not None),
    )
    exact = len(_number_kinds(among, context)) > 1
    taken = tuple(
        _taken(item, context, f"{shown}() parameter '{item.name}'", function.module, exact=exact)
        for item in ordered
    )
    variadic = any(item.kind in ("args", "kwargs") for item in ordered)
    result = context.cpp(
        function.result, "result", f"{shown}() result", function.line, function.module
    )
    if function.is_async:
        inner = "void"
        if function.result != model.Plain("None"):
            inner = context.mapper.map(function.result, "inside").text
        result = f"holdfast::task<{inner}>"
    return Signature(result, taken, _named(ordered), variadic)


def _number_kinds(functions: Sequence[Function], context: Context) -> set[str]:
    """The kinds of numbers that the overloads take, which C++ would convert into each other."""
    hints = (parameter.hint for function in functions for parameter in function.parameters)
    return {_number_kind(context.mapper.map(hint, "argument").text) for hint in hints} - {""}


def _number_kind(text: str) -> str:
    """``bool``, ``int``, ``float``, or nothing.

    >>> _number_kind("std::uint8_t"), _number_kind("double"), _number_kind("std::string")
    ('int', 'float', '')
    """
    if text == "bool":
        return "bool"
    if text in ("double", "float"):
        return "float"
    return "int" if re.fullmatch(r"std::u?int\d+_t", text) else ""


def _taken(
    parameter: Parameter, context: Context, subject: str, module: str, *, exact: bool
) -> Taken:
    inside = parameter.kind in ("args", "kwargs")
    direction: Direction = "inside" if inside else "argument"
    text = context.cpp(parameter.hint, direction, subject, parameter.line, module)
    if exact and not inside and _number_kind(text):
        text = f"holdfast::exact<{text}>"
    if parameter.kind == "args":
        return Taken(parameter.name, f"holdfast::args<{text}>", may_be_left_out=True)
    if parameter.kind == "kwargs":
        return Taken(parameter.name, f"holdfast::kwargs<{text}>", may_be_left_out=True)
    if parameter.default is not None:
        waits = not context.mapper.incomplete.isdisjoint(
            context.mapper.map(parameter.hint, direction).whole
        )
        return Taken(
            parameter.name, f"holdfast::defaulted<{text}>", may_be_left_out=True, waits=waits
        )
    return Taken(parameter.name, text, may_be_left_out=False)


def _named(ordered: Sequence[Parameter]) -> tuple[str, ...]:
    """The parameters from the first one that is passed by name.

    Passed by name are those that Python only takes by name, and those after a parameter that may be
    left out, so that there is no gap.
    """
    plain = [item for item in ordered if item.kind not in ("args", "kwargs")]
    if any(item.kind == "args" for item in ordered):
        return tuple(item.name for item in plain if item.kind == "keyword")
    for index, item in enumerate(plain):
        by_name = item.kind == "keyword" or (item.kind == "either" and item.default is not None)
        if by_name:
            return tuple(later.name for later in plain[index:])
    return ()


def constant(
    kind: str, signature: Signature, module: str, path: str, expected: str
) -> tuple[str, str]:
    """The type and the initialiser of a function's constant."""
    prefix = "variadic_" if signature.variadic else ""
    kind = f"holdfast::{prefix}{kind}<{signature.result}({', '.join(signature.types)})>"
    values = [text_literal(module), text_literal(path)]
    if signature.named:
        values.append(listed([text_literal(name) for name in signature.named]))
    if expected:
        values.append(expected)
    return kind, listed(values)


def described(function: Function, indent: str = "") -> list[str]:
    """The docstring and the Python signature, as a comment."""
    doc = comment(function.doc, indent)
    if not doc:
        return comment(function.text, indent)
    return [*doc, f"{indent}///", *comment(f"    {function.text}", indent, keep_indent=True)]


@dataclass(frozen=True, slots=True)
class Written:
    """A function, or its overloads, as one constant.

    Attributes:
        path: dotted, as in Python.
        functions: the overloads, in their order.
        owner: the record that it is a method of, if any.
        name: in C++.
        is_free: nothing before it in the module has that name.
    """

    path: str
    functions: list[Function]
    owner: model.Record | None
    name: str
    is_free: bool


def names_of(module: model.Module) -> dict[str, str]:
    """The C++ names of the constants and exceptions; a type of the module keeps its name."""
    constants = (item.name for item in module.constants)
    exceptions = (item.name for item in module.exceptions)
    return unique([*constants, *exceptions], {*_types_of(module), *NAMESPACES})


def _types_of(module: model.Module) -> set[str]:
    return {class_name(named_of(item)) for item in module.types if item.module == module.name}


def constants_of(module: model.Module) -> Iterator[Written]:
    """All functions of a module, then the methods of its records.

    The dot in a method's name becomes an underscore, so two Python names may become the same C++
    name, which then belongs to the first one.
    """
    own = [item for item in module.types if item.module == module.name]
    names = {*_types_of(module), *names_of(module).values(), *NAMESPACES}
    records = [item for item in own if isinstance(item, model.Record)]
    for owner, functions in [(None, module.functions), *((item, item.methods) for item in records)]:
        for name, group in groupby(functions, key=lambda function: function.name):
            path = f"{owner.name}.{name}" if owner else name
            made = identifier(path)
            yield Written(path, list(group), owner, made, made not in names)
            names.add(made)


def write_functions(context: Context) -> Iterator[str]:
    """The constants; records functions whose name is taken."""
    for item in constants_of(context.module):
        if not item.is_free:
            where = "every header" if item.name in NAMESPACES else "the module"
            reason = f"'{item.name}' is something else in {where}"
            context.note(f"{item.path}()", item.functions[0].line, "", reason, left_out=True)
            continue
        same = item.functions
        if item.owner:
            same = [_with_self(function, item.owner) for function in same]
        owner = item.owner.name if item.owner else ""
        yield ""
        if len(same) == 1:
            yield from _one(same[0], item, context, owner)
        else:
            yield from _overloads(same, item, context, owner)


def _with_self(function: Function, record: model.Record) -> Function:
    """A method as a function that takes the record, which is what its class attribute is."""
    if function.binding != "method":
        return function
    named = model.Named(record.module, record.name, record.arguments)
    myself = model.Parameter("self", "positional", named, function.line)
    return replace(function, parameters=(myself, *function.parameters))


def _one(function: Function, item: Written, context: Context, owner: str) -> Iterator[str]:
    module = context.module.name
    expected = context.expectation(module, item.path)
    signature = signature_of(function, context, owner)
    kind, values = constant("function", signature, module, item.path, expected)
    yield from described(function)
    yield from definition(f"inline const {kind}", f"{item.name}{values};")


def definition(kind: str, rest: str, indent: str = "") -> list[str]:
    """A variable's definition, on one line or two."""
    whole = f"{indent}{kind} {rest}"
    if len(whole) <= WIDTH:
        return [whole]
    head, opened, arguments = kind.partition("(")
    lines = [f"{indent}{kind}"]
    if len(lines[0]) > WIDTH and opened:
        items = parts(arguments.removesuffix(")>"))
        lines = wrapped(f"{head}(", items, ")>", indent)
    return [*lines, f"{indent}    {rest}"]


def parts(text: str) -> list[str]:
    """The parts between the outermost commas.

    >>> parts("int, std::map<int, bool>, holdfast::args<int>")
    ['int', 'std::map<int, bool>', 'holdfast::args<int>']
    """
    found, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            found.append(text[start:index])
            start = index + 2
    return [*found, text[start:]]


def alternatives(
    functions: Sequence[Function], context: Context, owner: str = ""
) -> list[tuple[Function, Signature]]:
    """The overloads that C++ can tell apart, in order; records the others."""
    name = f"{owner}.{functions[0].name}" if owner else functions[0].name
    found: list[tuple[Function, Signature]] = []
    for function in functions:
        signature = signature_of(function, context, owner, among=functions)
        if signature.variadic:
            reason = "an overload cannot be variadic"
        elif any(signature.types == other.types for _, other in found):
            reason = "to C++ it is the same as an earlier one"
        else:
            found.append((function, signature))
            continue
        context.note(
            f"{name}()", function.line, function.text, reason, function.module, left_out=True
        )
    return found


def _overloads(
    functions: Sequence[Function], item: Written, context: Context, owner: str
) -> Iterator[str]:
    module = context.module.name
    expected = context.expectation(module, item.path)
    found = alternatives(functions, context, owner)
    if not found:
        return
    lines: list[str] = []
    for function, signature in found:
        kind, values = constant("function", signature, module, item.path, expected)
        lines += [f"    // {function.text}", f"    {kind}{values},"]
    lines[-1] = lines[-1].removesuffix(",") + "};"
    yield from comment(functions[0].doc) or [f"/// One of {len(found)} signatures."]
    yield f"inline const holdfast::overloads {item.name}{{"
    yield from lines
