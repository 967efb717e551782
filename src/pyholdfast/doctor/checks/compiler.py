"""Checks that there is a compiler, and that a host built with it starts on the chosen Python.

The only reliable way to answer the second question is to build a host and start it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.doctor.model import Finding, Room, bad, good, skipped
from pyholdfast.doctor.run_tool import Answer, ask
from pyholdfast.doctor.subject import minor_text
from pyholdfast.doctor.symptoms import recognise
from pyholdfast.errors import ToolchainError
from pyholdfast.process_end import crash_or_status
from pyholdfast.toolchain.compiler import find_compiler, install_hint
from pyholdfast.toolchain.flags import finding_library, flags_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.doctor.subject import Subject
    from pyholdfast.toolchain.compiler import Compiler

__all__ = ["check_compiler"]

ROOM = Room.COMPILER
COMPILE_LIMIT_S = 60.0

# Plain C API, so that a failure is the machine's and not holdfast's. The first line of output
# needs no running Python, because with the wrong headers Python may not start.
HOST = r"""
#include <Python.h>
#include <cstdio>
#include <cstring>
int main(int, char **argv) {
#ifdef Py_GIL_DISABLED
    const char *free_threaded = "true";
#else
    const char *free_threaded = "false";
#endif
    const char *runs = Py_GetVersion();
    std::printf("{\"headers\": [%d, %d], \"headers_free_threaded\": %s, \"library\": \"%.*s\","
                " \"library_free_threaded\": %s}\n", PY_MAJOR_VERSION, PY_MINOR_VERSION,
                free_threaded, static_cast<int>(std::strcspn(runs, " ")), runs,
                std::strstr(runs, "free-threading") ? "true" : "false");
    std::fflush(stdout);
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetBytesString(&config, &config.executable, argv[1]);
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    const int failed = PyRun_SimpleString(
        "import json, sys\n"
        "print(json.dumps({'prefix': sys.prefix, 'executable': sys.executable}), flush=True)\n");
    return Py_FinalizeEx() < 0 || failed ? 1 : 0;
}
"""


def check_compiler(subject: Subject, *, build_a_host: bool) -> Iterator[Finding]:
    """Check the compiler, and with `build_a_host` also a host built with it."""
    try:
        compiler = find_compiler(subject.environ)
    except ToolchainError as problem:
        yield bad("HF174", ROOM, problem.problem, fix=_install_fix(problem))
        return
    yield good("HF174", ROOM, "C++ compiler", f"{' '.join(compiler.command)} ({compiler.why})")
    if not build_a_host:
        return
    if compiler.is_zig:
        # zig's first build takes minutes, too long for an examination.
        yield skipped("HF175", ROOM, "no host was built", "zig's first build takes two minutes")
        return
    yield from _check_host(subject, compiler)


def _install_fix(problem: ToolchainError) -> str:
    """Unset CXX if it is wrong; else this machine's install command, or ziglang without root."""
    return problem.remedy if problem.code == "HF108" else install_hint()


def _check_host(subject: Subject, compiler: Compiler) -> Iterator[Finding]:
    try:
        flags = flags_for(subject.build, optimise="-O0")
    except ToolchainError as problem:  # the checks of the Python have reported it
        yield skipped("HF175", ROOM, "no host was built", problem.problem)
        return
    with tempfile.TemporaryDirectory(prefix="holdfast-doctor-") as name:
        source, host = Path(name, "host.cpp"), Path(name, f"host{compiler.program_suffix}")
        source.write_text(HOST, encoding="utf-8")
        options = [*flags.cflags, str(source), "-o", str(host), *flags.ldflags, *flags.libs]
        adapted = [word for option in options for word in compiler.adapted(option)]
        built = ask(
            [*compiler.command, *adapted], subject.environ, cwd=Path(name), limit_s=COMPILE_LIMIT_S
        )
        if not built.ok:
            yield from _failed(built, "a small host cannot be built", subject)
            return
        environ = finding_library(subject.environ, subject.build)
        ran = ask([host, subject.build.executable], environ, cwd=Path(name))
    lines = ran.out.splitlines()
    mixed = _mixed(subject, json.loads(lines[0])) if lines else None
    if mixed is not None:
        yield mixed
    elif ran.ok:
        yield _started(subject, json.loads(lines[-1]))
    else:
        yield from _failed(ran, "a small host cannot start Python", subject)


def _failed(answer: Answer, title: str, subject: Subject) -> Iterator[Finding]:
    """Name the failure if it is a known one, else show the last line of output."""
    known = recognise(answer.out + answer.err, ROOM)
    yield from known
    if not known:
        yield bad(
            "HF175",
            ROOM,
            title,
            answer.last_words,
            *([] if answer.status is None else [crash_or_status(answer.status)]),
            fix=f"holdfast doctor --log FILE    # with the messages of your build for"
            f" {subject.build.executable}",
        )


def _mixed(subject: Subject, report: dict[str, Any]) -> Finding | None:
    """A finding if headers and library are of two Pythons, which may explain a failed start."""
    fix = "unset LD_LIBRARY_PATH" if subject.environ.get("LD_LIBRARY_PATH") else REINSTALL
    headers = minor_text(tuple(report["headers"]))
    if headers != ".".join(report["library"].split(".")[:2]):
        return bad(
            "HF160",
            ROOM,
            "a host is compiled for one Python and runs on another",
            f"Python.h is of Python {headers}",
            f"libpython is of Python {report['library']}",
            fix=fix,
        )
    if report["headers_free_threaded"] != report["library_free_threaded"]:
        kinds = {True: "free-threaded", False: "with a GIL"}
        return bad(
            "HF161",
            ROOM,
            "a host is compiled for one kind of threading and runs on the other",
            f"Python.h is compiled as {kinds[report['headers_free_threaded']]}",
            f"libpython is {kinds[report['library_free_threaded']]}",
            fix=fix,
        )
    return None


def _started(subject: Subject, running: dict[str, str]) -> Finding:
    """Whether the host started in the intended environment."""
    build = subject.build
    expected = subject.environment.folder if subject.environment else build.base_prefix
    if not _same(expected, running["prefix"]):
        return bad(
            "HF153",
            ROOM,
            "the host does not see the packages of the chosen Python",
            f"sys.prefix in the host: {running['prefix']}",
            f"sys.prefix of {build.executable}: {expected}",
            fix="unset PYTHONHOME" if subject.environ.get("PYTHONHOME") else REINSTALL,
        )
    if not _same(build.executable, running["executable"]):
        return bad(
            "HF159",
            ROOM,
            "sys.executable in the host is not the chosen Python: worker processes would fail",
            f"sys.executable in the host: {running['executable']}",
            f"chosen: {build.executable}",
            fix=f"--python {build.base_executable}",
        )
    return good(
        "HF175",
        ROOM,
        "a small host was built, started this Python, and ended",
        f"sys.prefix {running['prefix']}",
    )


REINSTALL = "reinstall this Python, or name another with --python"


def _same(one: Path, other: str) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
