"""Rewrites pairs as holdfast's guards."""

from __future__ import annotations

from pyholdfast.migrate.draft import UNIT, Draft
from pyholdfast.migrate.pairs import Pair
from pyholdfast.migrate.refusal import RefusedError
from pyholdfast.migrate.scope_fit import Fit, fit_of

__all__ = ["HEADER", "OPTIONAL", "plan", "rewrite"]

HEADER = "#include <holdfast/thread_state.hpp>"
OPTIONAL = "#include <optional>"


def plan(pair: Pair, planned: set[str]) -> list[str]:
    """The lines that declare the guard; adds its name to `planned`.

    Raises:
        RefusedError: HF641, HF644, HF645 or HF647 if a guard cannot be used.
    """
    if not pair.ground.is_cplusplus:
        raise RefusedError("HF641", "holdfast's guards are C++, and this is a C file")
    fit = fit_of(pair)
    name = pair.ground.unused(f"{pair.kind}ed", planned)
    planned.add(name)
    if pair.kind == "detach" or not pair.ground.must_not_throw:
        return [f"const holdfast::{pair.kind}_guard {name};"]
    return [
        f"const holdfast::attach_guard {name}(holdfast::main_view(), std::nothrow);",
        f"if (!{name})",
        UNIT + _leave(pair, fit),
    ]


def _leave(pair: Pair, fit: Fit) -> str:
    """The statement by which a function that must not throw ends if Python has ended."""
    leave = pair.ground.result_when_refused()
    shown = pair.ground.walk.function.shown
    if leave is None:
        raise RefusedError("HF647", f"what {shown} returns where Python has ended is not known")
    if fit.braces or not pair.ground.ends_with(pair.block):
        raise RefusedError(
            "HF647",
            f"more follows in {shown}, and whether it is to run without Python is not known",
        )
    return leave


def rewrite(draft: Draft, pair: Pair, lines: list[str]) -> None:
    """Replace the pair with the guard."""
    fit = fit_of(pair)
    tokens = draft.source.tokens
    line = tokens[pair.begin.start].line
    margin = draft.indentation(line)
    if fit.braces and pair.main is not None:
        inner = margin + UNIT
        text = "".join(["{", *(f"\n{inner}{line}" for line in lines)])
        draft.replace(pair.begin.start, pair.begin.stop, text)
        draft.replace(pair.main.statement.start, pair.main.statement.stop, "}")
        draft.drop_blank_before(tokens[pair.main.statement.start].line)
        last = tokens[pair.main.statement.start].line - 1
        draft.deepen(tokens[pair.begin.stop - 1].line + 1, last, line)
    else:
        span = (pair.begin.start, pair.begin.stop)
        draft.replace(*span, draft.joined(*span, lines))
    for end in pair.ends:
        if not (fit.braces and end is pair.main):
            draft.remove(end.statement.start, end.statement.stop)
