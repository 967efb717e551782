"""Recognises failures in the messages of a compiler, a linker, a loader, CMake or Python.

A table of patterns, each with the failure's code, its meaning and what to do. Unlike the checks, it
also covers failures of systems other than the one that the doctor runs on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from pyholdfast.doctor.model import Finding, Room, bad

__all__ = ["SYMPTOMS", "Symptom", "recognise"]


@dataclass(frozen=True, slots=True)
class Symptom:
    """A failure's message.

    Attributes:
        code: the failure's code.
        pattern: searched anywhere in the text; messages may be wrapped over several lines.
        title: what the message means.
        fix: one thing to do.
    """

    code: str
    pattern: re.Pattern[str]
    title: str
    fix: str


def _symptom(code: str, pattern: str, title: str, fix: str) -> Symptom:
    return Symptom(code, re.compile(pattern), title, fix)


REBUILD = "c++ host.cpp $(holdfast config --cflags) $(holdfast config --ldflags) -o host"

# Order matters where one text matches two rows: the first match of a code wins, and rows that
# name a cause come before rows that name an effect.
SYMPTOMS = (
    _symptom(
        "HF151",
        r"Python\.h: No such file|'Python\.h' file not found|Cannot open include file: 'Python\.h'",
        "the compiler was not told where Python.h is, or it is not installed",
        f"{REBUILD}    # and 'holdfast doctor' says whether the headers are installed",
    ),
    _symptom(
        "HF156",
        r"relocation R_\w+ against [\s\S]{0,300}?recompile with -fPI[CE]",
        "a static libpython that was not compiled for shared or position-independent use",
        "use a Python with a shared libpython: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install",
    ),
    _symptom(
        "HF152",
        r"undefined reference to [`'\u2018]_?Py\w+|error: undefined symbol: _?Py\w+"
        r"|\"__?Py\w+\", referenced from|LNK2019: unresolved external symbol \S*Py\w+",
        "the link line has no libpython, or has it before the files that need it",
        REBUILD,
    ),
    _symptom(
        "HF154",
        r"No module named 'encodings'|init_fs_encoding|failed to get the Python codec",
        "Python looks for its standard library in the wrong folder",
        "unset PYTHONHOME    # and give interpreter_config::executable instead of home",
    ),
    _symptom(
        "HF153",
        r"ModuleNotFoundError: No module named '(?!encodings')\w+",
        "the environment that has this module is not the one the host started with",
        'give interpreter_config::executable the environment\'s python: "$VIRTUAL_ENV/bin/python"',
    ),
    _symptom(
        "HF155",
        r"libpython[\w.]+: cannot open shared object file|Library not loaded: \S*libpython\S*",
        "the loader does not find libpython: the host was linked without an rpath",
        f"{REBUILD}    # its -Wl,-rpath is what is missing",
    ),
    _symptom(
        "HF158",
        r"\.so: undefined symbol: _?Py\w+",
        "an extension module cannot see libpython's symbols",
        "in the program that loads your library, before Python starts: "
        'dlopen("libpython3.X.so.1.0", RTLD_NOW | RTLD_GLOBAL)',
    ),
    _symptom(
        "HF159",
        r"BrokenProcessPool|forkserver[\s\S]{0,400}EOFError",
        "sys.executable is the host, so that each new worker is another copy of the host",
        'give interpreter_config::executable the path of a python: "$VIRTUAL_ENV/bin/python"',
    ),
    _symptom(
        "HF163",
        r"Could NOT find Python3?\b[\s\S]{0,300}?Development(?!\.Module)",
        "CMake found no libpython to embed",
        "apt install libpython3-dev    # or -DPython_EXECUTABLE=$(holdfast config --python)",
    ),
    _symptom(
        "HF164",
        r"LNK1104: cannot open file '(?:\S*\W)?python3\d+t?_d\.lib'",
        "a Debug build on Windows asks for the debug library of Python, which is not installed",
        "cmake -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo    # or install Python's debug binaries",
    ),
    _symptom(
        "HF165",
        r"package\s+configuration\s+file\s+provided\s+by\s+\"(?:holdfast|pybind11|nanobind)\"",
        "CMake does not search site-packages by default",
        'cmake -B build "-Dholdfast_ROOT=$(holdfast config --cmake-dir)"',
    ),
    _symptom(
        "HF169",
        r"Library not loaded: @rpath/Python3?\.framework",
        "Xcode's Python needs the folder of its framework as an rpath",
        "link with -Wl,-rpath,$(xcode-select -p)/Library/Frameworks",
    ),
    _symptom(
        "HF170",
        r"version [`'\u2018](?:GLIBCXX|CXXABI)_[\d.]+'? not found",
        "the libstdc++ that is found first is older than the compiler that built the binary",
        "conda install -c conda-forge libstdcxx-ng    # or put the newer libstdc++ first in the rpath",
    ),
    _symptom(
        "HF171",
        r"0x80670016|WindowsApps[\s\S]{0,200}?(?:denied|error 5\b)",
        "Windows does not let other programs load the Store's Python",
        "winget install Python.Python.3.12    # then --python with its path",
    ),
    _symptom(
        "HF172",
        r"No module named '[\w.]*\._multiarray_umath'|compiled for Python \d[\s\S]{0,80}?running",
        "packages of another Python version are on the path",
        "unset PYTHONPATH",
    ),
    _symptom(
        "HF173",
        r"(?:runtime error|panic): signed integer overflow",
        "zig compiles with the undefined-behaviour sanitizer by default",
        "compile with -O1 or more, or with -fno-sanitize=undefined",
    ),
)


def recognise(text: str, room: Room) -> list[Finding]:
    """The failures in `text`, each with the lines that show it.

    Args:
        text: output of a build or of a host, whole or in part.
        room: the heading for the findings.
    """
    findings = []
    for symptom in SYMPTOMS:
        match = symptom.pattern.search(text)
        if match is None:
            continue
        evidence = [_lines_around(text, match)]
        if symptom.code == "HF152":
            evidence += _link_line_mistake(text)
        findings.append(bad(symptom.code, room, symptom.title, *evidence, fix=symptom.fix))
    return findings


def _lines_around(text: str, match: re.Match[str]) -> str:
    """The whole lines around the match, joined: a wrapped message becomes one line."""
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    lines = text[start : end if end >= 0 else len(text)].splitlines()
    return " ".join(line.strip() for line in lines if line.strip())


LIBPYTHON = re.compile(r"-lpython3[\w.]*|\S*libpython3[\w.]*\.(?:so|a|dylib)[\w.]*")
COMPILER = re.compile(r"(?:[\w.+-]*-)?(?:g\+\+|gcc|c\+\+|clang\+\+|clang|cc|zig)(?:-[\d.]+)?$")


def _link_line_mistake(text: str) -> list[str]:
    """Which of two mistakes the link line makes, if the text contains that line."""
    for line in text.splitlines():
        words = line.removeprefix("+ ").split()
        if not words or not COMPILER.match(PurePath(words[0]).name) or "-c" in words:
            continue
        inputs = [i for i, word in enumerate(words) if word.endswith((".o", ".cpp", ".cc", ".c"))]
        libraries = [i for i, word in enumerate(words) if LIBPYTHON.fullmatch(word)]
        if inputs and not libraries:
            return ["no -lpython3.X: python3-config --ldflags leaves it out without --embed", line]
        if inputs and max(libraries) < max(inputs):
            library, needing = words[max(libraries)], words[max(inputs)]
            return [f"{library} comes before {needing}, which needs it", line]
    return []
