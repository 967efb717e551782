"""Folders of `holdfast bundle` for Windows: made on Linux and by Windows' own Python, run under wine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from compiled_files import CACHE, compile_object, link, store_at
from elsewhere.targets import WINDOWS_PYTHONS, facts_of, target
from harness import Outcome, run_holdfast
from matrix import usable
from platform_recipes.wine import wine_command
from pyholdfast import paths
from pyholdfast.toolchain.c_library import make_library
from pyholdfast.toolchain.compiler import Compiler
from pyholdfast.toolchain.prebuilt_runtime import COMPILED
from ship.support import build_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matrix import MatrixPython

HOSTS = Path(__file__).resolve().parent.parent / "ship" / "hosts"
ON_WINDOWS = "3.12"
DEADLINE_S = 400
MOVED = "Größe und Form"
# Python's own children, such as those of multiprocessing, are not isolated as the host is
OF_CHILD = (
    "import sys, facts; print(sys.flags.isolated == 1, facts.__file__.startswith(sys.prefix))"
)
# What a user may have set, all of it wrong
HOSTILE = {
    "PYTHONHOME": "C:\\nowhere",
    "PYTHONPATH": "C:\\nowhere",
    "HOLDFAST_PYTHON": "C:\\nowhere\\python.exe",
    "HOLDFAST_BACKENDS": "C:\\nowhere",
    "VIRTUAL_ENV": "C:\\nowhere",
    "HOLDFAST_TEST_SHIP": "passed on",
}


def _installation() -> Path:
    return Path(facts_of("windows")["folder"])


def _python(version: str) -> Path:
    return _installation() / "pythons" / version / "python.exe"


def _cpp_host(folder: Path, version: str) -> Path:
    """A program that is linked with the Python's DLL, and names that Python as its own."""
    where = target(f"windows-{version}")
    options = [*where.compiling, COMPILED, f'-DHOLDFAST_DEFAULT_PYTHON="{where.home_python}"']
    sources = (HOSTS / "host.cpp", paths.include_dir() / "holdfast" / "compiled.cpp")
    objects = [compile_object(where.compiler, source, options) for source in sources]
    linking = [*map(str, objects), *where.linking]
    made = link(where.compiler, linking, "host.exe", objects, store_at(CACHE))
    return Path(shutil.copy(made, folder))


def _c_host(folder: Path) -> Path:
    """A program that finds its Python when it starts, with the DLL that it needs beside it."""
    found = facts_of("windows")["compiler"]
    cpp, c = Compiler((found,), "windows"), Compiler((found.replace("g++", "gcc"),), "windows")
    library = make_library(cpp) / "libholdfast.dll"
    shutil.copy(library, folder)
    options = ["-std=c99", "-I", str(paths.include_dir())]
    objects = [compile_object(c, HOSTS / "host.c", options), library]
    made = link(cpp, [*map(str, objects), "-static"], "host.exe", objects, store_at(CACHE))
    return Path(shutil.copy(made, folder))


def _with_modules(folder: Path) -> Path:
    for name in ("facts.py", "helper.py", "host.cpp"):
        shutil.copy(HOSTS / name, folder)
    return folder


def _said(dist: Path, state: Path, *command: str) -> str:
    r"""What a program of the folder, `T:\MOVED`, prints where there is no other Python."""
    state.mkdir()
    empty, started = state / "installation", state / "started"
    (empty / "pythons").mkdir(parents=True)
    (empty / "prefix").symlink_to(_installation() / "prefix")
    started.mkdir()
    words = wine_command(empty, started, dist, command[1:], variables=HOSTILE)
    words = [f"T:\\{MOVED}\\{command[0]}" if word == f"T:\\{MOVED}" else word for word in words]
    done = subprocess.run(words, input=b"", capture_output=True, timeout=DEADLINE_S, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode(errors="replace")
    return done.stdout.decode()


def _facts(dist: Path, state: Path) -> dict[str, Any]:
    """What the host says of the Python that it runs on."""
    said: dict[str, Any] = json.loads(_said(dist, state, "host.exe"))
    return said


def _demand_inside(said: dict[str, Any], version: str) -> None:
    """Everything that was loaded, by the child too, came from the folder, of its Python."""
    folder = f"T:\\{MOVED}"
    assert said["version"] == facts_of("windows")["pythons"][version]
    assert said["prefix"] == said["child_prefix"] == folder
    assert said["executable"] == f"{folder}\\python.exe"
    inside = f"{folder}\\".lower()
    texts = [*said["files"], *(text + "\\" for text in said["path"])]
    assert [text for text in texts if not text.lower().startswith(inside)] == []
    assert said["modules"] == [2, "OpenSSL", 2363233923, 4]
    assert said["variable"] == "passed on"


def _compiling_python(version: str) -> MatrixPython | None:
    """One of this machine, whose compiled files that for Windows can load."""
    minor = tuple(map(int, version.split(".")))
    return next((python for python in usable() if python.build.version[:2] == minor), None)


def _made_here(program: Path, dist: Path, version: str, *words: object) -> Outcome:
    compiling = _compiling_python(version)
    folders = [str(compiling.path.parent)] if compiling else []
    path = ":".join([*folders, os.environ["PATH"]])
    done = run_holdfast(
        "bundle", program, "--source", HOSTS / "host.cpp", "--python", _python(version), *words,
        "-o", dist, environ={"CXX": facts_of("windows")["compiler"], "PATH": path},
        deadline_s=DEADLINE_S,
    )  # fmt: skip
    assert done.code == 0, done.explain()
    return done


@pytest.mark.sample
@pytest.mark.parametrize("version", WINDOWS_PYTHONS)
def test_made_on_linux(version: str, tmp_path: Path) -> None:
    """It runs moved, whatever the variables say, and the doctor finds a file that was changed."""
    dist = tmp_path / MOVED
    is_compiled = _compiling_python(version) is not None
    sources = ["--without-sources"] if is_compiled and version != ON_WINDOWS else []
    done = _made_here(_cpp_host(tmp_path, version), tmp_path / "dist", version, *sources)
    assert ("compiled Python files" in done.out) != is_compiled, done.explain()
    (tmp_path / "dist").rename(dist)
    _demand_inside(_facts(dist, tmp_path / "state"), version)
    child = _said(dist, tmp_path / "child", "python.exe", "-c", OF_CHILD)
    whole = run_holdfast("doctor", dist)
    (dist / "DLLs" / "_ssl.pyd").write_bytes(b"")
    (dist / "vcruntime140.dll").unlink()
    damaged = run_holdfast("doctor", dist)

    assert child.split() == ["True", "True"]
    assert (whole.code, "nothing wrong in 6 checks" in whole.out) == (0, True), whole.explain()
    assert damaged.code == 1, damaged.explain()
    assert "HF191 1 file is missing" in damaged.out
    assert "HF192 1 file is changed" in damaged.out
    assert "VCRUNTIME140.dll, for DLLs/" in damaged.out


def test_a_program_of_the_c_interface(tmp_path: Path) -> None:
    """The folder has libholdfast.dll, and the backend for its Python."""
    dist = tmp_path / MOVED
    _made_here(_c_host(tmp_path), dist, ON_WINDOWS)

    assert (dist / "holdfast-backends" / f"holdfast-backend-{ON_WINDOWS}.dll").is_file()
    _demand_inside(_facts(dist, tmp_path / "state"), ON_WINDOWS)


def test_pip_gets_wheels_for_windows(tmp_path: Path) -> None:
    """On Linux too, where pip would take those for Linux; such a wheel is refused."""
    host, python = _cpp_host(tmp_path, ON_WINDOWS), _python(ON_WINDOWS)
    digits = ON_WINDOWS.replace(".", "")
    words = [host, "--python", python, "-o", tmp_path / "dist", "-r", tmp_path / "packages.txt"]
    for system, code in (("win_amd64", 0), ("manylinux_2_17_x86_64", 1)):
        wheel = build_wheel(tmp_path, f"cp{digits}-cp{digits}-{system}")
        (tmp_path / "packages.txt").write_text(f"--no-index\n{wheel}\n", encoding="utf-8")
        done = run_holdfast("bundle", *words, deadline_s=DEADLINE_S)
        assert done.code == code, done.explain()
        assert ("packages: local-package 2.0\n" in done.out) == (code == 0), done.explain()
        assert ("HF123" in done.err) == (code == 1), done.explain()
    assert (tmp_path / "dist" / "Lib" / "site-packages" / "local_package.py").is_file()


def test_what_is_refused(tmp_path: Path) -> None:
    """A program of another Python or of none, a Python that is not named, a name that is taken."""
    host = _cpp_host(tmp_path, ON_WINDOWS)
    other, own = _python("3.13"), _python(ON_WINDOWS)
    cases: Sequence[tuple[str, Sequence[object]]] = (
        ("HF120", [host]),
        ("HF122", [host, "--python", own, "--name", "Python"]),
        ("HF125", [host, "--python", other]),
        ("HF125", [own, "--name", "host", "--python", other]),
        ("HF105", [host, "--python", tmp_path / "host.exe"]),
    )
    for code, words in cases:
        done = run_holdfast("bundle", *words, "-o", tmp_path / "dist")
        assert done.code in (1, 2), done.explain()
        assert code in done.err, done.explain()
    assert [path.name for path in tmp_path.iterdir()] == ["host.exe"]


def _on_windows(command: list[str], *words: str) -> str:
    """What a command of holdfast prints there."""
    at = command.index("pyholdfast") + 1
    done = subprocess.run(
        [*command[:at], *words], input=b"", capture_output=True, timeout=DEADLINE_S, check=False
    )
    said = done.stdout.decode().replace("\r\n", "\n")
    assert done.returncode == 0, said + done.stderr.decode(errors="replace")
    return said


def test_made_on_windows(tmp_path: Path) -> None:
    """By the Python that runs holdfast there; the doctor there finds nothing wrong."""
    (tmp_path / "making").mkdir()
    command = wine_command(
        _installation(), tmp_path / "making", _python(ON_WINDOWS), ["-m", "pyholdfast"],
        variables={"PYTHONPATH": "W:\\src", "PYTHONUTF8": "1"},
    )  # fmt: skip
    work = tmp_path / "making" / "work"
    package = Path(paths.__file__).parent
    shutil.copytree(
        package, work / "src" / "pyholdfast", ignore=shutil.ignore_patterns("__pycache__")
    )
    _cpp_host(_with_modules(work), ON_WINDOWS)
    made = _on_windows(command, "bundle", "host.exe", "--source", "host.cpp", "-o", "dist")
    examined = _on_windows(command, "doctor", "dist")

    known = facts_of("windows")["pythons"][ON_WINDOWS]
    assert made.startswith("dist\\host.exe: "), made
    assert f" MB, Python {known}, for Windows AMD64\n" in made, made
    assert "compiled Python files" not in made, made
    assert "nothing wrong in 6 checks" in examined, examined
    dist = tmp_path / MOVED
    shutil.move(work / "dist", dist)
    assert any((dist / "Lib").rglob("*.pyc"))
    _demand_inside(_facts(dist, tmp_path / "state"), ON_WINDOWS)
