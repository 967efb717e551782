"""Our own code passes the check: the examples, and a share of the test programs."""

from __future__ import annotations

from pathlib import Path

from holdfast.cli import main
from proof.support import check, needs_clang_tidy

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAMS = CHECKOUT / "tests" / "programs"
# One for each part of the runtime; each is read in about a second.
CHOSEN = (
    "article_class", "attach_alternates_with_detach", "attach_keeps_state",
    "call_from_native_threads", "detach_lets_others_in", "error_kinds_across_the_border",
)  # fmt: skip


def test_the_examples_have_no_finding(tmp_path: Path) -> None:
    """What users copy is right, or says in a comment why it is not.

    But for the server, which includes a library that is brought in when it is built.
    """
    needs_clang_tidy()
    files = sorted((CHECKOUT / "examples").glob("*/main.cpp"))
    files = [file for file in files if file.parent.name != "server"]
    modules = [module for file in files for module in file.parent.glob("*.py")]
    assert main(["bind", "--quiet", *map(str, modules), "-o", str(tmp_path)]) == 0
    outcome = check(*files, "--", f"-I{tmp_path}", cwd=CHECKOUT)

    assert files
    assert outcome.code == 0, outcome.explain()
    assert " 0 findings" in outcome.out


def test_the_chosen_programs_have_no_finding() -> None:
    """They use the guards in all ways that are right."""
    needs_clang_tidy()
    files = [PROGRAMS / f"{name}.cpp" for name in CHOSEN]
    outcome = check(*files, "--", f"-I{PROGRAMS}", cwd=CHECKOUT, deadline_s=240)

    assert outcome.code == 0, outcome.explain()
