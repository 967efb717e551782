"""What `holdfast migrate` makes of samples, and what it leaves: golden text, compiled and checked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from check.support import check, found, needs_clang_tidy
from harness import Outcome, environment_for, run_command
from matrix import MatrixPython, default_python, quick_names, usable
from migrate.support import STRICT, migrate
from pyholdfast.toolchain.c_library import link_options, make_backend, make_library
from pyholdfast.toolchain.compile import find_compiler
from pyholdfast.toolchain.flags import flags_for, include_flags

SAMPLES = Path(__file__).with_name("samples")
TARGETS = {
    "article.cpp": "holdfast",
    "callbacks.c": "pep788",
    "host.c": "c",
    "regions.cpp": "holdfast",
}
EACH_PYTHON = [
    pytest.param(
        p,
        id=p.name,
        marks=() if p.name in quick_names("migrate", most=1) else (pytest.mark.long,),
    )
    for p in usable()
]
_STAYS = re.compile(r"(?://|/\*) stays (HF\d{3})")
_LEFT = re.compile(r":(\d+):\d+: (HF\d{3}) ", re.MULTILINE)


@pytest.fixture
def written(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, Outcome]:
    """A copy of a sample that was migrated, and what the command said."""
    needs_clang_tidy()
    name: str = request.param
    copy = Path(shutil.copy(SAMPLES / name, tmp_path))
    return copy, migrate(copy, "--to", TARGETS[name], "--write")


EACH = pytest.mark.parametrize("written", sorted(TARGETS), indirect=True)


@EACH
def test_the_text_is_the_expected_one(written: tuple[Path, Outcome]) -> None:
    """Pairs, classes and single calls change; comments and everything else stay."""
    copy, outcome = written
    expected = SAMPLES / f"{copy.name}.expected"
    text = copy.read_text(encoding="utf-8")
    if os.environ.get("HOLDFAST_UPDATE_PINS"):
        expected.write_text(text, encoding="utf-8")

    assert text == expected.read_text(encoding="utf-8"), outcome.explain()


@EACH
def test_what_stays_is_named_with_its_reason(written: tuple[Path, Outcome]) -> None:
    """Line and code of each refusal are what the sample's comments say; so is the status."""
    copy, outcome = written
    lines = (SAMPLES / copy.name).read_text(encoding="utf-8").splitlines()
    stays = {(n, m.group(1)) for n, line in enumerate(lines, 1) if (m := _STAYS.search(line))}
    left = {(int(line), code) for line, code in _LEFT.findall(outcome.err)}

    assert left == stays, outcome.explain()
    assert outcome.code == (1 if stays else 0)
    assert outcome.out == ""


@EACH
def test_a_check_finds_nothing_new(written: tuple[Path, Outcome]) -> None:
    """The proof holds afterwards as it did before."""
    copy, _ = written
    before = found(check(SAMPLES / copy.name, "--format", "json", "--target", "3.15"))
    after = found(check(copy, "--format", "json", "--target", "3.15"))

    assert after["troubles"] == after["unchecked"] == []
    assert after["functions"] >= before["functions"]
    assert not _counted(after) - _counted(before)


def _counted(report: dict[str, list[dict[str, object]]]) -> Counter[tuple[object, object]]:
    return Counter((f["code"], f["function"]) for f in report["findings"] if f["level"] == "error")


@EACH
def test_a_second_run_changes_nothing(written: tuple[Path, Outcome]) -> None:
    """What is left is left for a reason, and what was made is not made again."""
    copy, _ = written
    text = copy.read_text(encoding="utf-8")
    again = migrate(copy, "--to", TARGETS[copy.name], "--write")

    assert again.code in {0, 1}, again.explain()
    assert copy.read_text(encoding="utf-8") == text


@EACH
def test_the_result_compiles_without_warnings(written: tuple[Path, Outcome]) -> None:
    """On the newest Python, where the removed calls are not declared."""
    copy, _ = written
    python = default_python()
    language = ("-x", "c", "-std=c11") if copy.suffix == ".c" else ("-std=c++17",)
    options = [*language, *STRICT, *include_flags(python.build), "-pthread", "-fsyntax-only"]
    if copy.name == "callbacks.c":
        options.append("-Wno-deprecated-declarations")  # two functions stay with PyGILState
    done = subprocess.run(
        [*find_compiler().command, *options, str(copy)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("python", EACH_PYTHON)
def test_the_listing_of_the_article_runs(tmp_path: Path, python: MatrixPython) -> None:
    """Checked, migrated, compiled with -Werror, run: on every Python from 3.10 to 3.15."""
    needs_clang_tidy()
    copy = Path(shutil.copy(SAMPLES / "article.cpp", tmp_path))
    assert migrate(copy, "--write").code == 0
    flags = flags_for(python.build, optimise="-O1")
    program = tmp_path / "article"
    command = [*find_compiler().command, *flags.cflags, *STRICT, str(copy), *flags.ldflags,
               *flags.libs, "-o", str(program)]  # fmt: skip
    built = run_command(command, deadline_s=180)
    assert built.code == 0, built.explain()

    outcome = run_command([str(program)], environ=environment_for(python), deadline_s=30)

    assert outcome.code == 0, outcome.explain()
    assert outcome.out == "ended\n"


@pytest.mark.parametrize("python", EACH_PYTHON)
def test_the_host_in_c_runs(tmp_path: Path, python: MatrixPython) -> None:
    """With the header that the command writes beside it, which older Pythons need."""
    needs_clang_tidy()
    copy = Path(shutil.copy(SAMPLES / "callbacks.c", tmp_path))
    assert migrate(copy, "--to", "pep788", "--write").code == 1
    flags = flags_for(python.build)
    program = tmp_path / "callbacks"
    command = [*find_compiler().command, "-x", "c", "-std=c99", *STRICT, "-pedantic",
               "-Wno-deprecated-declarations", *include_flags(python.build), "-pthread", str(copy),
               "-x", "none", *flags.ldflags, *flags.libs, "-o", str(program)]  # fmt: skip
    built = run_command(command, deadline_s=60)
    assert built.code == 0, built.explain()

    outcome = run_command([str(program)], environ=environment_for(python), deadline_s=30)

    assert outcome.code == 0, outcome.explain()
    assert sorted(outcome.out.splitlines()) == ["0 elements", "called"]
    assert (tmp_path / "attach_to_main.h").is_file()


@pytest.mark.long
@pytest.mark.parametrize("python", usable(), ids=lambda python: python.name)
def test_the_host_on_the_c_interface_does_what_it_did(tmp_path: Path, python: MatrixPython) -> None:
    """It adopts the Python that it starts itself; it attaches and detaches at the same steps."""
    needs_clang_tidy()
    before = Path(shutil.copy(SAMPLES / "host.c", tmp_path / "before.c"))
    after = Path(shutil.copy(SAMPLES / "host.c", tmp_path / "after.c"))
    assert migrate(after, "--to", "c", "--write").code == 0
    compiler = find_compiler()
    make_backend(python.build, compiler, tmp_path)
    flags = flags_for(python.build)
    linked = (*flags.ldflags, *flags.libs, *link_options(make_library(compiler)))
    environ = {**environment_for(python), "HOLDFAST_BACKENDS": str(tmp_path)}
    printed = []
    for source in (before, after):
        program = source.with_suffix("")
        command = [*compiler.command, "-x", "c", "-std=c99", "-D_POSIX_C_SOURCE=200809L",
                   *include_flags(python.build), str(source), "-x", "none", *linked,
                   "-o", str(program)]  # fmt: skip
        built = run_command(command, deadline_s=60)
        assert built.code == 0, built.explain()
        outcome = run_command([str(program)], environ=environ, deadline_s=30)
        assert outcome.code == 0, outcome.explain()
        printed.append(outcome.out)

    assert printed[0] == printed[1] == "22, attached 1\n"


def test_what_is_left_in_c_says_so_in_c(tmp_path: Path) -> None:
    """C has no guards: the lines to write have a scope, and a flag."""
    needs_clang_tidy()
    text = (
        (SAMPLES / "host.c")
        .read_text(encoding="utf-8")
        .replace(
            "    PyThreadState *saved = PyEval_SaveThread();\n",
            "    PyThreadState *saved = NULL;\n    if (events)\n        saved = PyEval_SaveThread();\n",
        )
        .replace(
            "    PyEval_RestoreThread(saved);",
            "    if (saved)\n        PyEval_RestoreThread(saved);",
        )
    )
    file = tmp_path / "host.c"
    file.write_text(text, encoding="utf-8")
    outcome = migrate(file, "--to", "c")

    assert outcome.code == 1, outcome.explain()
    assert "HF644 PyEval_SaveThread() begins in a branch" in outcome.err
    assert "do: use an hf_scope where both ends can see it" in outcome.err
    assert "    open = hf_detach(&scope) == HF_OK;" in outcome.err
    assert "guard" not in outcome.err


def test_without_a_start_nothing_goes_to_the_c_interface(tmp_path: Path) -> None:
    """The library would refuse every thread; the message has the lines that it needs."""
    needs_clang_tidy()
    text = (SAMPLES / "host.c").read_text(encoding="utf-8")
    file = tmp_path / "part.c"
    file.write_text(text.split("int main(")[0], encoding="utf-8")
    outcome = migrate(file, "--to", "c", "--write")

    assert outcome.code == 1, outcome.explain()
    assert file.read_text(encoding="utf-8") == text.split("int main(")[0]
    assert "HF642 nothing in the named files starts Python" in outcome.err
    assert "if (hf_adopt(&python) != HF_OK)" in outcome.err


def test_a_header_that_is_there_stays(tmp_path: Path) -> None:
    """It is the user's own from the first run on."""
    needs_clang_tidy()
    copy = Path(shutil.copy(SAMPLES / "callbacks.c", tmp_path))
    header = tmp_path / "attach_to_main.h"
    header.write_text("/* mine */\n", encoding="utf-8")
    migrate(copy, "--to", "pep788", "--write")

    assert header.read_text(encoding="utf-8") == "/* mine */\n"


def test_without_write_a_diff_is_shown(tmp_path: Path) -> None:
    """One that patch takes, with paths from the current folder; the file is as it was."""
    needs_clang_tidy()
    copy = Path(shutil.copy(SAMPLES / "article.cpp", tmp_path))
    before = copy.read_bytes()
    outcome = migrate(copy)

    assert outcome.code == 0, outcome.explain()
    assert copy.read_bytes() == before
    assert outcome.out.startswith(f"--- a/{copy}\n+++ b/{copy}\n@@ ")
    assert "-    PyEval_ReleaseLock();\n" in outcome.out
    assert "3 places in 1 file to change" in outcome.err


def test_a_file_that_does_not_compile_is_left(tmp_path: Path) -> None:
    """Its functions were not analysed, so nothing is known about their pairs; status 2."""
    needs_clang_tidy()
    file = tmp_path / "broken.cpp"
    text = (
        "#include <Python.h>\n"
        "void right() {\n    PyGILState_STATE s = PyGILState_Ensure();\n    PyGILState_Release(s);\n}\n"
        "void wrong() {\n    PyGILState_STATE s = PyGILState_Ensure();\n    nobody_knows();\n"
        "    PyGILState_Release(s);\n}\n"
    )
    file.write_text(text, encoding="utf-8")
    outcome = migrate(file, "--write")
    changed = file.read_text(encoding="utf-8")

    assert outcome.code == 2, outcome.explain()
    assert "HF620" in outcome.err
    assert ":7:" in outcome.err
    assert "HF648 wrong() was not analysed" in outcome.err
    assert "holdfast::attach_guard" in changed.split("void wrong")[0]
    assert changed.split("void wrong")[1] == text.split("void wrong")[1]


def test_guards_are_for_cplusplus(tmp_path: Path) -> None:
    """A C file stays as it is, and the message says what is there for C."""
    needs_clang_tidy()
    copy = Path(shutil.copy(SAMPLES / "callbacks.c", tmp_path))
    outcome = migrate(copy)

    assert outcome.code == 1, outcome.explain()
    assert "HF641 holdfast's guards are C++, and this is a C file" in outcome.err
    assert "--to pep788" in outcome.err


def test_an_unknown_target_is_wrong_use() -> None:
    """Status 2, and the ones there are."""
    outcome = migrate(SAMPLES / "article.cpp", "--to", "boost")

    assert outcome.code == 2, outcome.explain()
    assert "pep788" in outcome.err
