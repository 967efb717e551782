"""Programs of tests/programs on other systems, processors, C and C++ libraries.

Left out are those with shared libraries or packages of their own. What a target has not is skipped,
with the reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from elsewhere.building import run_on
from elsewhere.targets import TARGETS, target
from program_text import programs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.mark import ParameterSet

    from program_text import Program

# One or more of each room.
SAMPLE = (
    "attach_after_finalize_new_thread", "attach_alternates_with_detach", "attach_keeps_state",
    "attach_nests", "attach_short_threads", "call_from_native_threads", "convert_containers",
    "counters_count_attaches", "detach_lets_others_in", "error_throw_under_python_frames",
    "finalize_interrupts_running", "finalize_waits_for_worker", "guard_holds_finalize_back",
    "lifecycle_restart", "object_dropped_detached", "object_shared_by_threads",
    "output_lines_do_not_mix", "pool_executor", "typed_values", "view_from_any_thread",
)  # fmt: skip
# Where the processor is another one, all of the sample is run, elsewhere these few. None
# where not all of these few have passed yet, or where it takes minutes to provide the platform.
FEW = ("attach_keeps_state", "finalize_waits_for_worker", "pool_executor", "typed_values")
EMULATED = ("aarch64", "i386")
SAMPLES = {
    "aarch64": SAMPLE,
    **dict.fromkeys(("windows-3.10", "windows-3.12", "windows-3.13", "zig", "musl", "i386"), ()),
}
# What a target has not, by the reason that the tests give for leaving a program out: what its text
# then contains.
OF_WINDOWS = {
    "wine does not enforce the limits of jobs": r"config\.memory = |may_start_processes",
    "its workers are killed by signals, or files are counted in /proc":
        r"signal\.SIGKILL|/proc/self/fd",
    "Windows has no fork()": r"\A(?![\s\S]*HAS_FORK)[\s\S]*(\bfork\(\)|fork_while_threading)",
    "it makes a home as POSIX systems have it": r'lib-dynload|/ "bin"|/ "lib" /',
    "Windows has no POSIX signals": r"\bsigaction\b|\bpthread_sigmask\b",
    "Windows has no end of a thread that unwinds its stack, and no keys of POSIX": r"<pthread\.h>",
    "what Python stores per thread is destroyed by another thread on Windows":
        r"assert threading\.get_ident\(\) == self\.thread",
    "mingw-w64 frees a thread_local object before it runs its destructor":
        r"\bthread_local says_goodbye\b",
    "Windows takes each function from the DLL that it was linked with":
        r'extern "C" const char \*Py_GetVersion',
    "it is about a call of Linux or of its C library":
        r"<(sys/(prctl|syscall|mman|socket|auxv|stat)|ucontext|dlfcn|linux/\w+|fcntl)\.h>|few_threads\.hpp",
}  # fmt: skip
OF_EMULATORS = {
    "an emulator is not asked again when a program starts another one":
        r'"(own_)?child\.hpp"|\bexec[lv]|\bsystem\(|posix_spawn|isolated|said_on_stderr',
}  # fmt: skip


def _why_not(name: str, program: Program) -> str | None:
    """Why a target cannot run a program; None: it can."""
    if name.startswith("windows"):
        table = OF_WINDOWS
    elif name in EMULATED:
        table = OF_EMULATORS
    else:
        return None
    text = program.source.read_text(encoding="utf-8")
    return next((reason for reason, uses in table.items() if re.search(uses, text)), None)


def cases() -> Iterator[ParameterSet]:
    """Targets by programs, those of the sample marked, those that a target cannot run with the reason."""
    for name in TARGETS:
        sample = SAMPLES.get(name, FEW)
        for program in programs():
            if program.raw_twin or program.link or program.shared or program.needs:
                continue
            marks = [pytest.mark.sample] if program.name in sample else []
            if reason := _why_not(name, program):
                marks.append(pytest.mark.skip(reason=reason))
            yield pytest.param(name, program, id=f"{name}-{program.name}", marks=marks)


@pytest.mark.parametrize(("name", "program"), list(cases()))
def test_a_program_keeps_its_promise_elsewhere(name: str, program: Program, tmp_path: Path) -> None:
    """It compiles without a warning, and ends as on this machine."""
    where = target(name)
    version = tuple(map(int, where.python.split(".")[:2]))
    if not program.applies_to_version((version[0], version[1]), free_threaded=False):
        pytest.skip(f"not for Python {where.python}")
    outcome = run_on(where, program, tmp_path)
    assert outcome.code == 0, outcome.explain()
