"""The text of a header for C: structs, and static inline functions that use only holdfast.h."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.codegen.c_functions import LOCALS, CFunction, Taken, comment_line
from pyholdfast.codegen.c_prelude import PRELUDE
from pyholdfast.codegen.c_type_bodies import (
    class_member,
    define_types,
    write_bodies,
)
from pyholdfast.codegen.c_types import CType, CTypes, c_name
from pyholdfast.codegen.emit import Header
from pyholdfast.codegen.naming import literal, text_literal
from pyholdfast.hints import model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyholdfast.hints.model import Function, Hint

__all__ = ["write_c_header"]

STANDARD = ("stdbool.h", "stdint.h", "stdio.h", "stdlib.h", "string.h")


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
        self.left_out: set[str] = set()  # constants
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
        self._note_constants()
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

    def _note_constants(self) -> None:
        for item in self.module.constants:
            if isinstance(item.value, str) and "\0" in item.value:
                why = "in C, a text ends with its first NUL"
            elif c_name(self.owner, item.name) in self._names:
                why = f"in C, '{c_name(self.owner, item.name)}' is something else"
            else:
                continue
            self.left_out.add(item.name)
            self.note(item.name, item.line, "", why, left_out=True)

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

    def function(self, name: str, function: Function) -> CFunction:
        taken = self.taken(function)
        result: CType | None = None
        if not self.types.is_nothing(function.result):
            result = self.type_of(function.result, f"{function.name}() result", function.line)
        shown = f"{self.module.name}.{function.name}()"
        return CFunction(name, function, self.owner, shown, taken, result)


def write_c_header(module: model.Module, path: Path) -> Header:
    """The header for a module that was read from the file `path`."""
    writer = _Writer(module, path)
    writer.collect()
    functions = [writer.function(name, function) for name, function in writer.functions]
    written = _written(functions, writer.types)
    lines = [
        f"/* {path.name}, for C: made by `holdfast bind --language c`. Edits are lost.",
        *(comment_line(line) for line in module.doc.strip().splitlines()),
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
    problems = [*module.problems, *writer.problems, *_of_one_name(writer)]
    header = Header(text, problems, list(module.places.values()), counts)
    header.fallback = "an hf_value"
    return header


_RULES = [
    " *",
    " * Arguments are only read. A result belongs to the caller, and is freed with the `..._free()` of its",
    " * type; numbers need none, an hf_value is cleared. `result` may be NULL. After a failure it is zero,",
    " * and hf_last_message() says why; a value of another type than the hint is a TypeError.",
    " * NULL for a parameter with a default leaves it out; for one that may be None, it is None. */",
]


def _of_one_name(writer: _Writer) -> Iterator[model.Problem]:
    """Types that would be one in C. They are not renamed: other headers have them, too."""
    for record, what in writer.types.of_one_name:
        file = str(writer.module.places.get(record.module, writer.path))
        reason = f"in C, '{c_name(record.module, record.name)}' is {what}"
        yield model.Problem(file, record.line, record.name, "", reason, "HF517")


def _constants(writer: _Writer) -> Iterator[str]:
    lines = []
    for item in writer.module.constants:
        value = literal(item.value)
        if value is None or item.value is None:
            continue
        if item.name in writer.left_out:
            continue
        if type(item.value) is int:
            value = value if value == "INT64_MIN" else f"INT64_C({value})"
        lines.append(f"#define {c_name(writer.owner, item.name)} {value}")
    if lines:
        yield from ("", *lines)


def _written(functions: list[CFunction], types: CTypes) -> list[CType]:
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


def _module(functions: list[CFunction], written: list[CType], writer: _Writer) -> Iterator[str]:
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
