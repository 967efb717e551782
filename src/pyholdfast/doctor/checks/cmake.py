"""Checks that CMake would build for the same Python, and finds holdfast.

Configures a tiny project that prints what CMake finds. It uses no compiler, and looks for
holdfast's own CMake files without running them.
"""

from __future__ import annotations

import re
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.doctor.model import Finding, Room, bad, good, skipped, warning
from pyholdfast.doctor.run_tool import ask, which
from pyholdfast.doctor.subject import minor_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.doctor.subject import Subject

__all__ = ["OLDEST_CMAKE", "check_cmake"]

ROOM = Room.CMAKE
OLDEST_CMAKE = (3, 18)
FREE_THREADING_SINCE = (3, 30)
PINNED = "CMake takes the library of another Python than the one it was given"
PLAIN = "CMake takes another Python by default"

# Python is found as in a project that names none, Python3 as in one that names ours. No holdfast
# has version 999999, so CMake lists the packages that it considered without loading one.
QUESTIONS = """\
cmake_minimum_required(VERSION 3.18)
project(doctor LANGUAGES NONE)
find_package(Python QUIET COMPONENTS Interpreter OPTIONAL_COMPONENTS Development.Embed)
set(Python3_EXECUTABLE "@executable@")
set(Python3_FIND_ABI @abi@)
find_package(Python3 QUIET COMPONENTS Interpreter OPTIONAL_COMPONENTS Development.Embed)
foreach(prefix IN ITEMS Python Python3)
  message(STATUS "doctor ${prefix} version=${${prefix}_VERSION}")
  message(STATUS "doctor ${prefix} executable=${${prefix}_EXECUTABLE}")
  set(library "${${prefix}_LIBRARIES}")
  if(${prefix}_RUNTIME_LIBRARY_RELEASE)  # the DLL, which the library of Windows stands for
    set(library "${${prefix}_RUNTIME_LIBRARY_RELEASE}")
  endif()
  message(STATUS "doctor ${prefix} library=${library}")
endforeach()
find_package(holdfast 999999 QUIET CONFIG)
message(STATUS "doctor plain package=${holdfast_CONSIDERED_CONFIGS}")
set(holdfast_ROOT "@cmake_dir@")
unset(holdfast_DIR CACHE)
find_package(holdfast 999999 QUIET CONFIG)
message(STATUS "doctor hinted package=${holdfast_CONSIDERED_CONFIGS}")
"""


def check_cmake(subject: Subject, *, configure: bool) -> Iterator[Finding]:
    """Check CMake itself, and with `configure` also what it finds."""
    cmake = which("cmake", subject.environ)
    if cmake is None:
        yield skipped("HF176", ROOM, "no cmake on PATH", "'holdfast run' works without it")
        return
    text = re.search(r"version (\d+)\.(\d+)", ask([cmake, "--version"], subject.environ).out)
    version = (int(text[1]), int(text[2])) if text else (0, 0)
    if version < OLDEST_CMAKE:
        yield warning(
            "HF176",
            ROOM,
            f"cmake is older than {minor_text(OLDEST_CMAKE)}",
            f"{cmake} is {minor_text(version) if text else 'of no known version'}",
            fix="pip install cmake",
        )
        return
    yield good("HF176", ROOM, f"cmake {minor_text(version)}", cmake)
    if configure:
        yield from _judged(subject, _asked(subject, cmake, version), version)


def _asked(subject: Subject, cmake: str, version: tuple[int, int]) -> dict[str, str]:
    """Configure the project; return the answers by "WHO WHAT"."""
    abi = ["ANY", "ANY", "ANY"]
    if version >= FREE_THREADING_SINCE:  # earlier ones refuse a fourth value
        abi.append("ON" if subject.build.free_threaded else "OFF")
    filled = {
        "executable": subject.build.executable.as_posix(),
        "abi": " ".join(abi),
        "cmake_dir": paths.cmake_dir().as_posix(),
    }
    text = re.sub(r"@(\w+)@", lambda match: filled[match[1]], QUESTIONS)
    with tempfile.TemporaryDirectory(prefix="holdfast-doctor-") as name:
        Path(name, "CMakeLists.txt").write_text(text, encoding="utf-8")
        words = [cmake, *_generator(subject), "-S", name, "-B", str(Path(name, "build"))]
        answer = ask(words, subject.environ)
    answers = dict(re.findall(r"^-- doctor (\w+ \w+)=(.*)$", answer.out, re.MULTILINE))
    return {**answers, "last words": answer.last_words}


def _generator(subject: Subject) -> list[str]:
    """The option for a generator on Windows, where CMake's own choice needs Microsoft's tools."""
    if subject.system != "win32" or "CMAKE_GENERATOR" in subject.environ:
        return []
    for tool, name in (("ninja", "Ninja"), ("mingw32-make", "MinGW Makefiles")):
        if which(tool, subject.environ) is not None:
            return ["-G", name]
    return []


def _judged(
    subject: Subject, answers: dict[str, str], version: tuple[int, int]
) -> Iterator[Finding]:
    if "hinted package" not in answers:
        yield bad(
            "HF176",
            ROOM,
            "cmake cannot configure an empty project",
            answers["last words"],
            fix="cmake --version    # and reinstall it: pip install cmake",
        )
        return
    if subject.build.library is not None:
        yield _pinned(subject, answers, version)
    yield _plain(subject, answers, version)
    yield _package(answers)


def _pinned(subject: Subject, answers: dict[str, str], version: tuple[int, int]) -> Finding:
    """Whether CMake, told which Python to use, takes the library of that Python."""
    build = subject.build
    library = answers["Python3 library"]
    if not library:
        return bad(
            "HF163",
            ROOM,
            "CMake finds no libpython for this Python: Development.Embed is missing",
            f"Python_EXECUTABLE={build.executable}",
            f"libpython is {build.library}",
            fix=f"cmake -B build -DPython_EXECUTABLE={build.executable}"
            f" -DPython_LIBRARY={build.library}",
        )
    if build.library is not None and _same_installation(Path(library), build.library):
        return good("HF163", ROOM, "CMake's Development.Embed", library)
    say = partial(bad, *_code_and_title(subject, PINNED, version))
    return say(f"libpython: {library}", f"expected: {build.library}", fix=_pin(subject, version))


def _plain(subject: Subject, answers: dict[str, str], version: tuple[int, int]) -> Finding:
    """Whether CMake finds the chosen Python without being told."""
    build = subject.build
    found, library = answers["Python version"], answers["Python library"]
    same_minor = found.split(".")[:2] == [str(number) for number in subject.minor]
    wrong = library and build.library and not _same_installation(Path(library), build.library)
    if same_minor and not wrong:
        return good(
            "HF157", ROOM, "CMake finds this Python by default", answers["Python executable"]
        )
    say = partial(warning, *_code_and_title(subject, PLAIN, version))
    return say(
        f"CMake: Python {found or 'none'}, {answers['Python executable'] or 'not found'}",
        f"holdfast: Python {build.version_text}, {build.executable}",
        fix=_pin(subject, version),
    )


def _is_passed_over(subject: Subject, version: tuple[int, int]) -> bool:
    """Whether CMake skips this Python: 3.30 and later avoid free-threaded ones by default."""
    return subject.build.free_threaded and version >= FREE_THREADING_SINCE


def _code_and_title(
    subject: Subject, title: str, version: tuple[int, int]
) -> tuple[str, Room, str]:
    if _is_passed_over(subject, version):
        return "HF162", ROOM, f"{title}: it prefers one with a GIL"
    return "HF157", ROOM, title


def _pin(subject: Subject, version: tuple[int, int]) -> str:
    pin = f"cmake -B build -DPython_EXECUTABLE={subject.build.executable}"
    if _is_passed_over(subject, version):
        return f'{pin} "-DPython_FIND_ABI=ANY;ANY;ANY;ON"'
    return pin


def _package(answers: dict[str, str]) -> Finding:
    hint = f"-Dholdfast_ROOT={paths.cmake_dir()}"
    if answers["plain package"]:
        return good("HF165", ROOM, "find_package(holdfast) works", answers["plain package"])
    if answers["hinted package"]:
        return good("HF165", ROOM, "find_package(holdfast) works with", hint)
    return bad(
        "HF165",
        ROOM,
        "find_package(holdfast) finds nothing, even when told where to look",
        f"{hint}: no holdfastConfig.cmake",
        fix="install holdfast again, from where you installed it",
    )


def _same_installation(library: Path, other: Path) -> bool:
    """Whether both are one library: by its link name or full name, or the static one beside it."""
    if library.name.split(".so")[0].split(".a")[0] != other.name.split(".so")[0]:
        return False
    try:
        return library.samefile(other) or library.parent.samefile(other.parent)
    except OSError:
        return False
