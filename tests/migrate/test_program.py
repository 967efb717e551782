"""A program with each kind of pair: `holdfast migrate` rewrites it, and it does what it did."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from check.support import needs_clang_tidy
from harness import Outcome, environment_for, run_command
from matrix import MatrixPython, default_python, usable
from migrate.support import STRICT, migrate
from pyholdfast.toolchain.compile import find_compiler
from pyholdfast.toolchain.flags import flags_for

PROGRAM = Path(__file__).with_name("program")
FILES = ("guards.cpp", "guards.h", "main.cpp")


@dataclass(frozen=True)
class Kind:
    """One kind of pair: where it is in the program, and a text that shows what became of it."""

    name: str
    file: str
    within: str
    becomes: str


_TESTED = "Lock guard(std::nothrow);\n{0}if (!guard)\n{0}    return;"
KINDS = (
    Kind("a class over two files", "guards.h", "class EnsureGIL", "holdfast::attach_guard state;"),
    Kind("its constructor", "guards.cpp", "EnsureGIL::EnsureGIL", "EnsureGIL::EnsureGIL() {}"),
    Kind("a class in a .h", "guards.h", "class Lock", "explicit Lock(std::nothrow_t) noexcept"),
    Kind("used in a destructor", "main.cpp", "~Ref()", _TESTED.format("        ")),
    Kind("by a macro", "main.cpp", "~Shared()", "Lock taken(std::nothrow);"),
    Kind("in a thread's function", "main.cpp", "void work()", _TESTED.format("    ")),
    Kind("in a noexcept callback", "main.cpp", "void on_event(", _TESTED.format("    ")),
    Kind("in a function that may throw", "main.cpp", "void throwing()", "    Lock guard;"),
    Kind(
        "a callback's helper", "main.cpp", "void helper()",
        "attached(holdfast::main_view(), std::nothrow);",
    ),
    Kind(
        "a class with an early release", "guards.h", "struct Releasable",
        "std::optional<holdfast::attach_guard> state;",
    ),
    Kind(
        "in a thread's function", "main.cpp", "void releasable()",
        "Releasable guard(std::nothrow);",
    ),
    Kind("an early release", "main.cpp", "int early_release(", "attached.reset();"),
    Kind("a conditional detach", "main.cpp", "void conditional_detach(", "detached.emplace();"),
    Kind("a conditional class", "guards.cpp", "Allower::Allower(", "state_.emplace();"),
    Kind("begun in one function", "guards.h", "void begin()", "thread_.emplace();"),
    Kind("ended in another one", "guards.h", "void end()", "thread_.reset();"),
    Kind("among cases", "main.cpp", "int among_cases(", "attached.emplace();"),
    Kind("with a jump", "main.cpp", "void jumps(", "std::optional<holdfast::attach_guard> attached;"),
    Kind("a macro", "main.cpp", "void by_macro()", "const holdfast::attach_guard attached;"),
    Kind("a macro with a name", "main.cpp", "void by_macro_with_a_name()", "attach_guard attached;"),
    Kind("a macro that opens a block", "main.cpp", "void by_block_macro()", "attach_guard attached;"),
)  # fmt: skip


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A copy of the program after the command, and what that said."""
    needs_clang_tidy()
    folder = tmp_path_factory.mktemp("migrated")
    for name in FILES:
        shutil.copy(PROGRAM / name, folder)
    return folder, migrate(*(folder / name for name in FILES), "--write")


def _build(folder: Path, python: MatrixPython, to: Path) -> Path:
    flags = flags_for(python.build, optimise="-O0")
    sources = [str(folder / name) for name in FILES if name.endswith(".cpp")]
    command = [*find_compiler().command, *flags.cflags, *STRICT, *sources, *flags.ldflags,
               *flags.libs, "-o", str(to)]  # fmt: skip
    built = run_command(command, deadline_s=240)
    assert built.code == 0, built.explain()
    return to


def test_nothing_is_left(migrated: tuple[Path, Outcome]) -> None:
    """Every place in the three files changes, and no state is kept by hand any more."""
    folder, outcome = migrated

    assert outcome.code == 0, outcome.explain()
    for name in FILES:
        text = (folder / name).read_text(encoding="utf-8").split("int main(")[0]
        code = [
            line
            for line in text.splitlines()
            if not line.lstrip().startswith(("#", "//", "PyG", "g"))
        ]
        assert "PyGILState_Ensure" not in "\n".join(code)
        assert "PyEval_SaveThread" not in "\n".join(code)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_becomes_what_the_table_says(migrated: tuple[Path, Outcome], kind: Kind) -> None:
    """In its own function or class, up to the next empty line at the left."""
    folder, outcome = migrated
    text = (folder / kind.file).read_text(encoding="utf-8")
    body = text[text.index(kind.within) :].split("\n}")[0]

    assert kind.becomes in body, f"{body}\n{outcome.err}"


def test_it_says_what_throws_and_what_must_stay_on_one_thread(
    migrated: tuple[Path, Outcome],
) -> None:
    """A class whose constructor throws now, and a guard that outlives its function."""
    _, outcome = migrated

    assert "note: the constructor of Lock now throws closed_error" in outcome.err
    assert "note: early_release() now throws closed_error" in outcome.err
    assert "'thread_' of Session begins in Session::begin()" in outcome.err
    assert "helper() now throws" not in outcome.err


@pytest.mark.parametrize(
    "python",
    [
        pytest.param(p, id=p.name, marks=() if p is default_python() else (pytest.mark.long,))
        for p in usable()
    ],
)
def test_the_program_does_what_it_did(
    migrated: tuple[Path, Outcome], tmp_path: Path, python: MatrixPython
) -> None:
    """Attached and detached at the same steps; after the end of Python, it ends in order."""
    after = _build(migrated[0], python, tmp_path / "after")
    before = _build(PROGRAM, python, tmp_path / "before")
    environ = environment_for(python)
    expected = run_command([str(before)], environ=environ, deadline_s=30)
    outcome = run_command([str(after)], environ=environ, deadline_s=30)
    late = run_command([str(after), "late"], environ=environ, deadline_s=30)

    assert expected.code == 0, expected.explain()
    assert outcome.code == 0, outcome.explain()
    assert outcome.out == expected.out
    assert late.code == 0, late.explain()
    assert late.out == "ended\n"
