"""Makes the reference pages of the C++ headers, one for each subject.

May import: comments, declarations, header_tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from docs_pages.comments import cell, markdown
from docs_pages.declarations import Declaration, read_declarations
from docs_pages.header_tokens import headline, introduction, macros
from docs_pages.rooms import included_headers, public_headers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["PAGES", "Page", "header_page", "unassigned"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the reference.

    Attributes:
        name: the file's name without suffix.
        title: the page's heading.
        headers: the headers that it describes, in order.
    """

    name: str
    title: str
    headers: tuple[str, ...]


PAGES = (
    Page(
        "lifecycle",
        "Start and end of an interpreter",
        (
            "lifecycle/config.hpp",
            "lifecycle/interpreter.hpp",
            "report.hpp",
            "lifecycle/subinterpreter_config.hpp",
            "lifecycle/subinterpreter.hpp",
        ),
    ),
    Page(
        "attach",
        "Attach, detach, views and guards",
        (
            "attach/guards.hpp",
            "attach/make_guard.hpp",
            "attach/view.hpp",
            "attach/context.hpp",
            "attach/gc_traverse.hpp",
            "attach/urgent_attach_guard.hpp",
            "PyThreadStateLock.h",
            "annotations.hpp",
        ),
    ),
    Page(
        "objects",
        "Python objects and exceptions",
        ("objects/object.hpp", "objects/per_interpreter.hpp", "objects/python_error.hpp"),
    ),
    Page(
        "calls",
        "Calls, both ways, and conversions",
        (
            "gate/call_site.hpp",
            "calls/function.hpp",
            "calls/run.hpp",
            "calls/callable.hpp",
            "calls/deadline.hpp",
            "convert/convert.hpp",
            "convert/containers.hpp",
        ),
    ),
    Page(
        "typed",
        "Types of Python, for generated headers and by hand",
        (
            "convert/sets_and_arrays.hpp",
            "convert/complex.hpp",
            "convert/variant.hpp",
            "convert/path.hpp",
            "convert/time.hpp",
            "convert/uuid_decimal_bytes.hpp",
            "convert/array_view.hpp",
            "convert/buffer.hpp",
            "calls/range.hpp",
            "calls/enumeration.hpp",
            "calls/record.hpp",
            "calls/recursive.hpp",
            "calls/handle.hpp",
            "calls/std_function.hpp",
            "async/coroutine_task.hpp",
            "async/coroutine.hpp",
            "calls/context_manager.hpp",
            "async/context_manager.hpp",
            "calls/variadic.hpp",
            "calls/binding_check.hpp",
        ),
    ),
    Page(
        "pools",
        "Executors and pools",
        (
            "pools/executor.hpp",
            "pools/subinterpreter_pool.hpp",
            "pools/pool.hpp",
            "pools/pool_config.hpp",
            "calls/pickled.hpp",
            "pools/cancellation.hpp",
            "pools/remote_executor.hpp",
            "pools/remote_error.hpp",
            "pool_error.hpp",
        ),
    ),
    Page(
        "coroutines",
        "C++20 coroutines",
        (
            "coroutines/pending.hpp",
            "coroutines/coroutine.hpp",
            "coroutines/python_awaits.hpp",
        ),
    ),
    Page(
        "isolated",
        "Calls in worker processes",
        (
            "isolated/isolated_executor.hpp",
            "isolated/isolated_config.hpp",
            "isolated/worker_error.hpp",
        ),
    ),
    Page("output", "Output and logging", ("output/output.hpp",)),
    Page("counters", "Counters", ("watch/counters.hpp",)),
    Page(
        "waits",
        "Waits that detach",
        ("attach/waits.hpp", "attach/shared_mutex.hpp", "objects/critical_section.hpp"),
    ),
    Page(
        "exceptions",
        "Exceptions of holdfast, and its version",
        ("error.hpp", "closed_reason.hpp", "version.hpp"),
    ),
)

# CPython's header with its differences evened out.
NOT_DESCRIBED = frozenset({"python.hpp", "holdfast.h"})  # c_page.py has that one


DESCRIBED = frozenset(header for page in PAGES for header in page.headers)


def unassigned(folder: Path) -> list[str]:
    """The public headers that no page describes."""
    return [header for header in public_headers(folder) if header not in DESCRIBED | NOT_DESCRIBED]


def header_page(page: Page, folder: Path) -> str:
    """Make the text of a page from the headers in `folder`."""
    parts = [f"# {page.title}"]
    for name in page.headers:
        source = (folder / name).read_text(encoding="utf-8")
        parts.append(f"## `<holdfast/{name}>`")
        parts.append(_sentence(headline(source)))
        parts += [text for text in (markdown(introduction(source)),) if text]
        parts += _all(read_declarations(source))
        for inner in _first_included_by(name, folder):
            parts += _all(read_declarations(inner.read_text(encoding="utf-8")))
        parts += _macros(source)
    return "\n\n".join(parts) + "\n"


def _first_included_by(name: str, folder: Path) -> list[Path]:
    """The private headers that this public one includes, and no header on an earlier page does.

    Some contain a public type, because headers of several rooms need it.
    """
    public = DESCRIBED | set(public_headers(folder))
    seen: set[str] = set()
    for header in (header for page in PAGES for header in page.headers):
        found = [inner for inner in included_headers(folder / header) if inner not in public]
        if header == name:
            return [folder / inner for inner in found if inner not in seen]
        seen.update(found)
    return []


def _all(declarations: Iterable[Declaration]) -> Iterable[str]:
    before = ""
    for declaration in declarations:
        if declaration.kind == "enum":
            yield from _enum(declaration)
        elif declaration.kind == "type":
            yield from _type(declaration)
        else:
            if declaration.name != before:  # overloads share a heading
                yield f"### `{declaration.name}`"
            yield from _signature(declaration)
        before = declaration.name


def _enum(declaration: Declaration) -> Iterable[str]:
    yield f"### `{declaration.name}`"
    yield from _enumeration(declaration)


def _enumeration(declaration: Declaration) -> Iterable[str]:
    """An enum without a heading, for one within a type."""
    yield from _signature(declaration)
    if described := [value for value in declaration.members if value.doc]:
        yield _table("value", [(value.name, value.doc) for value in described])
    if plain := [f"`{value.name}`" for value in declaration.members if not value.doc]:
        yield f"{'Other values' if described else 'Values'}: {', '.join(plain)}."


def _type(declaration: Declaration) -> Iterable[str]:
    yield f"### `{declaration.name}`"
    yield from _signature(declaration)
    fields = [member for member in declaration.members if member.kind == "variable"]
    if described := [member for member in fields if member.doc]:
        yield _table("field", [(member.signature, member.doc) for member in described])
    # Members without a comment are described by their signature; neighbours share a block.
    plain = [member for member in fields if not member.doc]
    for member in declaration.members:
        if member.kind == "variable":
            continue
        if member.kind == "enum":
            yield from _enumeration(member)
        elif member.doc:
            yield from _signature(*plain)
            yield from _signature(member)
            plain = []
        else:
            plain.append(member)
    yield from _signature(*plain)


def _signature(*declarations: Declaration) -> Iterable[str]:
    if declarations:
        lines = "\n".join(f"{declaration.signature};" for declaration in declarations)
        yield f"```cpp\n{lines}\n```"
    for declaration in declarations:
        if text := markdown(declaration.doc, declaration.signature):
            yield text


def _macros(source: str) -> Iterable[str]:
    found = macros(source)
    rows = [
        (name, [doc or f"`{value}`"])
        for name, (value, doc) in found.items()
        if doc or name.startswith("HOLDFAST_VERSION_")
    ]
    if rows:
        yield "### Macros"
        yield _table("macro", rows)


def _sentence(text: str) -> str:
    """The text with a capital letter, unless it begins with a name from the code."""
    first = text.split(" ", 1)[0].strip(",")
    shown = text if "_" in first else text[:1].upper() + text[1:]
    return shown.replace("<", "&lt;").replace("_", "\\_")


def _table(first: str, rows: Iterable[tuple[str, list[str]]]) -> str:
    lines = [f"| {first} | meaning |", "| --- | --- |"]
    lines += [f"| `{name}` | {cell(doc)} |" for name, doc in rows]
    return "\n".join(lines)
