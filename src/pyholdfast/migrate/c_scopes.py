"""Rewrites pairs with the C interface: a scope between `hf_attach()` or `hf_detach()` and `hf_end()`.

The library refuses every thread until the program has told it that Python runs, so `hf_adopt()` is
added where the program starts Python.
"""

from __future__ import annotations

import re

from pyholdfast.check.facts import Event
from pyholdfast.migrate.draft import UNIT, Draft
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.pairs import Pair
from pyholdfast.migrate.pep788 import plan as plan_refused
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["HEADER", "STARTS", "adopt", "demand_start", "plan", "rewrite"]

HEADER = "#include <holdfast/holdfast.h>"
STARTS = frozenset({"Py_Initialize", "Py_InitializeEx"})
_STARTED = re.compile(r"Py_Initialize(?:Ex)? \((?: \w+)? \) ;")


def demand_start(*, known: bool) -> None:
    """Check that the library will know that Python runs.

    Raises:
        RefusedError: HF642 if nothing that may be changed starts Python.
    """
    if not known:
        raise RefusedError(
            "HF642",
            "nothing in the named files starts Python by Py_Initialize(), and the library refuses"
            " each thread until it knows of Python",
            "call hf_adopt() once, where Python has started, and run the command with that file",
            ("hf_interpreter *python;", "if (hf_adopt(&python) != HF_OK)",
             "    Py_FatalError(hf_last_message());"),
        )  # fmt: skip


def adopt(draft: Draft, ground: Ground, event: Event) -> bool:
    """Tell the library about Python, where a call starts it; False if the call is no statement."""
    number = ground.number_of(event)
    if number is None:
        return False
    chain = ground.chain(number)
    start = chain[-1]
    whole = _STARTED.fullmatch(ground.text(start.start, start.stop))
    if not whole or len(chain) < 2 or chain[-2].kind != "block":  # noqa: PLR2004
        return False
    name = ground.unused("python")
    lines = [
        f"hf_interpreter *{name};",
        f"if (hf_adopt(&{name}) != HF_OK)",
        UNIT + "Py_FatalError(hf_last_message());",
    ]
    draft.insert_after(start.stop - 1, lines, start.start)
    return True


def plan(pair: Pair, planned: set[str]) -> list[str]:
    """The lines that begin the scope, behind its declaration; adds its name to `planned`.

    Raises:
        RefusedError: HF647 if it is not known what to do if the thread is refused.
    """
    name = pair.variable
    if not name:
        name = pair.ground.unused(f"{pair.kind}ed", planned)
        planned.add(name)
    if pair.kind == "detach":
        return [name, f"hf_detach(&{name});"]
    leave = plan_refused(pair)[1]
    return [name, f"if (hf_attach(&{name}, hf_main_view()) != HF_OK)", leave]


def rewrite(draft: Draft, pair: Pair, lines: list[str]) -> None:
    """Replace a pair's calls with those of the C interface."""
    name, *begin = lines
    first = pair.begin
    tokens = draft.source.tokens
    margin = draft.indentation(tokens[first.start].line)
    if not pair.variable:
        inner = f"\n{margin}{UNIT}"
        text = inner.join(["{", f"hf_scope {name};", *begin])
        draft.replace(first.start, first.stop, text)
        if pair.main is not None:
            line = tokens[pair.main.statement.start].line
            draft.drop_blank_before(line)
            draft.deepen(tokens[first.stop - 1].line + 1, line - 1, tokens[first.start].line)
    else:
        declared = [f"hf_scope {name};"] if pair.declares else []
        span = (first.start, first.stop)
        draft.replace(*span, draft.joined(*span, [*declared, *begin]))
    if pair.declaration is not None:
        draft.replace(pair.declaration.start, pair.declaration.stop, f"hf_scope {name};")
    for end in pair.ends:
        text = f"hf_end(&{name});"
        if not pair.variable and end is pair.main:
            text = f"{UNIT}{text}\n{margin}}}"
        draft.replace(end.statement.start, end.statement.stop, text)
