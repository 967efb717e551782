"""CMake's package and `holdfast check` under wine, with CMake, Ninja and clang-tidy for Windows."""

from __future__ import annotations

import pytest

from elsewhere.on_windows import answers_of

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
COMMANDS = r"""
os.environ["PATH"] += ";U:\\cmake\\data\\bin;U:\\bin;P:\\3.12"
holdfast("check", "wrong.cpp")
done("cmake", "-G", "Ninja", "-S", "shop project", "-B", "build", "-DCMAKE_BUILD_TYPE=Release",
     "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-Dholdfast_ROOT=W:/src/pyholdfast/share/cmake/holdfast",
     "-DPython_EXECUTABLE=P:/3.12/python.exe", said="configure")
done("cmake", "--build", "build", said="build")
done("ctest", "--test-dir", "build", "-V", said="test")
holdfast("check", "-p", "build")
holdfast("doctor")
"""
LINE = 1 + WRONG[: WRONG.index("std::thread([] {")].count("\n")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command printed there, after its exit status."""
    files = {
        "wrong.cpp": WRONG,
        "shop project/CMakeLists.txt": PROJECT,
        "shop project/host.cpp": HOST,
        "shop project/shop/__init__.py": "",
        "shop project/shop/pricing.py": PRICING,
    }
    return answers_of(tmp_path_factory.mktemp("state"), COMMANDS, files, with_tools=True)


def test_the_check_reads_sources_as_mingws_compiler_does(answers: dict[str, str]) -> None:
    """It finds the call without an attach, and nothing that it could not read."""
    said = answers["check wrong.cpp"]
    assert said.startswith("1 "), said
    assert f"wrong.cpp:{LINE}:" in said, said
    assert "HF62" not in said, said


def test_a_program_is_configured_built_and_run(answers: dict[str, str]) -> None:
    """Of a project in a folder with a blank, with a typed header, against the Python that was named."""
    for step in ("configure", "build", "test"):
        assert answers[step].startswith("0 "), answers[step]
    assert "6 P:/3.12/python.exe two words" in answers["test"].replace("\\", "/")


def test_the_check_reads_what_cmake_says_of_a_project(answers: dict[str, str]) -> None:
    """Its command lines are those of Windows; nothing is wrong."""
    assert answers["check build"].startswith("0 "), answers["check build"]


def test_the_doctor_sees_that_cmake_takes_this_python(answers: dict[str, str]) -> None:
    """Its library is the DLL, though programs are linked with another file."""
    said = answers["doctor doctor"]
    assert said.startswith("0 "), said
    assert "HF163 CMake's Development.Embed" in said, said
