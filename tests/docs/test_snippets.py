"""The code in README and docs: it compiles, runs, and prints what the page shows."""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs.pages import CHECKOUT, Fence, fences, markdown_files
from docs.story import Story, installs, is_there, needs_of, reader_python
from harness import environment_for, run_command
from pyholdfast.toolchain.compile import find_compiler
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from collections.abc import Sequence

CODE = frozenset({"cpp", "c", "python", "cmake", "sh", "bash"})
STORY = frozenset({"file", "program", "run", "output"})
FRAGMENT = frozenset({"declarations", "inside"})
# Made from the headers, which are compiled elsewhere: tools/reference.py.
GENERATED = CHECKOUT / "docs" / "reference"
USUAL_INCLUDES = (
    "atomic chrono condition_variable cstdint cstdio deque future iostream map memory mutex"
    " optional string string_view thread tuple vector"
)
# What a program must include before it uses a name; the precompiled header would hide its lack.
# Strings are not among them: they come with the signatures of holdfast itself.
HOMES = {
    r"std::atomic\b": "atomic",
    r"std::(printf|puts|fputs|fprintf|fflush)\b": "cstdio",
    r"std::u?int(8|16|32|64)_t\b": "cstdint",
    r"std::(promise|future)\b": "future",
    r"std::map\b": "map",
    r"std::(mutex|lock_guard|unique_lock)\b": "mutex",
    r"std::optional\b": "optional",
    r"std::thread\b": "thread",
    r"std::vector\b": "vector",
}
# Pages whose programs take long to compile, and whose subject has tests of its own besides.
LONG = frozenset(
    {
        "docs/how-to/bind.md",
        "docs/how-to/compile-faster.md",
        "docs/how-to/debug.md",
        "docs/how-to/hammer.md",
        "docs/how-to/other-build-systems.md",
        "docs/how-to/pybind11-and-nanobind.md",
        "docs/tutorial/call-typed-python.md",
        "docs/tutorial/hand-over-python.md",
    }
)
# The same of pages that fewer follow from start to end; CI does.
IN_CI = frozenset(
    {
        "docs/how-to/cmake.md",
        "docs/how-to/coroutines.md",
        "docs/how-to/from-c.md",
        "docs/how-to/plug-ins.md",
    }
)
FRAGMENT_OPTIONS = ("-Wall", "-Wextra", "-Werror", "-Wno-unused", "-fsyntax-only")


def pages() -> list[Path]:
    """Pages with code that is not generated."""
    return [file for file in markdown_files() if file.parent != GENERATED]


def name_of(file: Path) -> str:
    """Path of a page within the checkout."""
    return str(file.relative_to(CHECKOUT))


@pytest.mark.parametrize("file", pages(), ids=name_of)
def test_every_snippet_says_how_it_is_checked(file: Path) -> None:
    """All code is compiled or run, unless the page's source gives a reason."""
    silent = [fence.place for fence in fences(file) if fence.language in CODE and not fence.verb]
    unknown = [
        fence.place
        for fence in fences(file)
        if fence.verb and fence.verb not in STORY | FRAGMENT | {"not checked", "part"}
    ]
    unreasoned = [f.place for f in fences(file) if f.verb == "not checked" and not f.argument]

    assert (silent, unknown, unreasoned) == ([], [], [])


def test_parts_stand_where_the_page_says() -> None:
    """What a page shows of a tested file is still in it."""
    parts = [fence for file in pages() for fence in fences(file) if fence.verb == "part"]

    lost = []
    for fence in parts:
        source = CHECKOUT / fence.argument.removeprefix("of ")
        whole, part = (
            "\n".join(line.strip() for line in text.strip().splitlines())
            for text in (source.read_text(encoding="utf-8"), fence.text)
        )
        lost += [fence.place] if f"\n{part}\n" not in f"\n{whole}\n" else []
    assert parts
    assert lost == []


@pytest.mark.parametrize("file", pages(), ids=name_of)
def test_programs_include_what_they_use(file: Path) -> None:
    """A program copied from a page has the headers for everything that it uses."""
    whole = [f for f in fences(file) if f.language == "cpp" and "int main(" in f.text]
    lacking = [
        f"{fence.place}: <{header}>"
        for fence in whole
        for pattern, header in HOMES.items()
        if re.search(pattern, fence.text) and f"#include <{header}>" not in fence.text
    ]

    assert lacking == []


def run_of(file: Path) -> Sequence[pytest.MarkDecorator]:
    """The short run has the pages that a newcomer follows."""
    name = name_of(file)
    if name in LONG:
        return (pytest.mark.long,)
    return (pytest.mark.ci,) if name in IN_CI else ()


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, id=name_of(file), marks=run_of(file))
        for file in pages()
        if any(fence.verb in STORY for fence in fences(file))
    ],
)
def test_page_works_as_told(file: Path) -> None:
    """A reader who follows the page in an empty folder sees the output that the page shows."""
    page = fences(file)
    story = Story(readers_folder(file))
    if installs(page) and not story.provide(installs(page)):
        pytest.skip(f"no package index to install {', '.join(installs(page))} from")

    missing = story.follow(page)

    if missing:
        pytest.skip(f"all but what needs {', '.join(missing)}")


def readers_folder(file: Path) -> Path:
    """A folder for the page outside any project, because a .venv above it would be used."""
    checkout = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    root = Path(tempfile.gettempdir(), f"holdfast-tests-{os.getuid()}", f"docs-{checkout}")
    return root / name_of(file).replace("/", "_")


def test_fragments_compile(tmp_path: Path) -> None:
    """Every fragment compiles without a warning, in the context that its page gives."""
    wanted = [f for file in pages() for f in fences(file) if f.verb in FRAGMENT]
    fragments = [f for f in wanted if all(map(is_there, needs_of(f)))]
    found = [option for f in fragments for name in needs_of(f) for option in headers_of(name)]
    source = tmp_path / "fragments.cpp"
    source.write_text(translation_unit(fragments), encoding="utf-8")
    python = reader_python()
    flags = flags_for(python.build)

    outcome = run_command(
        [
            *find_compiler().command,
            *flags.cflags,
            *dict.fromkeys(found),
            *FRAGMENT_OPTIONS,
            str(source),
        ],
        environ=environment_for(python),
        deadline_s=120,
        cwd=CHECKOUT,
    )

    assert fragments
    assert outcome.code == 0, outcome.explain()


def headers_of(package: str) -> list[str]:
    """The folders of a package's headers."""
    return [f"-isystem{importlib.import_module(package).get_include()}"]


def translation_unit(fragments: list[Fence]) -> str:
    """All fragments, each in its own namespace; messages name the page's line."""
    includes = [f"#include <{name}>" for name in USUAL_INCLUDES.split()]
    parts = []
    for number, fragment in enumerate(fragments):
        lines = fragment.text.splitlines()
        includes += [
            line for line in [*lines, *fragment.before.splitlines()] if line.startswith("#include")
        ]
        # In place of an include, an empty line: the lines after it keep their numbers.
        text = "\n".join("" if line.startswith("#include") else line for line in lines)
        before = "\n".join(
            ln for ln in fragment.before.splitlines() if not ln.startswith("#include")
        )
        located = f'#line {fragment.line} "{name_of(fragment.file)}"\n{text}\n'
        if fragment.verb == "inside":
            located = f"{fragment.argument} {{\n{located}}}\n"
        parts.append(f"namespace snippet_{number} {{\n{before}\n{located}}}\n")
    head = ["#include <holdfast/holdfast.hpp>", *dict.fromkeys(includes)]
    return "\n".join([*head, *parts])
