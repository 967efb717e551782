"""Programs about the life of an interpreter under Valgrind's memcheck, CPython as it is."""

from __future__ import annotations

import re
import shutil

import pytest

from harness import environment_for, run_command
from matrix import usable
from program_build import build_program
from program_text import programs

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("valgrind") is None, reason="Valgrind is not installed"),
]

LIVES = (
    "lifecycle_restart",
    "lifecycle_threads_live_over_restarts",
    "lifecycle_failed_start_is_final",
    "lifecycle_text_with_nul",
)
DEADLINE_S = 300
MEMCHECK = (
    "valgrind", "--error-exitcode=99", "--errors-for-leak-kinds=none", "--leak-check=full",
    "--show-leak-kinds=definite", "--fair-sched=yes", "--num-callers=30",
)  # fmt: skip
LOST = re.compile(r" are definitely lost in .*\n((?:==\d+==    (?:at|by) .*\n)+)")
# CPython does not free all that it has allocated, so what it allocates is not asked about.
ALLOCATORS = re.compile(r"(malloc|calloc|realloc|operator new\b.*|posix_memalign|strdup) \(")


def lost_by_us(report: str) -> list[str]:
    """The stacks of lost blocks that this project's own code has allocated."""
    return [
        stack
        for stack in LOST.findall(report)
        if (caller := next((f for f in stack.splitlines() if not ALLOCATORS.search(f)), None))
        and re.search(r"\((\w+\.(hpp|ipp|cpp)):\d+\)", caller)
    ]


def test_a_lost_block_of_ours_is_seen() -> None:
    """In a report with two blocks, one of which is CPython's."""
    report = (
        "==7== 8 bytes in 1 blocks are definitely lost in loss record 1 of 2\n"
        "==7==    at 0x48: malloc (in /usr/libexec/valgrind/vgpreload_memcheck-amd64-linux.so)\n"
        "==7==    by 0x4A: PyUnicode_New (unicodeobject.c:1251)\n"
        "==7==    by 0x4B: holdfast::detail::start_python (startup.hpp:200)\n"
        "==7== 8 bytes in 1 blocks are definitely lost in loss record 2 of 2\n"
        "==7==    at 0x48: operator new(unsigned long) (vg_replace_malloc.c:342)\n"
        "==7==    by 0x4A: holdfast::detail::this_thread() (shared_records.ipp:51)\n"
        "==7== \n"
    )

    assert [stack.count("shared_records.ipp") for stack in lost_by_us(report)] == [1]


@pytest.mark.parametrize("name", LIVES)
def test_memcheck_finds_nothing(name: str) -> None:
    """No bad read, write or free, no undefined value, and no lost block of this project."""
    python = next(p for p in reversed(usable()) if not p.build.free_threaded and not p.build.loader)
    program = next(p for p in programs() if p.name == name)
    binary = build_program(program, python)
    outcome = run_command(
        [*MEMCHECK, str(binary)],
        # Each object a block of its own, known to Valgrind.
        environ={**environment_for(python), "PYTHONMALLOC": "malloc"},
        deadline_s=DEADLINE_S,
        promise=program.promise,
    )

    assert outcome.code == 0, outcome.explain()
    assert lost_by_us(outcome.err) == []
