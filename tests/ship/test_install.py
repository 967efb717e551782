"""holdfast_install(): `cmake --install` and CPack make bundles of a project's programs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harness import Outcome, environment_for, run_command, run_holdfast
from matrix import CHECKOUT, MatrixPython
from pyholdfast import paths
from ship.support import demand_patchelf, one_python

EXAMPLE = CHECKOUT / "examples" / "ship"
WORDS = ("hold fast to what", "you have")
ANSWER = "hold\nhave\n"
C_PROJECT = """\
cmake_minimum_required(VERSION 3.18)
project(c_host LANGUAGES C)
find_package(holdfast REQUIRED COMPONENTS c)
add_executable(host main.c)
target_link_libraries(host PRIVATE holdfast::c)
holdfast_add_backends(host PYTHON "${CHOSEN_PYTHON}")
holdfast_install(host DESTINATION app PYTHON "${CHOSEN_PYTHON}" MODULES more.py WITHOUT_SOURCES)
"""
C_HOST = """\
#include <holdfast/holdfast.h>
#include <stdio.h>
int main(void) {
    hf_interpreter *python;
    if (hf_start(NULL, &python) || hf_exec("import beside, more; print(beside.__name__, more.__file__)"))
        return puts(hf_last_message()), 1;
    return hf_finalize(python, -1, NULL);
}
"""

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed"),
]


@pytest.fixture(scope="module")
def python() -> MatrixPython:
    """One is enough: test_bundle.py has the others."""
    demand_patchelf()
    return one_python()


def run(python: MatrixPython, *command: object, **more: str) -> Outcome:
    """A step of a build, which must succeed."""
    done = run_command(
        [str(word) for word in command], environ=environment_for(python) | more, deadline_s=400
    )
    assert done.code == 0, done.explain()
    return done


def answer(program: Path) -> str:
    """What an installed program of the example says, without variables."""
    done = run_command([str(program), *WORDS], environ={}, deadline_s=60)
    assert done.code == 0, done.explain()
    return done.out


def test_the_example_is_installed_and_packed(python: MatrixPython, tmp_path: Path) -> None:
    """From the tree, with DESTDIR, from a tar archive and from a Debian package."""
    build = tmp_path / "build"
    run(
        python, "cmake", "-S", EXAMPLE, "-B", build, "-DCMAKE_BUILD_TYPE=Release",
        f"-Dholdfast_ROOT={paths.cmake_dir()}", f"-DPython_EXECUTABLE={python.path}",
    )  # fmt: skip
    run(python, "cmake", "--build", build)
    run(python, "cmake", "--install", build, "--prefix", tmp_path / "prefix")
    run(python, "cmake", "--install", build, "--prefix", "/opt/x", DESTDIR=str(tmp_path / "stage"))
    generators = "TGZ;DEB" if shutil.which("dpkg-deb") else "TGZ"
    run(python, "cpack", "--config", build / "CPackConfig.cmake", "-B", build, "-G", generators)

    (tar,) = build.glob("longest-1.2.0-*.tar.gz")
    shutil.unpack_archive(tar, tmp_path / "unpacked")
    programs = [tmp_path / "prefix/bin/longest", tmp_path / "stage/opt/x/bin/longest"]
    programs += (tmp_path / "unpacked").glob("*/usr/bin/longest")
    for package in build.glob("longest_1.2.0_*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, tmp_path / "debian"], check=True)
        programs.append(tmp_path / "debian/usr/bin/longest")

    assert len(programs) == 3 + (";" in generators)
    assert [answer(program) for program in programs] == [ANSWER] * len(programs)
    for program in programs:
        examined = run_holdfast("doctor", program.resolve().parent)
        assert examined.code == 0, examined.explain()
    listed = (build / "install_manifest.txt").read_text()
    assert "lib/longest/holdfast-bundle.json" in listed


def test_a_c_host_is_installed(python: MatrixPython, tmp_path: Path) -> None:
    """With its backend, the modules that its source names, and Python files in compiled form only."""
    if python.build.library is None:
        pytest.skip("it has no shared libpython")
    source = tmp_path / "source"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(C_PROJECT)
    (source / "main.c").write_text(C_HOST)
    for name in ("beside.py", "more.py", "unused.py"):
        (source / name).touch()
    build = tmp_path / "build"
    run(
        python, "cmake", "-S", source, "-B", build, f"-Dholdfast_ROOT={paths.cmake_dir()}",
        f"-DCHOSEN_PYTHON={python.path}", f"-DPython_EXECUTABLE={python.path}",
    )  # fmt: skip
    run(python, "cmake", "--build", build)
    run(python, "cmake", "--install", build, "--prefix", tmp_path / "prefix")
    shutil.rmtree(source)
    app = tmp_path / "prefix" / "app"
    done = run_command([str(app / "host")], environ={}, deadline_s=60)

    assert done.code == 0, done.explain()
    site = next(app.glob("lib/python3*/*-packages"))
    assert done.out == f"beside {site / 'more.pyc'}\n"
    assert sorted(file.name for file in site.iterdir()) == ["beside.pyc", "more.pyc"]
    assert [file for file in app.rglob("*.py") if file.with_suffix(".pyc").exists()] == []
