"""The command line: statuses, streams, and imports of the requested command only."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness import run_command, run_holdfast
from matrix import default_python
from pyholdfast import cli, paths
from pyholdfast.cli import COMMANDS, main

SOURCE = Path(__file__).resolve().parents[2] / "src"
PYTHON = default_python()
HOST = """\
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
int main(int count, char **words) {
    if (count > 1 && std::strcmp(words[1], "--abort") == 0)
        std::abort();
    for (int i = 0; i < count; ++i)
        std::printf("[%s]", words[i]);
    std::printf("%s", std::getenv("HOLDFAST_PYTHON"));
    return count;
}
"""


def holdfast(*words: str, cwd: Path | None = None) -> tuple[int | None, str, str]:
    """Run the command in its own process, as a user does."""
    environ = {} if cwd is None else {"XDG_CACHE_HOME": str(cwd / "cache")}
    outcome = run_holdfast(*words, environ=environ, cwd=cwd)
    return outcome.code, outcome.out, outcome.err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0 on stdout if help was requested; without any word, status 2."""
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert main([]) == 2

    for command in COMMANDS:
        assert f"  {command.name}" in shown
    assert all(len(line) <= 100 for line in shown.splitlines())


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The module exists, and its docstring begins the text."""
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])

    assert caught.value.code == 0
    assert f"usage: holdfast {name}" in capsys.readouterr().out


def test_only_the_command_asked_for_is_imported() -> None:
    """`config` in a build script must not pay for the other commands, nor `--help` for any."""
    code = (
        "import sys; from pyholdfast.cli import main; main(sys.argv[1:]);"
        "print([m for m in sys.modules if m.startswith('pyholdfast.')], file=sys.stderr)"
    )
    loaded = {}
    for word in ("--help", "explain"):
        done = subprocess.run(
            [sys.executable, "-c", code, word], capture_output=True, text=True, check=True,
            env={"PYTHONPATH": str(SOURCE)},
        )  # fmt: skip
        loaded[word] = done.stderr

    assert "commands" not in loaded["--help"]
    assert "pyholdfast.commands.explain" in loaded["explain"]
    assert "pyholdfast.toolchain" not in loaded["explain"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["bild"], "HF116"),
        (["build", "a.cpp", "-o", "b", "--", "c"], "HF116"),
        (["explain", "HF999"], "HF115"),
    ],
)
def test_wrong_use_is_status_2_on_stderr(
    words: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a code, and a remedy on the next line."""
    assert main(words) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{code} ")
    assert "\n  do: " in printed.err


def test_a_failure_is_status_1(tmp_path: Path) -> None:
    """A host that does not compile is not wrong use of the command."""
    (tmp_path / "host.cpp").write_text("int main( {}")
    code, _, err = holdfast("run", "host.cpp", "--python", str(PYTHON.path), cwd=tmp_path)

    assert code == 1
    assert "\nHF109 host.cpp does not compile: " in err


def test_an_interrupt_is_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends without a traceback."""

    def interrupted(_words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_dispatch", interrupted)

    assert main(["explain"]) == 130


@pytest.mark.parametrize("words", [["--python", "{}"], ["--python={}"]])
def test_the_python_may_stand_before_the_command(words: list[str]) -> None:
    """Or after it."""
    named = [word.format(PYTHON.path) for word in words]
    before = holdfast(*named, "config", "--extension-suffix")
    after = holdfast("config", *named, "--extension-suffix")

    assert before == after
    assert before[0] == 0
    assert before[1].endswith(".so\n")


def test_a_closed_folder_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """HF119 names the inaccessible file; no command needs its own code for that."""

    def refused(_words: list[str]) -> int:
        raise PermissionError(13, "Permission denied", "/srv/closed/host.cpp")

    monkeypatch.setattr(cli, "_dispatch", refused)

    assert main(["explain"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("HF119 cannot look at '/srv/closed/host.cpp': Permission denied\n  do: ")


def test_explain_shows_cause_example_and_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    """Also for a code in lower case; without a code, it lists all codes."""
    assert main(["explain", "hf105"]) == 0
    page = capsys.readouterr().out
    assert main(["explain"]) == 0
    listed = capsys.readouterr().out

    assert page.startswith("HF105 Python.h is not installed\n")
    for heading in ("cause", "example", "do"):
        assert f"\n{heading}\n  " in page
    assert "HF105  Python.h is not installed" in listed


def test_run_passes_arguments_status_and_streams(tmp_path: Path) -> None:
    """The host replaces the command, so nothing is in between."""
    (tmp_path / "host.cpp").write_text(HOST)
    words = ("run", "host.cpp", "--python", str(PYTHON.path))
    code, out, err = holdfast(*words, "--", "a b", "--", "-c", cwd=tmp_path)
    crashed, _, _ = holdfast(*words, "--", "--abort", cwd=tmp_path)

    assert (code, err) == (4, "")
    assert out == f"[host][a b][--][-c]{PYTHON.path}"
    assert crashed == -6


def test_run_lets_python_find_modules_beside_the_source(tmp_path: Path) -> None:
    """In front of the folders in PYTHONPATH, as for `python script.py`."""
    (tmp_path / "host.cpp").write_text(
        "#include <cstdio>\n#include <cstdlib>\n"
        'int main() { std::fputs(std::getenv("PYTHONPATH"), stdout); }\n'
    )
    _, out, _ = holdfast("run", "host.cpp", "--python", str(PYTHON.path), cwd=tmp_path)

    assert out.split(":")[0] == str(tmp_path)


def test_run_keep_leaves_the_program_beside_its_source(tmp_path: Path) -> None:
    """It refuses to overwrite a source without a suffix."""
    (tmp_path / "host.cpp").write_text(HOST)
    holdfast("run", "host.cpp", "--python", str(PYTHON.path), "--keep", cwd=tmp_path)
    (tmp_path / "bare").write_text(HOST)
    code, _, err = holdfast("run", "bare", "--python", str(PYTHON.path), "--keep", cwd=tmp_path)

    assert (tmp_path / "host").stat().st_mode & 0o100
    assert code == 2
    assert err.startswith("HF116")
    assert (tmp_path / "bare").read_text() == HOST


def test_build_writes_the_program(tmp_path: Path) -> None:
    """At the given path."""
    (tmp_path / "host.cpp").write_text("int main() { return 7; }")
    code, _, err = holdfast(
        "build", "host.cpp", "-o", "out", "--python", str(PYTHON.path), cwd=tmp_path
    )

    assert (code, err) == (0, "")
    assert run_command([str(tmp_path / "out")], deadline_s=20).code == 7


def test_config_answers_one_line_each_in_the_order_asked() -> None:
    """The option names of pybind11 and nanobind also work, also without the word config."""
    python = str(PYTHON.path)
    code, out, _ = holdfast("config", "--cmake-dir", "--python", python, "--version", "--python")
    _, both, _ = holdfast("--include_dir", "--cmake_dir", "--cmakedir", "--pkgconfigdir")
    _, includes, _ = holdfast("--python", python, "--includes", "--embed")
    _, suffix, _ = holdfast("--extension-suffix", "--python", python)

    assert code == 0
    assert out.splitlines() == [str(paths.cmake_dir()), paths.version(), python]
    *folders, pkgconfig = both.splitlines()
    assert folders == [str(paths.include_dir()), str(paths.cmake_dir()), str(paths.cmake_dir())]
    # Without a compiler there is no libholdfast, and so no holdfast-c.pc
    assert (Path(pkgconfig) / "holdfast.pc").is_file()
    assert shlex.split(includes)[1] == str(paths.include_dir())  # quoted where it has a blank
    assert suffix == f"{PYTHON.build.variables['EXT_SUFFIX']}\n"
    assert suffix.startswith(".")


def test_config_compiles_a_host_by_hand(tmp_path: Path) -> None:
    """The line in the help text, word for word."""
    (tmp_path / "host.cpp").write_text(
        "#include <Python.h>\nint main() { return Py_IsInitialized(); }\n"
    )
    python = str(PYTHON.path)
    options = [
        holdfast("config", f"--{name}", "--python", python)[1] for name in ("cflags", "ldflags")
    ]
    line = f"c++ {options[0].strip()} host.cpp {options[1].strip()} -o host && ./host"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, check=False)

    assert done.returncode == 0


def test_config_json_describes_everything() -> None:
    """Options, folders, and what the Python reports about itself."""
    _, out, _ = holdfast("config", "--json", "--python", str(PYTHON.path))
    said = json.loads(out)

    assert said["python"] == str(PYTHON.path)
    assert said["build"]["version"] == list(PYTHON.build.version)
    assert {"cflags", "ldflags", "libs", "rpath", "include-dir", "cmake-dir"} <= said.keys()


def test_a_reader_that_has_enough_is_no_error() -> None:
    """`holdfast explain | head -1`: no traceback when the reader has closed the pipe."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "pyholdfast", "explain"], stdout=write_end, stderr=subprocess.PIPE,
        text=True, check=False, env={"PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    os.close(write_end)

    assert done.stderr == ""
    assert done.returncode == 1
