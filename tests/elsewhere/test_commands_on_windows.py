"""The command line under wine's Python, with mingw-w64's compilers: they build there, and run."""

from __future__ import annotations

import pytest

from elsewhere.on_windows import answers_of

HOST = """\
#include <cstdio>
#include <string>

#include <holdfast/holdfast.hpp>

#include "doubling.hpp"

int main(int argc, char **argv) {
    const holdfast::interpreter python;
    const holdfast::attach_guard attached(python.view());
    const std::string told = argc > 1 ? argv[1] : "";
    if (told == "crash")
        *static_cast<volatile int *>(nullptr) = 1;
    std::printf("%s %d %s\\n", holdfast::eval<std::string>("__import__('sys').executable").c_str(),
                static_cast<int>(doubling::twice(21)), told.c_str());
    return 7;
}
"""
C_HOST = """\
#include <stdio.h>

#include <holdfast/holdfast.h>

int main(void) {
    hf_interpreter *python;
    if (hf_start(NULL, &python) != 0)
        return puts(hf_last_message());
    puts(hf_python_version());
    return hf_finalize(python, -1, NULL);
}
"""
COMMANDS = r"""
holdfast("config", "--libs")
holdfast("doctor")
holdfast("new", "project")
holdfast("bind", "doubling.py", "-o", "bound.hpp")
holdfast("build", "host.cpp", "-o", "host.exe")
holdfast("run", "host.cpp", "--", "a b")
holdfast("run", "host.cpp", "--", "crash")
holdfast("run", "c_host.c")
holdfast("demo", "--threads", "2", "src/pyholdfast/hints")
os.environ["PATH"] = "P:\\3.12;" + os.environ["PATH"]
done("host.exe", executable="W:\\host.exe")
holdfast("trace", "-o", "picture.html", "--", "W:\\host.exe", "traced")
holdfast("trace", "--no-picture", "--", "W:\\host.exe", "crash")
holdfast("debug", "host.exe", "--listen", "0", "--", "alone")
os.environ["PYTHONPATH"] += ";W:\\stand_in"
holdfast("debug", "host.exe", "--listen", "0", "--", "waits")
holdfast("bench")
print("$ files =", *(name for name in os.listdir() if name.startswith("picture")))
"""
MODULE = "def twice(x: int) -> int:\n    return 2 * x\n"
DEBUGPY = """\
def listen(address):
    print("listens at", address[0])
    return address

def wait_for_client():
    print("waits")
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command printed there, after its exit status."""
    files = {
        "host.cpp": HOST, "c_host.c": C_HOST, "doubling.py": MODULE, "stand_in/debugpy.py": DEBUGPY,
    }  # fmt: skip
    return answers_of(tmp_path_factory.mktemp("state"), COMMANDS, files)


def test_config_names_the_dll(answers: dict[str, str]) -> None:
    """With slashes, which every shell takes as they are."""
    assert answers["config --libs"].split() == ["0", "P:/3.12/python312.dll"]


def test_the_doctor_builds_a_host_and_starts_it(answers: dict[str, str]) -> None:
    """It finds nothing wrong."""
    assert answers["doctor doctor"].startswith("0 "), answers
    assert r"HF163 libpython: P:\3.12\python312.dll" in answers["doctor doctor"]


def test_files_are_written(answers: dict[str, str]) -> None:
    """A project, and a header."""
    assert answers["new project"].startswith("0 "), answers
    assert answers["bind bound.hpp"].startswith("0 "), answers


def test_a_host_is_built_and_finds_its_python(answers: dict[str, str]) -> None:
    """By its DLL on PATH."""
    assert answers["build host.exe"].startswith("0 "), answers
    assert answers["host.exe"].split() == ["7", r"P:\3.12\python.exe", "42"], answers


def test_run_waits_for_the_host_and_ends_as_it_does(answers: dict[str, str]) -> None:
    """The same host, with an argument."""
    assert answers["run a b"].startswith("7 P:\\3.12\\python.exe 42 a b\n"), answers


def test_a_crash_of_the_host_is_that_of_run(answers: dict[str, str]) -> None:
    """The number of the exception is the status of both."""
    assert answers["run crash"].split()[0] == str(0xC0000005), answers["run crash"]
    assert "the host was ended by exception 0xC0000005 (access violation)" in answers["trace crash"]


def test_a_host_in_c_contains_the_library(answers: dict[str, str]) -> None:
    """Its Python's backend is made beside it."""
    assert answers["run c_host.c"].startswith("0 3.12.9\n"), answers


def test_the_demo_surveys_a_folder(answers: dict[str, str]) -> None:
    """Its host finds the DLL, and Python ends; it leaves a picture."""
    said = answers["demo src/pyholdfast/hints"]
    assert said.startswith("0 "), said
    assert "all threads have left, Python has ended" in said, said
    assert "who waited, and who held Python" in said, said


def test_a_host_is_traced(answers: dict[str, str]) -> None:
    """The summary, the files, and how the host ended."""
    said = answers["trace traced"]
    assert said.startswith("1 "), said
    assert r"P:\3.12\python.exe 42 traced" in said, said
    assert "the host ended with status 7" in said, said
    assert "picture.html" in answers["files"].split(), answers["files"]


def test_a_host_waits_for_a_debugger(answers: dict[str, str]) -> None:
    """A stand-in for debugpy is asked to listen and to wait."""
    said = answers["debug waits"]
    assert said.startswith("7 "), said
    assert "listens at 127.0.0.1\nwaits\n" in said, said


def test_a_debugger_that_is_missing_is_named(answers: dict[str, str]) -> None:
    """Though the host does not catch the exception, and holdfast has rethrown it."""
    said = answers["debug alone"]
    assert said.startswith("3 "), said
    assert "HF239 no debugger can connect: 'P:\\3.12\\python.exe' has no debugpy\n  do: " in said


def test_the_benchmarks_are_in_a_checkout_only(answers: dict[str, str]) -> None:
    """As on other systems."""
    assert answers["bench bench"].startswith("2  HF147 "), answers["bench bench"]
