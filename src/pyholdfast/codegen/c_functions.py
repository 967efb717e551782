"""One function of a header for C: its parameters, its comment, and its body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.codegen.c_type_bodies import write_statements
from pyholdfast.codegen.naming import text_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.codegen.c_types import CType
    from pyholdfast.hints.model import Function, Parameter

__all__ = ["LOCALS", "CFunction", "Taken", "comment_line"]

# Names of a function's own variables, which no parameter may have.
LOCALS = frozenset(
    [
        "args",
        "count",
        "memory",
        "memset",
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


def comment_line(line: str) -> str:
    """A line of text within a comment."""
    shown = "".join(item if item.isprintable() else "?" for item in line.expandtabs().rstrip())
    shown = shown.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
    return f" * {shown}".rstrip()


@dataclass(frozen=True, slots=True)
class CFunction:
    """One function of a module, in C.

    Attributes:
        name: in C.
        owner: what precedes the names of its module in C.
        shown: its name in messages.
        result: None: it returns nothing.
    """

    name: str
    function: Function
    owner: str
    shown: str
    taken: list[Taken]
    result: CType | None

    def lines(self) -> Iterator[str]:
        """Its comment and definition."""
        taken = [f"const {self.owner}_module *module", *(item.text for item in self.taken)]
        if self.result is not None:
            taken.append(self.result.declared("*result"))
        yield from ("", f"/* {comment_line(self.function.text)[3:]}")
        documented = self.function.doc.strip().splitlines()
        yield from ([" *"] if documented else [])
        yield from (comment_line(line) for line in documented)
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
