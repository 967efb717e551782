"""`holdfast bind` as a command, and the headers that `holdfast run` makes automatically."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness import Outcome, environment_for, run_command, run_holdfast
from matrix import MatrixPython, default_python, usable
from pyholdfast.cli import main

CHECKOUT = Path(__file__).resolve().parents[2]
COMPILE_LIMIT_S = 120
ADD = "def add(a: int, b: int = 1) -> int:\n    return a + b\n"
NAME = "def name(of: str) -> str:\n    return of\n"
# In the syntax of 3.12.
FIRST = "def first[T](items: list[T]) -> int:\n    return len(items)\n"
HOST = """\
#include "add.hpp"
#include "parts/name.hpp"
#include <holdfast/interpreter.hpp>
#include <cstdio>
int main() {
    holdfast::interpreter python;
    std::printf("%d %s\\n", static_cast<int>(add::add(2)), parts::name::name("x").c_str());
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two modules; it is the current folder."""
    (tmp_path / "add.py").write_text(ADD)
    (tmp_path / "name.py").write_text(NAME)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(python: MatrixPython, *words: str, folder: Path) -> Outcome:
    """Run the command in its own process; the compiled runtime is found in the tests' cache."""
    return run_holdfast(*words, python=python, cwd=folder)


def stamps(*files: str) -> list[int]:
    """The times of the files' last writes, after setting them to an old time so that a new write shows."""
    for file in files:
        os.utime(file, ns=(1, 1))
    return [Path(file).stat().st_mtime_ns for file in files]


@pytest.mark.usefixtures("folder")
def test_several_modules_go_into_one_folder() -> None:
    """Or each has its own header."""
    Path("out").mkdir()
    assert main(["bind", "add.py", "name.py", "-o", "out"]) == 0
    assert main(["bind", "add.py", "name.py", "-o", "a.hpp", "-o", "b.hpp"]) == 0
    assert main(["bind", "add.py", "name.py"]) == 0

    for one, other in (
        ("out/add.hpp", "out/name.hpp"),
        ("a.hpp", "b.hpp"),
        ("add.hpp", "name.hpp"),
    ):
        assert 'add{"add", "add"' in Path(one).read_text()
        assert 'name{"name", "name"' in Path(other).read_text()


@pytest.mark.usefixtures("folder")
def test_as_many_headers_as_modules(capsys: pytest.CaptureFixture[str]) -> None:
    """Any other number is wrong use, and nothing is written."""
    assert main(["bind", "add.py", "name.py", "-o", "a.hpp", "-o", "b.hpp", "-o", "c.hpp"]) == 2

    assert "HF116 2 modules, but 3 times -o" in capsys.readouterr().err
    assert list(Path().glob("*.hpp")) == []


@pytest.mark.usefixtures("folder")
def test_only_the_header_that_changes_is_written() -> None:
    """The others keep their times, so that nothing is compiled again."""
    assert main(["bind", "add.py", "name.py"]) == 0
    before = stamps("add.hpp", "name.hpp")

    Path("name.py").write_text(f"# longer\n{NAME}    # and on\n")
    assert main(["bind", "add.py", "name.py"]) == 0
    assert [Path(file).stat().st_mtime_ns for file in ("add.hpp", "name.hpp")] == before

    Path("name.py").write_text(NAME.replace("of: str", "of: bytes"))
    assert main(["bind", "add.py", "name.py"]) == 0
    assert Path("add.hpp").stat().st_mtime_ns == before[0]
    assert Path("name.hpp").stat().st_mtime_ns != before[1]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("drift", ["module", "header", "missing"])
def test_check_says_which_header_has_drifted(
    drift: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Because of the module's hints or an edit; it names the command that fixes it, and writes nothing."""
    assert main(["bind", "add.py", "name.py"]) == 0
    assert main(["bind", "add.py", "name.py", "--check"]) == 0
    header = Path("name.hpp")
    if drift == "module":
        Path("name.py").write_text(NAME.replace("of: str", "of: str, by: int"))
    elif drift == "header":
        header.write_text(header.read_text().replace("std::string", "std::wstring"))
    else:
        header.unlink()
    left = header.read_text() if header.exists() else None
    capsys.readouterr()

    assert main(["bind", "add.py", "name.py", "--check"]) == 1
    said = capsys.readouterr().err
    assert "HF504 name.hpp is out of date: it does not match name.py" in said
    assert "do: holdfast bind name.py -o name.hpp" in said
    assert (header.read_text() if header.exists() else None) == left


@pytest.mark.usefixtures("folder")
def test_the_command_that_mends_a_header_has_its_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without them it would write a header in C++, or for a module of another name."""
    Path("in a").mkdir()
    options = ["--language", "c", "--root", "."]
    assert main(["bind", "add.py", "-o", "in a/add.h", "--check", *options]) == 1

    said = capsys.readouterr().err
    assert "do: holdfast bind add.py -o 'in a/add.h' --language c --root ." in said


@pytest.mark.ci
def test_run_makes_the_headers_of_modules_beside_the_host(folder: Path) -> None:
    """Also for modules in folders, but not if a header exists; and again when the hints change."""
    python = default_python()
    (folder / "parts").mkdir()
    (folder / "name.py").rename(folder / "parts" / "name.py")
    (folder / "host.cpp").write_text(HOST)

    ran = command(python, "run", "--python", str(python.path), "host.cpp", folder=folder)
    assert (ran.out, ran.complaints, ran.code) == ("3 x\n", "", 0), ran.explain()
    assert list(folder.glob("*.hpp")) == []

    # What a default is only Python knows; another hint is another header, which no longer fits.
    (folder / "add.py").write_text(ADD.replace("b: int = 1", "b: int = 5"))
    ran = command(python, "run", "--python", str(python.path), "host.cpp", folder=folder)
    assert ran.out == "7 x\n", ran.explain()
    (folder / "add.py").write_text(ADD.replace("a: int", "a: str"))
    ran = command(python, "run", "--python", str(python.path), "host.cpp", folder=folder)
    assert "HF109" in ran.err

    # Somebody has written a header: it is taken as it is.
    (folder / "add.hpp").write_text('#error "my own"\n')
    ran = command(python, "run", "--python", str(python.path), "host.cpp", folder=folder)
    assert "my own" in ran.err


def test_a_built_host_finds_the_modules_that_a_run_one_finds(folder: Path) -> None:
    """Wherever it lies and is started, whatever the names; not when it is isolated, as for run."""
    python = default_python()
    ours = folder / "Übung zu Straßen"
    ours.mkdir()
    (folder / "add.py").rename(ours / "add.py")
    (folder / "name.py").rename(ours / "name.py")
    folder = ours
    (folder / "parts").mkdir()
    (folder / "name.py").rename(folder / "parts" / "name.py")
    text = HOST.replace("int main() {", "int main(int argc, char **) {").replace(
        "interpreter python;",
        "interpreter_config config;\n    config.isolated = argc > 1;\n"
        "    holdfast::interpreter python(config);",
    )
    (folder / "größer als.cpp").write_text(text)
    elsewhere = folder / "nach außen"
    elsewhere.mkdir()
    words = ("build", "--python", str(python.path), "größer als.cpp", "-o", "nach außen/prögramm")
    built = command(python, *words, folder=folder)
    assert built.code == 0, built.explain()
    environ = environment_for(python)
    program = str(elsewhere / "prögramm")
    found = run_command([program], environ=environ, deadline_s=30, cwd=elsewhere)
    isolated = run_command([program, "1"], environ=environ, deadline_s=30, cwd=elsewhere)

    assert found.out == "3 x\n", found.explain()
    assert "HF510" in isolated.err, isolated.explain()


def test_run_says_what_is_wrong_with_such_a_module(folder: Path) -> None:
    """It gives the line, before anything is compiled."""
    (folder / "add.py").write_text("\ndef add(a: Missing) -> int: ...\n")
    (folder / "host.cpp").write_text('#include "add.hpp"\nint main() {}\n')
    python = default_python()
    ran = command(python, "run", "--python", str(python.path), "host.cpp", folder=folder)

    assert ran.code == 1
    assert "HF503" in ran.err
    assert "add.py:2: add() parameter 'a'" in ran.err


@pytest.mark.parametrize("check", [False, True], ids=["write", "check"])
def test_a_module_of_a_newer_python_is_read_by_that(folder: Path, *, check: bool) -> None:
    """Each Python parses the syntax of its own version; an older one passes the command on."""
    older = [python for python in usable() if python.build.version < (3, 12)]
    newer = [python for python in usable() if python.build.version >= (3, 12)]
    if not (older and newer):
        pytest.skip("needs a Python before 3.12 and one from 3.12 on")
    (folder / "first.py").write_text(FIRST)
    words = ["-m", "pyholdfast", "bind", "add.py", "first.py", "-o", ".", "--quiet"]
    environ = {**environment_for(older[0]), "PYTHONPATH": str(CHECKOUT / "src")}

    def bind(*more: str) -> Outcome:
        return run_command(
            [str(older[0].path), *words, *more], environ=environ, deadline_s=60, cwd=folder
        )

    alone = bind("--python", str(older[0].path))
    assert alone.code == 1
    assert "HF502 " in alone.err
    assert "--python" in alone.err
    done = bind("--python", str(newer[-1].path))
    assert done.code == 0, done.explain()
    assert "first{" in (folder / "first.hpp").read_text()
    if check:
        assert bind("--python", str(newer[-1].path), "--check").code == 0
        (folder / "first.hpp").write_text("")
        assert bind("--python", str(newer[-1].path), "--check").code == 1
        assert (folder / "first.hpp").read_text() == ""


@pytest.mark.usefixtures("folder")
def test_a_variable_names_the_python_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for every other command: tests of the version are those of that Python."""
    for python in (usable()[0], usable()[-1]):
        test = f"sys.version_info[1] == {python.build.version[1]}"
        Path("add.py").write_text(f"import sys\nif {test}:\n    def only() -> None: ...\n")
        monkeypatch.setenv("HOLDFAST_PYTHON", str(python.build.executable))

        assert main(["bind", "add.py"]) == 0
        assert " only{" in Path("add.hpp").read_text()
