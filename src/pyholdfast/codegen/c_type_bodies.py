"""The text of a type in C: its definition, and the functions that free, read and write it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyholdfast.codegen.c_types import CType
from pyholdfast.codegen.naming import text_literal

if TYPE_CHECKING:
    from pyholdfast.codegen.c_types import CTypes

__all__ = ["class_member", "define_types", "write_bodies", "write_statements"]


def define_types(types: CTypes) -> Iterator[str]:
    """Definitions, prototypes, and the functions that free and read."""
    structs = types.structs()
    for one in structs:
        yield from _guarded(f"{one.key}_DECLARED", [f"typedef struct {one.name} {one.name};"])
    for one in types.containers():
        yield from _guarded(one.key, list(_container(one)))
    for one in structs:
        yield from _struct(one, types)
    everything = [*types.containers(), *structs, *types.pointers()]
    for one in everything:
        free, read = _prototypes(one)
        yield from ("", *([f"{free};"] if one.owns else []), f"{read};")
    for one in everything:
        yield from _guarded(f"{one.key}_BODIES", list(_bodies(one, types)))


def _guarded(key: str, lines: list[str]) -> Iterator[str]:
    macro = f"HOLDFAST_BOUND_C_{key}"
    yield from ("", f"#ifndef {macro}", f"#define {macro} 1", *lines, "#endif")


def _container(one: CType) -> Iterator[str]:
    yield "typedef struct {"
    if one.kind == "list":
        yield f"    {one.content.declared('*items')};"
        yield "    size_t count;"
    else:
        yield "    bool has_value;"
        yield f"    {one.content.declared('value')};"
    yield f"}} {one.name};"


def _struct(one: CType, types: CTypes) -> Iterator[str]:
    """Its number changes with its fields: two headers in a program must agree."""
    record = one.dataclass
    macro = f"HOLDFAST_BOUND_C_{one.key}"
    version = f"0x{types.module.hashes.get((record.module, record.name)) or '1'}"
    yield from ("", f"#ifndef {macro}", f"#define {macro} {version}")
    yield f"struct {one.name} {{"
    for item, name, inner in types.fields_of(record):
        note = " /* made by Python: not passed to it */" if item.computed else ""
        yield f"    {inner.declared(name)};{note}"
    if not record.fields:
        yield "    char no_fields;"
    yield "};"
    yield f"#elif {macro} != {version}"
    yield f'#error "{record.module}.{record.name} has changed between two headers: run holdfast bind again for both"'
    yield "#endif"


def _prototypes(one: CType) -> tuple[str, str]:
    to = one.declared("*to")
    return (
        f"static inline void {one.key}_free({one.declared('*its')})",
        f"static inline hf_status {one.key}_read(hf_value *from, {to}, const char *where, int depth)",
    )


def _bodies(one: CType, types: CTypes) -> Iterator[str]:
    free, read = _prototypes(one)
    if one.owns:
        yield from (f"{free} {{", *(f"    {line}" for line in _free_lines(one, types)), "}")
    yield from (f"{read} {{", *(f"    {line}" for line in _read_lines(one, types)), "}")


def _free_lines(one: CType, types: CTypes) -> Iterator[str]:
    inner = one.inner or one
    if one.kind == "list":
        if inner.owns:
            yield "size_t i;"
            yield "for (i = 0; i < its->count; i++)"
            yield f"    {inner.freed('&its->items[i]')}"
        yield "free(its->items);"
        yield "its->items = NULL;"
        yield "its->count = 0;"
    elif one.kind == "optional":
        yield "if (its->has_value)"
        yield f"    {inner.freed('&its->value')}"
        yield "its->has_value = false;"
    elif one.kind == "pointer":
        yield "if (*its != NULL)"
        yield f"    {inner.freed('*its')}"
        yield "free(*its);"
        yield "*its = NULL;"
    else:
        for _, name, field in types.fields_of(one.dataclass):
            if field.owns:
                yield field.freed(f"&its->{name}")
        yield "memset(its, 0, sizeof *its);"


def _allocated(inner: CType, count: str) -> str:
    cast = f"{inner.name}*" if inner.name.endswith("*") else f"{inner.name} *"
    return f"HF_BOUND_CAST({cast}, calloc({count}, sizeof({inner.name})))"


def _read_lines(one: CType, types: CTypes) -> Iterator[str]:
    """What is read so far is freed by the caller, who has zeroed it."""
    inner = one.inner or one
    if one.kind == "list":
        yield "hf_status status = HF_OK;"
        yield "size_t i;"
        yield "if (from->kind != HF_LIST)"
        yield '    return hf_bound_wrong(where, "list", from);'
        yield f"to->items = {_allocated(inner, 'from->as.list.count + 1')};"
        yield "if (to->items == NULL)"
        yield "    return hf_bound_no_memory();"
        yield "to->count = from->as.list.count;"
        yield "for (i = 0; status == HF_OK && i < to->count; i++)"
        yield f"    status = {inner.key}_read(&from->as.list.items[i], &to->items[i], where, depth);"
        yield "return status;"
    elif one.kind == "optional":
        yield "if (from->kind == HF_NONE)"
        yield "    return HF_OK;"
        yield "to->has_value = true;"
        yield f"return {inner.key}_read(from, &to->value, where, depth);"
    elif one.kind == "pointer":
        yield "if (from->kind == HF_NONE)"
        yield "    return HF_OK;"
        yield f"*to = {_allocated(inner, '1')};"
        yield "if (*to == NULL)"
        yield "    return hf_bound_no_memory();"
        yield f"return {inner.key}_read(from, *to, where, depth);"
    else:
        yield from _read_record(one, types)


def _read_record(one: CType, types: CTypes) -> Iterator[str]:
    record = one.dataclass
    name = f"{record.module}.{record.name}"
    if record.fields:
        yield "hf_value value;"
        yield "hf_status status = HF_OK;"
    else:
        yield "(void)to;"
    yield "if (from->kind != HF_OBJECT)"
    yield f"    return hf_bound_wrong(where, {text_literal(name)}, from);"
    yield "if (depth >= hf_bound_deepest)"
    yield '    return hf_raise("RecursionError", "records are nested too deeply for C");'
    for item, field, inner in types.fields_of(record):
        place = text_literal(f"{name}.{item.name}")
        yield "if (status == HF_OK) {"
        yield f"    status = hf_object_get(from->as.object, {text_literal(item.name)}, &value);"
        yield "    if (status == HF_OK)"
        yield f"        status = {inner.key}_read(&value, &to->{field}, {place}, depth + 1);"
        yield "    hf_value_clear(&value);"
        yield "}"
    yield "return status;" if record.fields else "return HF_OK;"


# --- arguments --------------------------------------------------------------------------------


def class_member(one: CType) -> str:
    """The member of the header's module that holds the class."""
    return f"class_{one.key}"


def write_statements(one: CType, value: str, to: str, owner: str) -> list[str]:
    """Statements that put a value into an hf_value; `status` is HF_OK before."""
    if one.kind in ("scalar", "text", "bytes"):
        prelude = "hf_bound_text" if one.kind == "text" else one.key
        return [f"{to} = {prelude}_value({value});"]
    if one.kind == "value":
        return [f"{to} = {value};"]
    if one.kind == "list":
        items = f"{value}.items, {value}.count"
        return [f"status = {owner}_write_{one.key}(module, {items}, &{to}, memory);"]
    if one.kind == "record":
        return [f"status = {owner}_write_{one.key}(module, &{value}, &{to}, memory);"]
    if one.kind == "pointer":
        there = f"{value} != NULL"
        write = [f"status = {owner}_write_{one.content.key}(module, {value}, &{to}, memory);"]
    else:
        there = f"{value}.has_value"
        write = write_statements(one.content, f"{value}.value", to, owner)
    return [
        f"{to} = hf_bound_none_value();",
        f"if ({there}) {{",
        *(f"    {line}" for line in write),
        "}",
    ]


def _write_prototype(one: CType, owner: str) -> str:
    if one.kind == "list":
        taken = f"{one.content.pointed('items')}, size_t count"
    else:
        taken = one.pointed("from")
    return (
        f"static inline hf_status {owner}_write_{one.key}(const {owner}_module *module, {taken},"
        " hf_value *to, hf_bound_memory **memory)"
    )


def write_bodies(written: list[CType], types: CTypes, owner: str) -> Iterator[str]:
    """The functions that write lists and records."""
    for one in written:
        yield f"{_write_prototype(one, owner)};"
    for one in written:
        yield from ("", f"{_write_prototype(one, owner)} {{")
        lines = _write_list(one, owner) if one.kind == "list" else _write_record(one, types, owner)
        yield from (f"    {line}" for line in lines)
        yield "}"


def _write_list(one: CType, owner: str) -> Iterator[str]:
    yield "hf_status status = HF_OK;"
    yield "size_t i;"
    yield "hf_value *const values = hf_bound_values(memory, count);"
    yield "if (values == NULL)"
    yield "    return HF_PYTHON_ERROR;"
    yield "for (i = 0; status == HF_OK && i < count; i++) {"
    yield from (
        f"    {line}" for line in write_statements(one.content, "items[i]", "values[i]", owner)
    )
    yield "}"
    yield "(void)module;"
    yield "to->kind = HF_LIST;"
    yield "to->as.list.items = values;"
    yield "to->as.list.count = count;"
    yield "return status;"


def _write_record(one: CType, types: CTypes, owner: str) -> Iterator[str]:
    passed = [row for row in types.fields_of(one.dataclass) if not row[0].computed]
    made = f"hf_bound_make(module->{class_member(one)}"
    if not passed:
        yield "(void)from;"
        yield f"return {made}, NULL, NULL, 0, to, memory);"
        return
    names = ", ".join(text_literal(item.name) for item, _, _ in passed)
    yield f"static const char *const names[] = {{{names}}};"
    yield f"hf_value fields[{len(passed)}];"
    yield "hf_status status = HF_OK;"
    for number, (_, field, inner) in enumerate(passed):
        statements = write_statements(inner, f"from->{field}", f"fields[{number}]", owner)
        if inner.kind in ("scalar", "text", "bytes", "value"):
            yield from statements
            continue
        yield "if (status == HF_OK) {"
        yield from (f"    {line}" for line in statements)
        yield "}"
    yield "if (status != HF_OK)"
    yield "    return status;"
    yield f"return {made}, names, fields, {len(passed)}, to, memory);"
