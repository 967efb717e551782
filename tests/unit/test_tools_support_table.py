"""The support table of the README."""

from __future__ import annotations

from support_table import support_block

RUN = {"row": ["Windows", "x86-64", "g++ 12", "libstdc++"], "how": "run by wine", "skipped": 3}


def test_targets_that_differ_in_their_python_share_a_row() -> None:
    """Programs of all of them are counted; what was skipped is not."""
    results = {
        "run": {
            "windows-3.13": {**RUN, "python": "3.13.2", "passed": 4, "failed": 1},
            "windows-3.10": {**RUN, "python": "3.10.11", "passed": 5, "failed": 0},
        },
        "compiled": {},
    }

    rows = support_block(results, ["3.10"]).splitlines()

    assert rows[-1] == (
        "| Windows | x86-64 | g++ 12 | libstdc++ | 3.10, 3.13 | run by wine | 9 of 10 |"
    )


def test_what_was_only_compiled_says_so() -> None:
    """A failed one is not listed."""
    results = {
        "run": {},
        "compiled": {"aarch64-macos": "passed", "g++-16-c++26": "passed", "g++-11-c++17": "failed"},
    }

    text = support_block(results, ["3.10"])

    assert (
        "| macOS | aarch64 | zig's clang | libc++ | 3.13 | compiled and linked, never run |" in text
    )
    assert text.endswith("Compiled without a warning, besides: g++ 16 (C++26).")
