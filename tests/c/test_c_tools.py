"""What builds C programs: the commands, config --c, pkg-config and CMake."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c_builds import built, one_python, run_on
from harness import environment_for, run_command, run_holdfast
from pyholdfast import paths
from pyholdfast.toolchain.c_library import backend_name, make_library
from pyholdfast.toolchain.compiler import find_c_compiler, find_compiler

if TYPE_CHECKING:
    from matrix import MatrixPython

SOURCE = Path(__file__).with_name("start_and_say.c")
PROJECT = Path(__file__).with_name("project")
# The environment's programs, meson and ninja, which need not be activated for the tests
BESIDE = f"{sysconfig.get_path('scripts')}:{os.environ.get('PATH', '')}"
LACKING_MESON = importlib.util.find_spec("mesonbuild") is None or not all(
    shutil.which(tool, path=BESIDE) for tool in ("ninja", "pkg-config")
)


@pytest.fixture
def python() -> MatrixPython:
    """Its backend is made."""
    return one_python()


def test_run_makes_all_that_a_c_host_needs(python: MatrixPython, tmp_path: Path) -> None:
    """And the host runs on the Python that was chosen."""
    done = run_holdfast("run", "--python", python.path, SOURCE, "--", "-")
    failed = tmp_path / "wrong.c"
    failed.write_text("int main(void) { return undeclared; }\n")
    refused = run_holdfast("run", "--python", python.path, failed)

    assert done.code == 0, done.explain()
    assert done.out.startswith(python.build.version_text)
    assert refused.code == 1
    assert "HF109 wrong.c does not compile" in refused.err


def test_build_makes_a_program_that_contains_the_library(
    python: MatrixPython, tmp_path: Path
) -> None:
    """It runs without libholdfast.so, on whatever Python it finds."""
    out = tmp_path / "host"
    done = run_holdfast("build", "--python", python.path, "--std", "c11", SOURCE, "-o", out)
    assert done.code == 0, done.explain()

    ran = run_on(out, python, "-")

    assert ran.out.startswith(python.build.version_text), ran.explain()
    assert b"libholdfast.so" not in out.read_bytes()


def test_backend_puts_it_where_it_is_told(python: MatrixPython, tmp_path: Path) -> None:
    """It prints the path; --all and --python exclude each other."""
    done = run_holdfast("backend", "--python", python.path, "-o", tmp_path / "made")
    both = run_holdfast("backend", "--all", "--python", python.path)

    assert done.out == f"{tmp_path / 'made' / backend_name(python.build)}\n", done.explain()
    assert both.code == 2
    assert both.err.startswith("HF116")


@pytest.mark.parametrize("tool", ["config", "pkg-config"])
def test_options_compile_a_host_by_hand(tool: str, python: MatrixPython, tmp_path: Path) -> None:
    """In one step, with every warning of C99 an error."""
    if tool == "config":
        asked = run_holdfast("config", "--c", "--cflags", "--libs").out
    else:
        if shutil.which("pkg-config") is None:
            pytest.skip("pkg-config is not installed")
        folder = run_holdfast("config", "--pkgconfig-dir").out.strip()
        asked = run_command(
            ["pkg-config", "--cflags", "--libs", "holdfast-c"],
            environ={"PKG_CONFIG_PATH": folder, "PATH": "/usr/bin:/bin"}, deadline_s=20,
        ).out  # fmt: skip
    cflags, libs = asked.split("-L", 1)
    out = tmp_path / "host"
    subprocess.run(
        [*find_c_compiler().command, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror",
         *shlex.split(cflags), SOURCE, *shlex.split(f"-L{libs}"), "-o", out], check=True,
    )  # fmt: skip

    assert run_on(out, python, "-").out.startswith(python.build.version_text)


@pytest.mark.long
def test_backends_for_all_pythons(python: MatrixPython, tmp_path: Path) -> None:
    """One for each version; what cannot be used is named. The doctor then finds Python and backend."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3").symlink_to(python.path)
    old = folder / "python3.9"
    old.write_text("#!/bin/sh\nexit 3\n")
    old.chmod(0o755)
    nowhere = {"PYENV_ROOT": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "VIRTUAL_ENV": ""}
    path = f"{folder}:{Path(find_compiler().command[0]).parent}"
    if any(Path(place, "python3").exists() for place in path.split(":")[1:]):
        # A system's Python beside the compiler has a backend, too, which takes its time
        path = _only_compilers(tmp_path / "tools", folder)
    made = run_holdfast(
        "backend", "--all", "-o", tmp_path / "made", environ={**nowhere, "PATH": path}
    )
    name = backend_name(python.build)
    looked = run_holdfast(
        "doctor",
        built(SOURCE, static=True),
        environ={**nowhere, "PATH": str(folder), "HOLDFAST_BACKENDS": str(tmp_path / "made")},
    )

    assert made.code == 0, made.explain()
    assert made.out == f"{tmp_path / 'made' / name}\n"
    assert f"holdfast: left out: cannot run '{old}': " in made.err
    assert looked.code == 0, looked.explain()
    assert f"it finds Python {python.build.version_text}" in looked.out
    assert f"HF184 there is a backend for it: {tmp_path / 'made' / name}" in looked.out


def test_what_gets_no_backend_is_named_once(tmp_path: Path) -> None:
    """The reason has its path, and the line does not say it again."""
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 3\n")
    old.chmod(0o755)
    nowhere = {"PYENV_ROOT": "", "XDG_DATA_HOME": "", "VIRTUAL_ENV": "", "HOME": str(tmp_path)}
    made = run_holdfast("backend", "--all", environ={**nowhere, "PATH": str(tmp_path)})

    assert made.code == 1
    assert made.out == ""
    assert made.err.startswith(f"holdfast: left out: cannot run '{old}': exit status 3")
    assert made.err.count(str(old)) == 1

    old.unlink()
    none = run_holdfast("backend", "--all", environ={**nowhere, "PATH": str(tmp_path)})

    assert none.code == 1
    assert "there is no Python on PATH" in none.err


def _only_compilers(tools: Path, pythons: Path) -> str:
    """A PATH with the compiler, what it starts, and the Pythons in one folder."""
    tools.mkdir()
    for name in {*find_compiler().command[:1], "as", "ld", "ar", "ccache"}:
        if (found := shutil.which(name)) is not None:
            (tools / Path(name).name).symlink_to(found)
    return f"{pythons}:{tools}"


def test_the_doctor_says_what_a_c_host_lacks(tmp_path: Path) -> None:
    """A library without run path, and a Python that is named and not there."""
    host = tmp_path / "host"
    library = make_library(find_compiler())
    subprocess.run(
        [*find_c_compiler().command, "-isystem", str(paths.include_dir()), SOURCE, f"-L{library}",
         "-lholdfast", "-o", host], check=True,
    )  # fmt: skip
    looked = run_holdfast("doctor", host, environ={"HOLDFAST_PYTHON": "/no/python"})

    assert looked.code == 1
    assert "HF177 libholdfast.so is not found" in looked.out
    assert "HF179 it finds no Python that it can use" in looked.out
    assert "/no/python, named by HOLDFAST_PYTHON: " in looked.out


@pytest.mark.skipif(LACKING_MESON, reason="meson, ninja or pkg-config is not installed")
def test_a_meson_project_in_c(python: MatrixPython, tmp_path: Path) -> None:
    """dependency('holdfast-c'), in an environment that has only a PATH."""
    folder = run_holdfast("config", "--pkgconfig-dir").out.strip()
    project = shutil.copytree(PROJECT.with_name("meson"), tmp_path / "project")
    shutil.copy(SOURCE, project / "host.c")
    command = [sys.executable, "-m", "mesonbuild.mesonmain"]
    bare = {"PATH": BESIDE, "HOME": str(tmp_path)}
    configured = run_command(
        [*command, "setup", f"--pkg-config-path={folder}", str(project), str(tmp_path / "build")],
        environ=bare, deadline_s=120,
    )  # fmt: skip
    assert configured.code == 0, configured.explain()
    made = run_command(
        [*command, "compile", "-C", str(tmp_path / "build")], environ=bare, deadline_s=120
    )
    assert made.code == 0, made.explain()

    ran = run_on(tmp_path / "build" / "host", python, "-")

    assert ran.out.startswith(python.build.version_text), ran.explain()


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
def test_a_cmake_project_in_c(python: MatrixPython, tmp_path: Path) -> None:
    """holdfast::c, the backends beside the program, a header from hints; no Python is looked for."""
    environ = environment_for(python)
    configured = run_command(
        ["cmake", "-S", str(PROJECT), "-B", str(tmp_path), f"-Dholdfast_ROOT={paths.cmake_dir()}",
         f"-DCHOSEN_PYTHON={python.path}", "-DCMAKE_BUILD_TYPE=Release"],
        environ=environ, deadline_s=120,
    )  # fmt: skip
    assert configured.code == 0, configured.explain()
    made = run_command(["cmake", "--build", str(tmp_path)], environ=environ, deadline_s=300)
    assert made.code == 0, made.explain()

    away = {"HOLDFAST_BACKENDS": "", "XDG_CACHE_HOME": str(tmp_path / "none")}
    ran = run_on(tmp_path / "host", python, "-", environ=away)
    bound = run_on(tmp_path / "bound", python, environ=away)

    assert ran.out.startswith(python.build.version_text), ran.explain()
    assert bound.code == 0, bound.explain()
