"""Which of ThreadSanitizer's reports count as faults of holdfast."""

from __future__ import annotations

import pytest

from races import CPYTHON, read_reports, unexplained

REPORT = """\
==================
WARNING: ThreadSanitizer: data race (pid=7)
  Write of size 4 at 0x7f by thread T9:
    #0 memmove ../sanitizer_common_interceptors.inc:810 (libtsan.so.2+0x5dc76)
    #1 {first} Python/a.c:1 ({module}+0x3e9606)
    #2 PyRun_StringFlags Python/a.c:2 (libpython3.13t.so.1.0+0x3ee7c8)
    #3 main host.cpp:7 (host+0x33643)

  Previous atomic read of size 4 at 0x7f by main thread (mutexes: write M0):
    #0 {second} Include/a.h:3 (libpython3.13t.so.1.0+0x3e9606)
    #1 main host.cpp:9 (host+0x33643)

  Location is global '<null>' at 0x0 (libpython3.13t.so.1.0+0x707ba8)

  Thread T9 (tid=8, running) created by main thread at:
    #0 pthread_create ../tsan_interceptors_posix.cpp:1001 (libtsan.so.2+0x5e686)
    #1 main host.cpp:3 (host+0x1)

SUMMARY: ThreadSanitizer: data race Python/a.c:1 in {first}
==================
"""
CPYTHONS = "libpython3.13t.so.1.0"


def test_the_accesses_are_found() -> None:
    """The sanitizer's own functions, the threads' start functions and all callers are left out."""
    (report,) = read_reports(REPORT.format(first="one", second="two", module=CPYTHONS))

    assert report.kind == "data race"
    functions = [[frame.function for frame in stack] for stack in report.accesses]
    assert functions == [["one", "PyRun_StringFlags"], ["two"]]
    assert all(stack[0].of_cpython for stack in report.accesses)


@pytest.mark.parametrize(
    ("first", "module", "excused"),
    [
        (next(iter(CPYTHON)), CPYTHONS, True),
        ("nobody_has_read_this", CPYTHONS, False),
        (next(iter(CPYTHON)), "host", False),
    ],
)
def test_only_what_was_read_is_excused(first: str, module: str, *, excused: bool) -> None:
    """Only races whose code a person has read, and only if both accesses are CPython's."""
    text = REPORT.format(first=first, second="two", module=module)

    assert (unexplained(text) == []) is excused


def test_silence_is_no_report() -> None:
    """A program that wrote other text to stderr has no report."""
    assert read_reports("holdfast: HF219\n") == []
