"""A new project is complete, or does not exist; and it builds, runs and passes its test."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from matrix import usable
from pyholdfast import paths
from pyholdfast.cli import main
from pyholdfast.commands.new import project_files

FILES = {
    ".gitignore",
    "CMakeLists.txt",
    "CMakePresets.json",
    "README.md",
    "src/app.py",
    "src/main.cpp",
}
DEADLINE_S = 300
CMAKE = shutil.which("cmake")
MESON = shutil.which("meson", path=f"{os.environ['PATH']}:{sysconfig.get_path('scripts')}")
COMPILER = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
NEEDS_RUNTIME = pytest.mark.skipif(
    not (paths.include_dir() / "holdfast" / "holdfast.hpp").is_file(),
    reason="needs holdfast/holdfast.hpp",
)


def made(folder: Path) -> set[str]:
    """The files of a project."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_project_is_made_and_the_next_steps_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has all files, and the output names the next commands."""
    status = main(["new", str(tmp_path / "hello")])
    said = capsys.readouterr().out

    assert status == 0
    assert made(tmp_path / "hello") == FILES
    assert f"cd {tmp_path / 'hello'}" in said
    assert "holdfast run src/main.cpp" in said
    assert "cmake --preset default" in said
    assert [entry.name for entry in tmp_path.iterdir()] == ["hello"]


def test_commands_that_are_told_can_be_pasted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is in the names of the folders."""
    parent = tmp_path / "it's mine"
    assert main(["new", str(parent / "hello")]) == 2
    remedy = capsys.readouterr().err.partition("do: ")[2].strip()
    subprocess.run(["sh", "-c", remedy], check=True)
    assert main(["new", str(parent / "hello")]) == 0
    change = capsys.readouterr().out.splitlines()[1].strip()

    done = subprocess.run(
        ["sh", "-c", f"{change} && pwd"], check=False, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(parent / "hello")


def test_the_folder_can_be_read_by_others_as_the_umask_says(tmp_path: Path) -> None:
    """A temporary folder is private; the project must not inherit that."""
    before = os.umask(0o022)
    try:
        assert main(["new", str(tmp_path / "hello")]) == 0
    finally:
        os.umask(before)

    assert (tmp_path / "hello").stat().st_mode & 0o777 == 0o755


def test_an_empty_folder_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`holdfast new .` in an empty folder; the folder itself stays."""
    folder = tmp_path / "hello"
    folder.mkdir()
    inode = folder.stat().st_ino
    monkeypatch.chdir(folder)

    assert main(["new", "."]) == 0
    assert made(folder) == FILES
    assert folder.stat().st_ino == inode
    assert "project(hello " in (folder / "CMakeLists.txt").read_text()


def test_a_project_in_c_has_no_file_of_the_other_language(tmp_path: Path) -> None:
    """The same files, but for the program."""
    assert main(["new", "--language", "c", str(tmp_path / "hello")]) == 0
    assert made(tmp_path / "hello") == FILES - {"src/main.cpp"} | {"src/main.c"}


def test_a_project_for_meson_has_no_file_of_cmake(tmp_path: Path) -> None:
    """The same files, but for the build."""
    assert main(["new", "--with", "meson", str(tmp_path / "hello")]) == 0
    cmake = {"CMakeLists.txt", "CMakePresets.json"}
    assert made(tmp_path / "hello") == FILES - cmake | {"meson.build"}


@pytest.mark.parametrize("language", ["c++", "c"])
def test_nothing_of_a_template_is_left_to_fill(language: str) -> None:
    """No placeholder is left, and no CMake variable has lost its dollar sign."""
    files = {str(path): text for path, text in project_files("hello", None, language).items()}

    assert not re.search(r"\$(?!\{|env|penv)", "".join(files.values()))
    assert "${holdfast_cmake}" in files["CMakeLists.txt"]
    assert json.loads(files["CMakePresets.json"])["configurePresets"][0]["binaryDir"] == (
        "${sourceDir}/build"
    )


def test_a_project_names_no_machine_unless_it_is_told_to() -> None:
    """With --python it does, in every place that matters, also with a space in the path."""
    free = "".join(project_files("hello", None).values())
    tied = {str(p): t for p, t in project_files("hello", Path("/my tools/python3")).items()}
    preset = json.loads(tied["CMakePresets.json"])["configurePresets"][0]

    assert str(Path.home()) not in free
    assert sys.prefix not in free
    assert preset["cacheVariables"]["Python_EXECUTABLE"] == "/my tools/python3"
    assert "holdfast run --python '/my tools/python3' src/main.cpp" in tied["README.md"]


@pytest.mark.parametrize("content", ["file", "folder"])
def test_what_exists_is_not_touched(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not empty, or a file with that name."""
    place = tmp_path / "hello"
    if content == "folder":
        place.mkdir()
        (place / "mine").touch()
    else:
        place.write_text("mine")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    status = main(["new", str(place)])

    assert status == 2
    assert capsys.readouterr().err.startswith(f"HF185 '{place}' ")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("name", ["a b", "test", "ALL_BUILD", "-x", "größe", "a;b", "a$b", 'a"b'])
def test_a_name_that_cmake_refuses_is_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is written."""
    status = main(["new", str(tmp_path / name)])

    assert status == 2
    assert capsys.readouterr().err.startswith(f"HF186 '{name}' cannot be the name of a project")
    assert list(tmp_path.iterdir()) == []


def test_a_parent_that_is_missing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the command that makes it."""
    status = main(["new", str(tmp_path / "no" / "hello")])
    said = capsys.readouterr().err

    assert status == 2
    assert said.startswith("HF187 ")
    assert f"do: mkdir -p {tmp_path / 'no'}" in said


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write to")
def test_a_parent_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """/proc refuses even root."""
    status = main(["new", "/proc/hello"])

    assert status == 2
    assert capsys.readouterr().err.startswith("HF187 cannot make '/proc/hello': ")


@pytest.mark.parametrize("exists", [False, True])
def test_a_failure_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, exists: bool
) -> None:
    """The disk is full when the last entry is moved or written."""
    folder = tmp_path / "hello"
    if exists:
        folder.mkdir()
    full = OSError(28, "No space left on device")
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name == "src" or target == folder:
            raise full
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    status = main(["new", str(folder)])

    assert status == 1
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == (
        ["hello"] if exists else []
    )


def test_a_python_that_does_not_exist_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No project is made for it."""
    status = main(["new", "--python", "/no/python3", str(tmp_path / "hello")])

    assert status == 2
    assert capsys.readouterr().err.startswith("HF103 ")
    assert list(tmp_path.iterdir()) == []


def holdfast_on_path(folder: Path) -> dict[str, str]:
    """The variables of a shell in which holdfast is installed and a Python is chosen."""
    command = folder / "holdfast"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{paths.PACKAGE.parent}" exec "{sys.executable}" -m pyholdfast "$@"\n'
    )
    command.chmod(0o755)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(folder),
        # a C host's libpython is loaded into a process that has the system's C library
        "HOLDFAST_PYTHON": str([p.path for p in usable() if p.build.loader is None][-1]),
        # the tests' own: the runtime is compiled once
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
        # offline: no proxy of the tester's, and nowhere to go
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }


def run(command: str, folder: Path, environ: dict[str, str]) -> str:
    """Run a line of the project's README in a shell; return its output."""
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environ, capture_output=True, text=True,
        check=False, timeout=DEADLINE_S,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def readme_commands(folder: Path) -> list[str]:
    """The lines of the README's code blocks, in their order."""
    blocks = re.findall(r"```\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@NEEDS_RUNTIME
@pytest.mark.skipif(CMAKE is None or COMPILER is None, reason="needs cmake and a C++ compiler")
@pytest.mark.parametrize(
    ("language", "source"),
    [pytest.param("c++", "src/main.cpp", marks=pytest.mark.ci), ("c", "src/main.c")],
)
def test_every_command_of_the_readme_works(tmp_path: Path, language: str, source: str) -> None:
    """Run it, configure, build, test, start: as a new user does, and offline."""
    environ = holdfast_on_path(tmp_path)
    told = run(f"holdfast new --language {language} hello", tmp_path, environ)
    assert f"holdfast run {source}" in told
    folder = tmp_path / "hello"
    commands = readme_commands(folder)
    said = {command: run(command, folder, environ) for command in commands}

    expected = "400000 words in 100000 calls from 4 threads, "
    assert len(commands) == 5
    assert said[f"holdfast run {source}"].startswith(expected)
    assert "100% tests passed" in said["ctest --preset default"]
    assert said["./build/hello"].startswith(expected)
    if language == "c":  # it is linked with no Python: there is nothing to compare
        assert (folder / "build" / "holdfast-backends").is_dir()
        return
    examined = run("holdfast doctor build/hello", folder, environ)
    assert "HF180 holdfast's runtime is inside" in examined
    assert "HF160 compiled for the Python that it is linked with" in examined


@NEEDS_RUNTIME
@pytest.mark.skipif(COMPILER is None or MESON is None, reason="needs meson and a C++ compiler")
@pytest.mark.parametrize("language", ["c++", "c"])
@pytest.mark.long
def test_every_command_of_a_readme_for_meson_works(tmp_path: Path, language: str) -> None:
    """The same with Meson, in a folder with a blank and a quote in its path, for one Python."""
    folder = tmp_path / "it's here"
    folder.mkdir()
    environ = holdfast_on_path(tmp_path)
    environ["PATH"] += f":{sysconfig.get_path('scripts')}"
    chosen = environ["HOLDFAST_PYTHON"]
    option = f"--python {chosen}" if language == "c++" else ""
    run(f"holdfast new --with meson --language {language} {option} hello", folder, environ)
    commands = readme_commands(folder / "hello")
    said = {command: run(command, folder / "hello", environ) for command in commands}

    expected = "400000 words in 100000 calls from 4 threads, "
    assert len(commands) == 5
    assert all(text.startswith(expected) for line, text in said.items() if "holdfast run" in line)
    assert re.search(r"Ok: +1\b", said["meson test -C build"])
    assert said["./build/hello"].startswith(expected)


@NEEDS_RUNTIME
@pytest.mark.skipif(CMAKE is None or COMPILER is None, reason="needs cmake and a C++ compiler")
def test_a_check_of_the_project_is_about_its_own_files(tmp_path: Path) -> None:
    """Nothing is reported in holdfast's headers, or in what it compiles into the project."""
    pytest.importorskip("clang_tidy", reason="pip install clang-tidy")
    environ = holdfast_on_path(tmp_path)
    run("holdfast new hello", tmp_path, environ)
    folder = tmp_path / "hello"
    run("cmake --preset default", folder, environ)
    checked = run("holdfast check -p build", folder, environ)

    assert checked.endswith(" files: 0 findings\n")
    assert "note: HF614" not in checked


@NEEDS_RUNTIME
@pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler")
@pytest.mark.long
def test_a_failing_module_fails_the_program(tmp_path: Path) -> None:
    """The project's test can fail: a Python exception reaches stderr and the exit status."""
    environ = holdfast_on_path(tmp_path)
    run("holdfast new hello", tmp_path, environ)
    (tmp_path / "hello" / "src" / "app.py").write_text("def count_words(text):\n    1 / 0\n")
    done = subprocess.run(
        ["holdfast", "run", "src/main.cpp"], cwd=tmp_path / "hello", env=environ,
        capture_output=True, text=True, check=False, timeout=DEADLINE_S,
    )  # fmt: skip

    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
