"""What builds C programs: the commands, config --c, pkg-config and CMake."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c_builds import one_python, run_on
from harness import environment_for, run_command, run_holdfast
from pyholdfast import paths
from pyholdfast.toolchain.c_library import backend_name
from pyholdfast.toolchain.compiler import find_c_compiler

if TYPE_CHECKING:
    from matrix import MatrixPython

SOURCE = Path(__file__).with_name("start_and_say.c")
PROJECT = Path(__file__).with_name("project")


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


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
def test_a_cmake_project_in_c(python: MatrixPython, tmp_path: Path) -> None:
    """holdfast::c, and the backends beside the program; no Python is looked for."""
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

    assert ran.out.startswith(python.build.version_text), ran.explain()
