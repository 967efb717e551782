"""CMake's package, `holdfast check` and `migrate` under wine, with the tools for Windows: CMake, Ninja, make, clang-tidy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elsewhere.on_windows import answers_of

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
cmake_minimum_required(VERSION 3.18)
project(consumer LANGUAGES CXX)
find_package(holdfast 0.1 REQUIRED)
holdfast_add_executable(host host.cpp)
holdfast_bind(host FROM shop/pricing.py)
enable_testing()
add_test(NAME host COMMAND host "two words")
"""
HOST = """\
#include <holdfast/holdfast.hpp>

#include <cstdio>
#include <string>
#include <thread>

#include "shop/pricing.hpp"

int main(int, char **argv) {
    holdfast::interpreter python;
    double cost = 0;
    std::thread([&cost] { cost = shop::pricing::price(1.5, 4); }).join();
    const holdfast::attach_guard attached(python.view());
    const auto said = holdfast::eval<std::string>("__import__('sys').executable");
    std::printf("%g %s %s\\n", cost, said.c_str(), argv[1]);
}
"""
PRICING = "def price(each: float, count: int) -> float:\n    return each * count\n"
# The second thread calls Python without being attached.
WRONG = """\
#include <holdfast/holdfast.hpp>

#include <thread>

int main() {
    const holdfast::interpreter python;
    std::thread([&python] {
        const holdfast::attach_guard attached(python.view());
        PyRun_SimpleString("pass");
    }).join();
    std::thread([] { PyRun_SimpleString("pass"); }).join();
}
"""
OLD = """\
#include <Python.h>

void call() {
    PyGILState_STATE state = PyGILState_Ensure();
    PyRun_SimpleString("pass");
    PyGILState_Release(state);
}
"""
FOUND = """
os.environ["PATH"] += ";U:\\\\cmake\\\\data\\\\bin;U:\\\\bin;P:\\\\3.12"
"""
BUILT = r"""
done("cmake", "-G", generator, "-S", "shop project", "-B", "build", "-DCMAKE_BUILD_TYPE=Release",
     "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-Dholdfast_ROOT=W:/src/pyholdfast/share/cmake/holdfast",
     "-DPython_EXECUTABLE=P:/3.12/python.exe", *options, said="configure")
done("cmake", "--build", "build", said="build")
done("ctest", "--test-dir", "build", "-V", said="test")
"""
COMMANDS = f"""
{FOUND}
holdfast("check", "wrong.cpp")
holdfast("migrate", "old.cpp", "--write")
print("$ migrated =", open("old.cpp").read())
generator, options = "Ninja", []
{BUILT}
holdfast("check", "-p", "build")
holdfast("doctor")
"""
# mingw-w64's own make has another name than that of the package index.
MAKE = f"""
{FOUND}
generator, options = "GENERATOR", ["-DCMAKE_MAKE_PROGRAM=U:/bin/make.exe"]
{BUILT}
done("cmake", "--build", "build", said="build again")
"""
SHOP = {
    "shop project/CMakeLists.txt": PROJECT,
    "shop project/host.cpp": HOST,
    "shop project/shop/__init__.py": "",
    "shop project/shop/pricing.py": PRICING,
}
LINE = 1 + WRONG[: WRONG.index("std::thread([] {")].count("\n")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command printed there, after its exit status."""
    files = {**SHOP, "wrong.cpp": WRONG, "old.cpp": OLD}
    return answers_of(tmp_path_factory.mktemp("state"), COMMANDS, files, with_tools=True)


def test_the_check_reads_sources_as_mingws_compiler_does(answers: dict[str, str]) -> None:
    """It finds the call without an attach, and nothing that it could not read."""
    said = answers["check wrong.cpp"]
    assert said.startswith("1 "), said
    assert f"wrong.cpp:{LINE}:" in said, said
    assert "HF62" not in said, said


def test_a_program_is_configured_built_and_run(answers: dict[str, str]) -> None:
    """Of a project in a folder with a blank, with a typed header, against the Python that was named."""
    _demand_built_and_run(answers)


def _demand_built_and_run(answers: dict[str, str]) -> None:
    for step in ("configure", "build", "test"):
        assert answers[step].startswith("0 "), answers[step]
    assert "6 P:/3.12/python.exe two words" in answers["test"].replace("\\", "/")


@pytest.mark.parametrize("generator", ["MinGW Makefiles", "Unix Makefiles"])
def test_make_builds_it_too(generator: str, tmp_path: Path) -> None:
    """GNU make, with the commands of either shell; nothing is built twice."""
    script = MAKE.replace("GENERATOR", generator)
    answers = answers_of(tmp_path, script, SHOP, with_tools=True)
    _demand_built_and_run(answers)
    assert answers["build again"].startswith("0 "), answers["build again"]
    assert "Building" not in answers["build again"], answers["build again"]


def test_a_pair_becomes_a_guard(answers: dict[str, str]) -> None:
    """`migrate` writes the file."""
    assert answers["migrate --write"].startswith("0 "), answers["migrate --write"]
    assert "const holdfast::attach_guard attached;\n" in answers["migrated"]


def test_the_check_reads_what_cmake_says_of_a_project(answers: dict[str, str]) -> None:
    """Its command lines are those of Windows; nothing is wrong."""
    assert answers["check build"].startswith("0 "), answers["check build"]


def test_the_doctor_sees_that_cmake_takes_this_python(answers: dict[str, str]) -> None:
    """Its library is the DLL, though programs are linked with another file."""
    said = answers["doctor doctor"]
    assert said.startswith("0 "), said
    assert "HF163 CMake's Development.Embed" in said, said
