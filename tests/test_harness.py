"""The harness sees what it is there to see: failures, crashes and hangs."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from compiled_files import CompileError
from harness import environment_for, run_built, run_command
from matrix import default_python, usable
from own_home import COMPILERS
from program_text import read_program
from table import caught_of_all, render, verdicts

if TYPE_CHECKING:
    from conftest import RunProgram


def test_a_program_that_hangs_is_reported_as_hung(run_program: RunProgram) -> None:
    """Without this test, a harness that never times out would pass every other one."""
    outcome = run_program("hang_on_purpose", deadline_s=2)

    assert outcome.code is None
    assert outcome.ending == "hang"
    assert "still running after 2 s" in outcome.explain()
    assert "both threads wait" in outcome.out


def test_a_failed_check_is_reported_with_its_place(run_program: RunProgram) -> None:
    """CHECK names the file, the line and the expression, and ends the program."""
    outcome = run_program("fails_on_purpose")

    assert outcome.code == 1
    assert "fails_on_purpose.cpp:" in outcome.err
    assert "1 + 1 == 3" in outcome.err
    assert "not reached" not in outcome.out


def test_a_crash_is_reported_as_its_signal(run_program: RunProgram) -> None:
    """A program that is ended by a signal did not exit by itself."""
    outcome = run_program("crash_on_purpose")

    assert outcome.code == -signal.SIGABRT
    assert outcome.ending == "crash"
    assert "SIGABRT" in outcome.explain()


def test_nothing_of_the_group_outlives_the_call(tmp_path: Path) -> None:
    """A child that the program left behind is ended with it."""
    left = tmp_path / "pid"
    script = (
        "import os, pathlib, signal, sys\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    signal.pause()\n"
        f"pathlib.Path({str(left)!r}).write_text(str(pid))\n"
    )
    outcome = run_command([sys.executable, "-c", script], deadline_s=20)

    assert outcome.code == 0, outcome.explain()
    assert _ends(int(left.read_text()))


def _ends(pid: int) -> bool:
    """Whether the process ends within 20 seconds; it has been sent its signal."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([handle], [], [], 20)
    os.close(handle)
    return bool(ended)


def test_directives_are_read_from_the_comment_at_the_top(tmp_path: Path) -> None:
    """Each directive reaches its field, and the first line is the promise."""
    source = tmp_path / "one.cpp"
    source.write_text(
        "// waits for all.\n// shared: a.cpp b.cpp\n// deadline: 40\n// raw-twin: expects hang\n"
        "// python: >=3.12, gil\n#include <x>\n// needs: nothing\n"
    )
    program = read_program(source)

    assert program.promise == "waits for all."
    assert program.shared == (tmp_path / "a.cpp", tmp_path / "b.cpp")
    assert program.deadline_s == 40
    assert program.raw_twin == {"hang"}
    assert program.python == (">=3.12", "gil")
    assert program.needs == ()


@pytest.mark.parametrize(
    "text", ["int main() {}\n", "// a promise\n// dedline: 3\n", "// a\n// raw-twin: explode\n"]
)
def test_a_program_that_says_nothing_or_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    """A misspelt directive must not be ignored as prose."""
    source = tmp_path / "one.cpp"
    source.write_text(text)

    with pytest.raises(ValueError, match=r"one\.cpp"):
        read_program(source)


def test_a_program_gets_its_libraries(tmp_path: Path) -> None:
    """One that it is linked with, and one that it loads; both hide unmarked symbols."""
    (tmp_path / "linked.cpp").write_text(
        '__attribute__((visibility("default"))) int linked() { return 20; }\n'
    )
    (tmp_path / "plugin.cpp").write_text(
        'extern "C" __attribute__((visibility("default"))) int plugin() { return 22; }\n'
        'extern "C" int hidden() { return 1; }\n'
    )
    (tmp_path / "host.cpp").write_text(
        "// adds up.\n// link: linked.cpp\n// shared: plugin.cpp\n"
        '#include <dlfcn.h>\n#include "check.hpp"\nint linked();\n'
        "int main() {\n"
        '    void *const library = dlopen(check::library("plugin.so").c_str(), RTLD_NOW);\n'
        "    CHECK(library != nullptr);\n"
        '    CHECK(dlsym(library, "hidden") == nullptr);\n'
        '    const auto plugin = reinterpret_cast<int (*)()>(dlsym(library, "plugin"));\n'
        "    CHECK(plugin() + linked() == 42);\n"
        "}\n"
    )
    outcome = run_built(read_program(tmp_path / "host.cpp"), default_python())

    assert outcome.code == 0, outcome.explain()


@pytest.mark.long
@pytest.mark.parametrize(
    ("package", "text"),
    [
        ("pybind11", "#include <pybind11/embed.h>\nint main() { return !!pybind11::object(); }\n"),
        (
            "nanobind",
            "#include <nanobind/nanobind.h>\nint main() { return nanobind::object().is_valid(); }\n",
        ),
    ],
)
def test_a_program_gets_the_packages_it_needs(tmp_path: Path, package: str, text: str) -> None:
    """Their headers, and the sources that have to be compiled."""
    pytest.importorskip(package)
    (tmp_path / "host.cpp").write_text(f"// includes it.\n// needs: {package}\n{text}")
    outcome = run_built(read_program(tmp_path / "host.cpp"), default_python())

    assert outcome.code == 0, outcome.explain()


def test_a_program_that_does_not_compile_shows_the_compilers_words(tmp_path: Path) -> None:
    """Warnings are errors here."""
    (tmp_path / "host.cpp").write_text("// warns.\nint main() { int unused = 1; }\n")

    with pytest.raises(CompileError, match="unused"):
        run_built(read_program(tmp_path / "host.cpp"), default_python())


def test_the_table_has_a_cell_per_program_and_python() -> None:
    """Marks come from the reports of a run; the last line adds them up."""
    cases = "tests/test_programs.py::test_program_keeps_its_promise"
    reports = {
        "passed": [SimpleNamespace(nodeid=f"{cases}[a-b-3.10]")],
        "failed": [SimpleNamespace(nodeid=f"{cases}[a-b-3.13t]")],
        "warnings": [SimpleNamespace(nodeid="other")],
    }
    lines = render(verdicts(reports))

    assert verdicts(reports) == {("a-b", "3.10"): "✓", ("a-b", "3.13t"): "✗"}
    assert lines[2].startswith("| a-b | ✓ |")
    assert lines[-1].startswith("| 1 programs | 1/1 |")


def test_mutants_are_counted() -> None:
    """It counts the caught ones and those that were tried, and no other tests."""
    cases = "tests/mutants/test_mutants.py::test_a_mutant_is_caught"
    reports = {
        "passed": [SimpleNamespace(nodeid=f"{cases}[gate/a]"), SimpleNamespace(nodeid="other")],
        "failed": [SimpleNamespace(nodeid=f"{cases}[gate/b]")],
        "deselected": [SimpleNamespace(nodeid=f"{cases}[gate/c]")],
    }

    assert caught_of_all(reports) == "mutants: 1 of 2 caught"
    assert not caught_of_all({"passed": [SimpleNamespace(nodeid="other")]})


def test_compilers_of_the_tests_come_before_those_beside_a_python() -> None:
    """The system's Python lies beside the system's compilers."""
    for python in usable():
        found = shutil.which("c++", path=environment_for(python)["PATH"])
        assert found is None or Path(found).parent == COMPILERS
