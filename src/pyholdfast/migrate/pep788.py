"""Rewrites pairs of PyGILState as those of PEP 788.

CPython has them from 3.15 on; a header that is written beside the changed files has them for 3.10
to 3.14. An attach is refused if Python has ended, so each function needs a way to report that it
did nothing. Detached regions stay as they are, because PEP 788 does not change them.
"""

from __future__ import annotations

from pathlib import Path

from pyholdfast.inputs import read_text
from pyholdfast.migrate.draft import UNIT, Draft
from pyholdfast.migrate.pairs import Pair
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["HEADER", "HELPER", "header_text", "plan", "rewrite"]

HEADER = "attach_to_main.h"
HELPER = "attach_to_main"


def header_text() -> str:
    """The header that is written beside the changed files."""
    return read_text(Path(__file__).with_name(HEADER))


def plan(pair: Pair) -> list[str]:
    """The lines by which the function returns if the attach is refused.

    Raises:
        RefusedError: HF647 if that is not known.
    """
    leave = pair.ground.result_when_refused()
    shown = pair.ground.walk.function.shown
    if leave is None:
        raise RefusedError("HF647", f"what {shown} returns where Python has ended is not known")
    main = pair.main
    rest = [] if main is None else pair.block.parts[pair.block.parts.index(main.statement) + 1 :]
    text = " ".join(pair.ground.text(part.start, part.stop) for part in rest)
    if pair.block is not pair.ground.body or "(" in text:
        raise RefusedError(
            "HF647",
            f"more follows in {shown}, and whether it is to run without Python is not known",
        )
    return [f"if ({pair.variable} == NULL)", UNIT + leave]


def rewrite(draft: Draft, pair: Pair, lines: list[str]) -> None:
    """Replace a pair's calls with those of PEP 788."""
    begin = pair.begin
    span = (begin.start, begin.stop)
    kept = f"PyThreadStateToken *const {pair.variable}" if pair.declares else pair.variable
    draft.replace(*span, draft.joined(*span, [f"{kept} = {HELPER}();", *lines]))
    if pair.declaration is not None:
        draft.replace(pair.declaration.start, pair.declaration.stop,
                      f"PyThreadStateToken *{pair.variable};")  # fmt: skip
    for end in pair.ends:
        draft.replace(end.statement.start, end.statement.stop,
                      f"PyThreadState_Release({pair.variable});")  # fmt: skip
