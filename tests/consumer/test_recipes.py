"""packaging/: the recipes for Conan and vcpkg make packages with which a host is built."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from harness import environment_for, run_command
from matrix import CHECKOUT, usable
from pyholdfast import __version__

RECIPES = CHECKOUT / "packaging"
LIMIT_S = 300
CONAN = shutil.which("conan", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
# What the port calls of vcpkg's, and nothing else.
STAND_IN = """\
function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
  foreach(file IN LISTS arg_FILE_LIST)
    configure_file("${file}" "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright" COPYONLY)
  endforeach()
endfunction()
include("${CURRENT_PORT_DIR}/portfile.cmake")
"""


@pytest.mark.long
@pytest.mark.skipif(CONAN is None, reason="conan is not installed")
def test_conan_makes_a_package_that_a_host_can_use(tmp_path: Path) -> None:
    """The recipe's own test builds a host and runs it."""
    python = [p for p in usable() if p.build.loader is None][-1]
    environ = environment_for(python) | {
        "CONAN_HOME": str(tmp_path / "home"),
        "HOLDFAST_PYTHON": str(python.path),
    }
    recipe = shutil.copytree(RECIPES / "conan", tmp_path / "checkout/packaging/conan")
    shutil.copytree(CHECKOUT / "src", tmp_path / "checkout/src")
    shutil.copy(CHECKOUT / "LICENSE", tmp_path / "checkout")
    for words in (["profile", "detect"], ["create", str(recipe), "--no-remote"]):
        done = run_command([str(CONAN), *words], environ=environ, deadline_s=LIMIT_S)
        assert done.code == 0, done.explain()

    assert "hello from Python" in done.out + done.complaints
    assert f"holdfast/{__version__}" in done.out + done.complaints


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
def test_the_port_installs_what_cmake_finds(tmp_path: Path) -> None:
    """find_package() succeeds below the folder that vcpkg would add to CMAKE_PREFIX_PATH."""
    port = RECIPES / "vcpkg" / "holdfast"
    script = tmp_path / "vcpkg.cmake"
    script.write_text(STAND_IN)
    package = tmp_path / "package"
    done = run_command(
        ["cmake", f"-DCURRENT_PORT_DIR={port}", f"-DCURRENT_PACKAGES_DIR={package}",
         "-DPORT=holdfast", "-P", str(script)],
        deadline_s=LIMIT_S,
    )  # fmt: skip
    assert done.code == 0, done.explain()
    source = tmp_path / "source"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(x LANGUAGES CXX)\n"
        f"find_package(holdfast {__version__} CONFIG REQUIRED COMPONENTS headers)\n"
        "get_target_property(at holdfast::headers INTERFACE_INCLUDE_DIRECTORIES)\n"
        'message(STATUS "headers at ${at}")\n'
    )
    found = run_command(
        [
            "cmake",
            "-S",
            str(source),
            "-B",
            str(tmp_path / "build"),
            f"-DCMAKE_PREFIX_PATH={package}",
        ],
        deadline_s=LIMIT_S,
    )

    assert found.code == 0, found.explain()
    assert f"headers at {package / 'share/holdfast/pyholdfast/include'}" in found.out
    assert (package / "share/holdfast/copyright").is_file()
    assert not list(package.rglob("__pycache__"))
    assert json.loads((port / "vcpkg.json").read_text())["version-semver"] == __version__
