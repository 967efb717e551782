"""Our own code passes the check: the examples, and a share of the test programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from proof.support import check, needs_clang_tidy

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAMS = CHECKOUT / "tests" / "programs"
# One for each part of the runtime; each is read in about a second.
CHOSEN = (
    "article_class", "attach_alternates_with_detach", "attach_keeps_state",
    "call_from_native_threads", "detach_lets_others_in", "error_kinds_across_the_border",
)  # fmt: skip


def test_the_examples_have_no_finding() -> None:
    """What users copy is right, or says in a comment why it is not."""
    needs_clang_tidy()
    files = sorted((CHECKOUT / "examples").glob("*/main.cpp"))
    outcome = check(*files, cwd=CHECKOUT)

    assert files
    assert outcome.code == 0, outcome.explain()
    assert " 0 findings" in outcome.out


def test_the_chosen_programs_have_no_finding() -> None:
    """They use the guards in all ways that are right."""
    needs_clang_tidy()
    files = [PROGRAMS / f"{name}.cpp" for name in CHOSEN]
    outcome = check(*files, "--", f"-I{PROGRAMS}", cwd=CHECKOUT, deadline_s=240)

    assert outcome.code == 0, outcome.explain()


@pytest.mark.long
def test_no_program_of_ours_is_hard_to_read() -> None:
    """What is found in all of them are faults that they are there to show; nothing is unread."""
    needs_clang_tidy()
    files = sorted(PROGRAMS.glob("attach_*.cpp"))
    outcome = check(*files, "--format", "json", "--", f"-I{PROGRAMS}", cwd=CHECKOUT,
                    deadline_s=600)  # fmt: skip

    assert outcome.code in {0, 1}, outcome.explain()
