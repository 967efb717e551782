"""Wrong use has the same status and form in every command; no command overwrites a file it reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness import Outcome, run_holdfast
from matrix import default_python
from pyholdfast.cli import COMMANDS, main
from pyholdfast.errors import UsageError
from pyholdfast.outputs import demand_apart

PYTHON = default_python()
HOST = "int main() {}\n"
MODULE = "def add(a: int) -> int:\n    return a\n"
NONE = "none/such"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with a header, two modules, and links to a source; it is the current folder."""
    (tmp_path / "a.cpp").write_text(f'#include "a.hpp"\n{HOST}')
    (tmp_path / "a.hpp").write_text("// a header\n")
    (tmp_path / "mod.py").write_text(f"from other import T\n{MODULE}def b(t: T) -> int: ...\n")
    (tmp_path / "other.py").write_text("class T: ...\n")
    (tmp_path / "results.json").write_text("{}\n")
    (tmp_path / "soft.cpp").symlink_to("a.cpp")
    (tmp_path / "hard.cpp").hardlink_to(tmp_path / "a.cpp")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    """The contents of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def run(*words: str, cwd: Path, **environ: str) -> Outcome:
    """Run the command in its own process."""
    return run_holdfast(*words, environ={"XDG_CACHE_HOME": str(cwd / "cache"), **environ}, cwd=cwd)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("run none.cpp", "HF111"),
        ("build none.cpp -o out", "HF111"),
        ("check none.cpp", "HF111"),
        ("migrate none.cpp", "HF111"),
        ("run .", "HF111"),
        ("run /dev/null", "HF111"),
        ("build . -o out", "HF111"),
        ("check .", "HF111"),
        ("build a.cpp -o none/out", "HF112"),
        ("build a.cpp -o .", "HF112"),
        ("bench --from none.json", "HF145"),
        ("demo none", "HF141"),
        ("doctor none", "HF113"),
        ("doctor --log none", "HF183"),
        ("new none/such", "HF187"),
        ("explain HF999", "HF115"),
        ("bind none.py", "HF501"),
        ("bind .", "HF501"),
        ("bind ..", "HF501"),
        ("bind /", "HF501"),
        ("bind mod.py -o none/mod.hpp", "HF506"),
        ("bind mod.py --root none", "HF505"),
        ("check -p none", "HF627"),
        ("trace none.trace", "HF803"),
        ("trace -o . -- ./none", "HF807"),
        ("trace -o none/a.html -- ./none", "HF807"),
        ("trace -- ./none", "HF806"),
        ("top none.trace", "HF116"),
        ("top 999999999", "HF822"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_not_there_is_wrong_use_everywhere(
    line: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2 in every command, with a code and a remedy."""
    assert main(line.split()) == 2

    said = capsys.readouterr().err
    assert said.startswith(f"{code} ")
    assert "\n  do: " in said


@pytest.mark.parametrize(
    "line",
    [
        *("run a.cpp", "build a.cpp -o out", "check a.cpp", "migrate a.cpp", "demo", "new p"),
        *("doctor", "doctor a.cpp", "config --cflags", "bench --quick"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_python_that_is_not_there_is_wrong_use_everywhere(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also for the doctor: a user who names a Python wants that one."""
    assert main([*line.split(), "--python", NONE]) == 2
    assert capsys.readouterr().err.startswith(
        f"HF103 --python names a Python that does not exist: '{NONE}'\n  do: "
    )


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_an_unknown_option_has_a_code(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The remedy names the command's help."""
    assert main([name, "--nosuch", "x", "y"]) == 2

    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"HF116 holdfast {name}: ")
    assert second == f"  do: see holdfast {name} --help"


@pytest.mark.parametrize("name", ["run", "debug"])
def test_arguments_of_the_host_come_after_two_dashes(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The remedy says so, where options of the command end."""
    assert main([name, "host.c", "8000", "fast"]) == 2
    assert capsys.readouterr().err == (
        f"HF116 holdfast {name}: unrecognized arguments: 8000 fast\n"
        "  do: put -- before the host's own arguments: -- 8000 fast\n"
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("run", "the following arguments are required: HOST.cpp"),
        ("build a.cpp", "the following arguments are required: -o/--output"),
        ("config --python a b", "unrecognized arguments: b"),
        ("check --format xml", "--format: invalid choice: 'xml'"),
        ("check --jobs 0 a.cpp", "--jobs/-j: 0 is less than 1"),
        ("check --jobs x a.cpp", "--jobs/-j: 'x' is not a whole number"),
        ("check --limit nan a.cpp", "--limit: nan is not between 0.1 and 1e+09"),
        ("check --target new a.cpp", "--target: 'new' is not a version such as 3.13"),
        ("bench --rounds x", "--rounds: 'x' is not a whole number"),
        ("bench --rounds 0", "--rounds: 0 is less than 1"),
        ("demo --threads many", "--threads: 'many' is not a whole number"),
        ("demo --threads 1001", "--threads: 1001 is not between 1 and 1000"),
        ("top --interval 0", "--interval: 0 is not between 0.1 and 3600"),
        ("top --interval x", "--interval: 'x' is not a number"),
        ("trace --from soon x.trace", "--from: 'soon' is not a time such as 2s or 500ms"),
        ("trace --watchdog soon -- ./a", "--watchdog: 'soon' is not a time such as 2s or 500ms"),
    ],
)
def test_a_bad_value_is_told_in_words(
    line: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option, the value, and what it should be."""
    name = line.partition(" ")[0]
    assert main(line.split()) == 2
    assert capsys.readouterr().err.startswith(f"HF116 holdfast {name}: {problem}")


@pytest.mark.parametrize(
    "line",
    [
        "build a.cpp -o a.cpp",
        "build a.cpp -o ./a.cpp",
        "build a.cpp -o soft.cpp",
        "build a.cpp -o hard.cpp",
        "build soft.cpp -o a.cpp",
        "bind mod.py -o mod.py",
        "bind mod.py -o other.py",
        "bind mod.py other.py -o x.hpp -o other.py",
        "bind mod.py other.py -o x.hpp -o x.hpp",
        "bind mod.py --depfile mod.py",
        "bind mod.py -o mod.hpp --depfile mod.hpp",
        "check a.cpp -o a.cpp",
        "check a.cpp -o hard.cpp",
        "check a.cpp -o results.json --baseline results.json",
        "check a.cpp --write-baseline --baseline a.cpp",
        "bench --from results.json --plot results.json",
        "bench --from results.json --plot x.svg --scaling x.svg",
        "trace results.json -o results.json",
        "trace --keep x.html -o x.html -- ./host",
    ],
)
def test_an_output_never_replaces_an_input(
    line: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """HF118 names both, also through links; nothing is changed."""
    before = contents(folder)

    assert main(line.split()) == 2
    assert capsys.readouterr().err.startswith("HF118 cannot write '")
    assert contents(folder) == before


def test_a_program_never_replaces_a_header_of_its_own(folder: Path) -> None:
    """The compiler says which files it reads; this is checked before anything is linked."""
    before = contents(folder)
    outcome = run("build", "a.cpp", "-o", "a.hpp", cwd=folder)

    assert outcome.code == 2, outcome.explain()
    assert outcome.err.startswith("HF118 cannot write 'a.hpp'")
    assert contents(folder) == before


def test_keep_does_not_replace_a_link_to_the_source(folder: Path) -> None:
    """`run --keep` also has an output: the source's name without its suffix."""
    (folder / "a").symlink_to("a.cpp")
    outcome = run("run", "a.cpp", "--keep", cwd=folder)

    assert outcome.code == 2, outcome.explain()
    assert outcome.err.startswith("HF118 cannot write 'a'")
    assert (folder / "a").is_symlink()


def test_a_device_may_be_read_and_written(tmp_path: Path) -> None:
    """As often as necessary, because nothing is lost. A file that does not exist yet counts by its name."""
    device = Path(os.devnull)
    demand_apart([device, device], [device])
    demand_apart([tmp_path / "a", tmp_path / "b"])
    with pytest.raises(UsageError, match=r"HF118 .*which is written, too"):
        demand_apart([tmp_path / "a", tmp_path / "x" / ".." / "a"])


@pytest.mark.parametrize("name", ["a.txt", "bare", "main.hpp", "main.s", "main.o"])
def test_a_host_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Even a name that the compiler would take for an object file or a header is compiled as C++."""
    (tmp_path / name).write_text("int main() { return 7; }\n")
    outcome = run("run", name, cwd=tmp_path)

    assert outcome.code == 7, outcome.explain()


@pytest.mark.long
def test_run_does_without_a_cache_that_cannot_be_written(folder: Path) -> None:
    """It says so in one line, even if headers are made for modules beside the host."""
    (folder / "file").touch()
    (folder / "tmp").mkdir()
    (folder / "b.cpp").write_text('#include "mod.hpp"\nint main() { return 7; }\n')
    environ = {"XDG_CACHE_HOME": str(folder / "file"), "TMPDIR": str(folder / "tmp")}
    outcome = run("run", "a.cpp", cwd=folder, **environ)
    bound = run("run", "b.cpp", cwd=folder, **environ)

    assert outcome.code == 0, outcome.explain()
    (line,) = outcome.err.splitlines()
    assert line.startswith(f"holdfast run: cannot write '{folder / 'file' / 'holdfast'}")
    assert line.endswith(f"; using '{folder / 'tmp' / f'holdfast-cache-{os.getuid()}'}' instead")
    assert bound.code == 7, bound.explain()


def test_a_temporary_cache_is_private(folder: Path) -> None:
    """A folder with that name that other users can write to is not used."""
    (folder / "file").touch()
    theirs = folder / "tmp" / f"holdfast-cache-{os.getuid()}"
    theirs.mkdir(parents=True)
    theirs.chmod(0o777)
    environ = {"XDG_CACHE_HOME": str(folder / "file"), "TMPDIR": str(folder / "tmp")}
    outcome = run("run", "a.cpp", cwd=folder, **environ)

    assert outcome.code == 0, outcome.explain()
    assert list(theirs.iterdir()) == []
