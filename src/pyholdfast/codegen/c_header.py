"""The text of a header for C: structs, and static inline functions that use only holdfast.h."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.codegen.c_prelude import PRELUDE
from pyholdfast.codegen.c_type_bodies import (
    class_member,
    define_types,
    write_bodies,
    write_statements,
)
from pyholdfast.codegen.c_types import CType, CTypes, c_name
from pyholdfast.codegen.emit import Header
from pyholdfast.codegen.naming import literal, text_literal
from pyholdfast.hints import model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyholdfast.hints.model import Function, Hint, Parameter

__all__ = ["write_c_header"]

# Names of a function's own variables, which no parameter may have.
LOCALS = frozenset(
    [
        "args",
        "count",
        "memory",
        "module",
        "named",
        "names",
        "parts",
        "result",
        "returned",
        "scope",
        "status",
    ]
)
STANDARD = ("stdbool.h", "stdint.h", "stdio.h", "stdlib.h", "string.h")


@dataclass(frozen=True, slots=True)
class Taken:
    """A parameter in C.

    Attributes:
        optional: NULL leaves it out, or is None.
        is_named: passed by name.
    """

    parameter: Parameter
    name: str
    type: CType
    optional: bool
    is_named: bool

    @property
    def text(self) -> str:
        """Its declaration."""
        its = self.type.inner or self.type
        if self.type.kind == "list":
            return f"{its.pointed(self.name)}, size_t {self.name}_count"
        if self.type.kind == "optional" and its.kind == "list":
            return f"{its.content.pointed(self.name)}, size_t {self.name}_count"
        if self.type.kind == "text":
            return f"const char *{self.name}"
        if self.optional or its.kind in ("record", "value"):
            return its.pointed(self.name)
        return its.declared(self.name)

    def statements(self, to: str, owner: str) -> list[str]:
        """Statements that put it into the hf_value `to`; it is not NULL if it is optional."""
        its = self.type
        if its.kind in ("optional", "pointer"):
            its = its.content
        if its.kind == "list":
            items = f"{self.name}, {self.name}_count"
            return [f"status = {owner}_write_{its.key}(module, {items}, &{to}, memory);"]
        if its.kind == "record":
            return [f"status = {owner}_write_{its.key}(module, {self.name}, &{to}, memory);"]
        is_value = its.kind == "text" or not (self.optional or its.kind == "value")
        return write_statements(its, self.name if is_value else f"*{self.name}", to, owner)


class _Writer:
    """Collects the functions of one header, and what is listed as not mapped."""

    def __init__(self, module: model.Module, path: Path) -> None:
        self.module = module
        self.path = path
        self.types = CTypes(module)
        self.owner = c_name(module.name)
        self.problems: list[model.Problem] = []
        self.seen: dict[tuple[int, str], bool] = {}
        self.functions: list[tuple[str, Function]] = []
        self._names: set[str] = set()

    def note(self, subject: str, line: int, hint: str, reason: str, *, left_out: bool) -> None:
        problem = model.Problem(str(self.path), line, subject, hint, reason, left_out=left_out)
        if problem not in self.problems:
            self.problems.append(problem)

    def type_of(self, hint: Hint, subject: str, line: int) -> CType:
        found, why = self.types.of(hint)
        self.seen[line, subject] = not why
        if why:
            self.note(subject, line, "", why, left_out=False)
        return found

    def collect(self) -> None:
        """Choose the functions that C gets; the others are listed."""
        self._names = self._taken_names()
        for function in self.module.functions:
            if function.is_async:
                self.note(
                    f"{function.name}()",
                    function.line,
                    "",
                    "it is a coroutine function",
                    left_out=True,
                )
                continue
            if any(item.kind in ("args", "kwargs") for item in function.parameters):
                why = "C has no *args and **kwargs: use hf_find()"
                self.note(f"{function.name}()", function.line, "", why, left_out=True)
                continue
            name = c_name(self.owner, function.name)
            while name in self._names:
                name += f"{function.overload}" if function.overload > 1 else "_"
            self._names.add(name)
            self.functions.append((name, function))
        for declaration in self.module.types:
            if declaration.module != self.module.name:
                continue
            if isinstance(declaration, model.Record):
                for item in declaration.fields:
                    self.type_of(item.hint, f"{declaration.name}.{item.name}", item.line)
                self._note_methods(declaration.name, declaration.methods)
            elif isinstance(declaration, model.Class):
                self._note_methods(declaration.name, declaration.methods)

    def _taken_names(self) -> set[str]:
        """What the header defines besides the functions."""
        for function in self.module.functions:
            for hint in (function.result, *(item.hint for item in function.parameters)):
                self.types.of(hint)
        made = [f"{self.owner}_module", *self.types.used]
        return {f"{name}{end}" for name in made for end in ("", "_find", "_free", "_read")}

    def _note_methods(self, owner: str, methods: Sequence[Function]) -> None:
        for method in methods:
            why = "methods are called by hf_object_function()"
            self.note(f"{owner}.{method.name}()", method.line, "", why, left_out=True)

    def taken(self, function: Function) -> list[Taken]:
        """The parameters, in Python's order."""
        found = []
        used = set(LOCALS)
        for item in function.parameters:
            subject = f"{function.name}() parameter '{item.name}'"
            its = self.type_of(item.hint, subject, item.line)
            is_named = item.kind == "keyword" or (
                item.kind == "either" and item.default is not None
            )
            may_be_null = its.kind in ("optional", "pointer") or its.key == "hf_bound_text_optional"
            optional = may_be_null or (is_named and item.default is not None)
            name = c_name(item.name)
            while used & {name, f"{name}_count"}:
                name += "_"
            used |= {name, f"{name}_count"}
            found.append(Taken(item, name, its, optional, is_named))
        return found


def write_c_header(module: model.Module, path: Path) -> Header:
    """The header for a module that was read from the file `path`."""
    writer = _Writer(module, path)
    writer.collect()
    functions = [_Function(name, function, writer) for name, function in writer.functions]
    written = _written(functions, writer.types)
    lines = [
        f"/* {path.name}, for C: made by `holdfast bind --language c`. Edits are lost.",
        *(_comment_line(line) for line in module.doc.strip().splitlines()),
        *_RULES,
        f"#ifndef HOLDFAST_BOUND_C_MODULE_{writer.owner}",
        f"#define HOLDFAST_BOUND_C_MODULE_{writer.owner} 1",
        "",
        "/* clang-format off */",
        "",
        "#include <holdfast/holdfast.h>",
        "",
        *(f"#include <{name}>" for name in STANDARD),
        "",
        *PRELUDE.splitlines(),
        *define_types(writer.types),
        *_constants(writer),
        *_module(functions, written, writer),
        "",
        *write_bodies(written, writer.types, writer.owner),
        *(line for one in functions for line in one.lines()),
        "",
        "/* clang-format on */",
        "",
        f"#endif /* HOLDFAST_BOUND_C_MODULE_{writer.owner} */",
        "",
    ]
    text = "\n".join(lines)
    counts = sum(writer.seen.values()), len(writer.seen)
    header = Header(
        text, [*module.problems, *writer.problems], list(module.places.values()), counts
    )
    header.fallback = "an hf_value"
    return header


_RULES = [
    " *",
    " * Arguments are only read. A result belongs to the caller, and is freed with the `..._free()` of its",
    " * type; numbers need none, an hf_value is cleared. `result` may be NULL. After a failure it is zero,",
    " * and hf_last_message() says why; a value of another type than the hint is a TypeError.",
    " * NULL for a parameter with a default leaves it out; for one that may be None, it is None. */",
]


def _comment_line(line: str) -> str:
    """A line of text within a comment."""
    shown = "".join(item if item.isprintable() else "?" for item in line.expandtabs().rstrip())
    shown = shown.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
    return f" * {shown}".rstrip()


def _constants(writer: _Writer) -> Iterator[str]:
    lines = []
    for item in writer.module.constants:
        value = literal(item.value)
        if value is None or item.value is None:
            continue
        if type(item.value) is int:
            value = value if value == "INT64_MIN" else f"INT64_C({value})"
        lines.append(f"#define {c_name(writer.owner, item.name)} {value}")
    if lines:
        yield from ("", *lines)


def _written(functions: list[_Function], types: CTypes) -> list[CType]:
    """The lists and records that are passed to Python, with what they contain."""
    found: list[CType] = []

    def visit(one: CType) -> None:
        if one in found:
            return
        if one.kind in ("list", "record"):
            found.append(one)
        if one.inner is not None:
            visit(one.inner)
        if one.record is not None:
            for item, _, inner in types.fields_of(one.record):
                if not item.computed:
                    visit(inner)

    for function in functions:
        for item in function.taken:
            visit(item.type)
    return found


def _module(functions: list[_Function], written: list[CType], writer: _Writer) -> Iterator[str]:
    """The struct with what was looked up, and the functions that find and free it."""
    owner = writer.owner
    rows = [(one.name, writer.module.name, one.function.name) for one in functions]
    rows += [
        (class_member(one), one.record.module, one.record.name)
        for one in written
        if one.record is not None
    ]
    yield from ("", "/* What is called, looked up once. Any number of threads may use it. */")
    yield "typedef struct {"
    yield "    hf_view view; /* of the interpreter that it belongs to */"
    yield from (f"    hf_function *{member};" for member, _, _ in rows)
    yield f"}} {owner}_module;"
    yield from ("", f"static inline void {owner}_module_free({owner}_module *module) {{")
    yield from (f"    hf_function_free(module->{member});" for member, _, _ in rows)
    yield "    memset(module, 0, sizeof *module);"
    yield "}"
    yield from (
        "",
        "/* Imports the module, in the interpreter that the thread is attached to, or else in the main one.",
        " * Free it when nobody calls it any more. After a failure there is nothing to free. */",
        f"static inline hf_status {owner}_module_find({owner}_module *module) {{",
        "    hf_scope scope;",
        "    hf_status status;",
        "    memset(module, 0, sizeof *module);",
        "    module->view = hf_attached() ? hf_current_view() : hf_main_view();",
        "    status = hf_attach(&scope, module->view);",
    )
    for member, place, name in rows:
        yield "    if (status == HF_OK)"
        names = f"{text_literal(place)}, {text_literal(name)}"
        yield f"        status = hf_find({names}, &module->{member});"
    yield "    hf_end(&scope);"
    yield "    if (status != HF_OK)"
    yield f"        {owner}_module_free(module);"
    yield "    return status;"
    yield "}"


class _Function:
    """One function."""

    def __init__(self, name: str, function: Function, writer: _Writer) -> None:
        self.name = name
        self.function = function
        self.owner = writer.owner
        self.shown = f"{writer.module.name}.{function.name}()"
        self.taken = writer.taken(function)
        self.result: CType | None = None
        if not writer.types.is_nothing(function.result):
            subject = f"{function.name}() result"
            self.result = writer.type_of(function.result, subject, function.line)

    def lines(self) -> Iterator[str]:
        """Its comment and definition."""
        taken = [f"const {self.owner}_module *module", *(item.text for item in self.taken)]
        if self.result is not None:
            taken.append(self.result.declared("*result"))
        yield from ("", f"/* {_comment_line(self.function.text)[3:]}")
        documented = self.function.doc.strip().splitlines()
        yield from ([" *"] if documented else [])
        yield from (_comment_line(line) for line in documented)
        yield " */"
        yield f"static inline hf_status {self.name}({', '.join(taken)}) {{"
        yield from (f"    {line}" if line else line for line in self._body())
        yield "}"

    def _body(self) -> Iterator[str]:
        by_place = [item for item in self.taken if not item.is_named]
        by_name = [item for item in self.taken if item.is_named]
        yield "hf_scope scope;"
        yield "hf_status status;"
        yield "hf_bound_memory *parts = NULL, **const memory = &parts;"
        if by_place:
            yield f"hf_value args[{len(by_place)}];"
        if by_name:
            yield f"hf_value named[{len(by_name)}];"
            yield f"const char *names[{len(by_name)}];"
            yield "size_t count = 0;"
        if self.result is not None:
            yield "hf_value returned;"
            yield "if (result != NULL)"
            yield "    memset(result, 0, sizeof *result);"
        yield "status = hf_attach(&scope, module->view);"
        yield "if (status != HF_OK)"
        yield "    return status;"
        for number, item in enumerate(by_place):
            yield from self._passed(item, f"args[{number}]")
        for item in by_name:
            there = f" && {item.name} != NULL" if item.parameter.default is not None else ""
            yield f"if (status == HF_OK{there}) {{"
            yield from (f"    {line}" for line in self._written(item, "named[count]"))
            yield f"    names[count++] = {text_literal(item.parameter.name)};"
            yield "}"
        args = f"args, {len(by_place)}" if by_place else "NULL, 0"
        named = "names, named, count" if by_name else "NULL, NULL, 0"
        wanted = "result != NULL ? &returned : NULL" if self.result is not None else "NULL"
        yield "if (status == HF_OK)"
        yield f"    status = hf_call_named(module->{self.name}, {args}, {named}, -1, {wanted});"
        if self.result is not None:
            where = text_literal(f"result of {self.shown}")
            yield "if (status == HF_OK && result != NULL) {"
            yield f"    status = {self.result.key}_read(&returned, result, {where}, 0);"
            yield "    hf_value_clear(&returned);"
            if freed := self.result.freed("result"):
                yield "    if (status != HF_OK)"
                yield f"        {freed}"
            yield "}"
        yield "hf_bound_memory_free(*memory);"
        yield "hf_end(&scope);"
        yield "return status;"

    def _passed(self, item: Taken, to: str) -> Iterator[str]:
        yield "if (status == HF_OK) {"
        yield from (f"    {line}" for line in self._written(item, to))
        yield "}"

    def _written(self, item: Taken, to: str) -> Iterator[str]:
        statements = item.statements(to, self.owner)
        is_pointer = item.optional or item.type.kind in ("record", "value")
        if item.type.kind == "text" or not is_pointer or item.parameter.default is not None:
            yield from statements
            return
        yield f"{to} = hf_bound_none_value();"
        yield f"if ({item.name} != NULL) {{"
        yield from (f"    {line}" for line in statements)
        yield "}"
