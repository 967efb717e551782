"""Finds the pairs in a function.

A pair is a call that begins it and the calls that undo it, one on each way out. The walk through
the function has found these calls; this module checks that their text can be rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.structure import Statement
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.refusal import RefusedError

__all__ = [
    "ASSIGNS", "BEGINS", "DECLARED", "DECLARES", "ENDS", "UNDOES", "End", "Pair",
    "check_free_of_findings", "check_proven", "check_uses", "kept_in", "read_pair",
]  # fmt: skip

# The calls that begin a pair, with the kind of its guard; and the calls that end one.
BEGINS = {"PyGILState_Ensure": "attach", "PyEval_SaveThread": "detach"}
ENDS = {"PyGILState_Release": "attach", "PyEval_RestoreThread": "detach"}
_TYPE = r"(?:(?:const|auto|struct|_ts|PyGILState_STATE|PyThreadState|\*) )+"
_CALLED = r"(?::: )?(?:PyGILState_Ensure|PyEval_SaveThread) \( \) ;"
DECLARES = re.compile(rf"{_TYPE}(?:(\w+) = |(\w+) ; \2 = ){_CALLED}")
ASSIGNS = re.compile(rf"(\w+) = {_CALLED}")
UNDOES = re.compile(r"(?::: )?(?:PyGILState_Release|PyEval_RestoreThread) \( (\w+) \) ;")
DECLARED = re.compile(rf"{_TYPE}(\w+)(?: = [\w:]+)? ;")
# Of the project: a macro that opens a block and begins, and the one that ends and closes it.
_OPENS = re.compile(rf"{{ {_TYPE}(?:(\w+) = |(\w+) ; \2 = ){_CALLED}")
_CLOSES = re.compile(r"(?:PyGILState_Release|PyEval_RestoreThread) \( \w+ \) ; }(?: ;)?")
_BLOCK_MACROS = {"Py_BEGIN_ALLOW_THREADS", "Py_BEGIN_ALLOW_THREADS ;"}
_MACROS = {"Py_BEGIN_ALLOW_THREADS", "Py_END_ALLOW_THREADS", "Py_BLOCK_THREADS"}
_SHOWN = 60  # characters of a statement in a message
_WRONG = ("HF601", "HF603", "HF604", "HF605", "HF606")


@dataclass(frozen=True, slots=True)
class End:
    """A call that undoes a pair's beginning.

    Attributes:
        statement: the call, as a statement of its own.
        chain: the statements around it, outermost first, including itself.
    """

    statement: Statement
    chain: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A call that begins a pair, and the calls that undo it.

    Attributes:
        kind: ``attach`` or ``detach``.
        event: the call that begins.
        ground: its function.
        begin: the statement of that call.
        block: the block that directly contains it.
        ends: in the order of the text.
        variable: the variable for the result; empty for Py_BEGIN_ALLOW_THREADS.
        declares: whether the statement also declares the variable.
        declaration: the variable's declaration, if it is a separate statement.
    """

    kind: str
    event: Event
    ground: Ground
    begin: Statement
    block: Statement
    ends: tuple[End, ...]
    variable: str
    declares: bool
    declaration: Statement | None

    @property
    def main(self) -> End | None:
        """The end in the same block as the beginning; None if all ends are in inner blocks."""
        direct = [end for end in self.ends if end.chain[-2] is self.block]
        return direct[-1] if direct else None

    @property
    def after_begin(self) -> list[Statement]:
        """The statements after the beginning in its block."""
        parts = self.block.parts
        return parts[parts.index(self.begin) + 1 :]


def read_pair(ground: Ground, event: Event) -> Pair:
    """The pair that begins with a call.

    Raises:
        RefusedError: HF642 to HF648 if it cannot be rewritten.
    """
    number = ground.number_of(event)
    if number is None:
        raise RefusedError("HF646", f"{event.name}() comes from a macro")
    written = ground.source.tokens[number].text
    chain = ground.chain(number)
    begin = chain[-1]
    text = ground.spelled(begin)
    macro = text in _BLOCK_MACROS or bool(_OPENS.fullmatch(text))
    if written == "::":
        written = ground.source.tokens[number + 1].text
    if written != event.name and not macro and text == ground.text(begin.start, begin.stop):
        raise RefusedError("HF646", f"{event.name}() is hidden in '{written}'")
    places = _undone_by(ground, event)
    if begin.kind != "expression" or len(chain) < 2 or chain[-2].kind != "block":  # noqa: PLR2004
        raise RefusedError("HF644", f"{event.name}() begins in a branch or in a condition")
    variable, declares = ("", False) if macro else kept_in(ground, begin, event)
    ends = [_read_end(ground, place, variable) for place in sorted(places)]
    block = chain[-2]
    for end in ends:
        if not any(part is block for part in end.chain):
            line = ground.source.tokens[end.statement.start].line
            raise RefusedError(
                "HF644", f"{event.name}() is undone in line {line}, outside of its block"
            )
    declaration = None
    if variable and not declares:
        declaration = _declaration(ground, variable)
    return Pair(BEGINS[event.name], event, ground, begin, block, tuple(ends), variable, declares,
                declaration)  # fmt: skip


def check_free_of_findings(ground: Ground) -> None:
    """Check that the walk through a function found nothing wrong with its pairs.

    Raises:
        RefusedError: HF648 if it did.
    """
    for problem in ground.walk.effects.problems.values():
        if problem.code in _WRONG:
            raise RefusedError(
                "HF648",
                f"it is not proven that {ground.walk.function.shown} pairs its calls: line"
                f" {problem.place.line} has {problem.code}",
            )


def check_proven(ground: Ground, place: Place, name: str) -> set[Place]:
    """The places that undo a call; on every path one of them does.

    Raises:
        RefusedError: HF642 or HF648 if that is not proven.
    """
    check_free_of_findings(ground)
    walk = ground.walk
    shown = walk.function.shown
    places = walk.effects.closed.get(place, set())
    for end in walk.exits:
        if any(entry.place == place for entry in end.state.open):
            if not places:
                raise RefusedError("HF642", f"{name}() is not undone in {shown}")
            raise RefusedError(
                "HF648", f"{shown} ends in line {end.place.line} without undoing {name}()"
            )
    if not places:
        raise RefusedError("HF642", f"{name}() is not undone in {shown}")
    if places & walk.effects.reaching:
        raise RefusedError("HF642", f"{shown} undoes on some path what its caller began")
    return places


def _undone_by(ground: Ground, event: Event) -> set[Place]:
    """The places that undo a call, on every path; none of them undoes another call."""
    places = check_proven(ground, event.place, event.name)
    for other, undone in ground.walk.effects.closed.items():
        if other != event.place and undone & places:
            raise RefusedError(
                "HF644",
                f"line {min(undone & places).line} undoes the calls of lines {event.place.line}"
                f" and {other.line}",
            )
    return places


def kept_in(ground: Ground, begin: Statement, event: Event) -> tuple[str, bool]:
    """The variable that a call's result is kept in, and whether the statement declares it.

    Raises:
        RefusedError: HF643 or HF646 if that cannot be said.
    """
    text = ground.spelled(begin)
    if match := DECLARES.fullmatch(text):
        return match.group(1) or match.group(2), True
    if match := ASSIGNS.fullmatch(text):
        return match.group(1), False
    if "->" in text or "." in text or "[" in text:
        raise RefusedError(
            "HF643", f"what {event.name}() returns is kept in '{text.split(' =')[0]}'"
        )
    raise RefusedError("HF646", f"{event.name}() is part of '{text[:_SHOWN]}'")


def _read_end(ground: Ground, place: Place, variable: str) -> End:
    number = ground.source.at(place.line, place.column)
    if number is None:
        raise RefusedError("HF646", f"line {place.line} undoes it by a macro")
    chain = ground.chain(number)
    statement = chain[-1]
    text = ground.spelled(statement)
    match = UNDOES.fullmatch(text)
    named = match.group(1) if match else None
    hidden = (text.removesuffix(" ;") in _MACROS or _CLOSES.fullmatch(text)) and not variable
    if statement.kind != "expression" or (named is None and not hidden):
        raise RefusedError("HF646", f"line {place.line} undoes it within '{text[:_SHOWN]}'")
    if named is not None and named != variable:
        raise RefusedError(
            "HF643", f"line {place.line} undoes it with '{named}', not with '{variable}'"
        )
    if chain[-2].kind != "block":
        raise RefusedError("HF644", f"line {place.line} undoes it in a branch without braces")
    return End(statement, tuple(chain))


def _declaration(ground: Ground, variable: str) -> Statement | None:
    """The statement that only declares the variable; None if it also begins a pair."""
    for statement in ground.statements():
        text = ground.text(statement.start, statement.stop)
        if statement.kind != "expression":
            continue
        if (match := DECLARED.fullmatch(text)) and match.group(1) == variable:
            return statement
        if (match := DECLARES.fullmatch(text)) and variable in match.groups():
            return None
    raise RefusedError(
        "HF643", f"the state is kept in '{variable}', which no statement of the function declares"
    )


def check_uses(pairs: Sequence[Pair], variable: str) -> None:
    """Check that only its pairs use a variable.

    Raises:
        RefusedError: HF643 if something does.
    """
    ground = pairs[0].ground
    known: set[int] = set()
    for pair in pairs:
        spans = [pair.begin, *(end.statement for end in pair.ends)]
        if pair.declaration is not None:
            spans.append(pair.declaration)
        for span in spans:
            known.update(range(span.start, span.stop))
    for position in range(ground.body.start, ground.body.stop):
        token = ground.source.tokens[position]
        if token.text == variable and token.kind == "word" and position not in known:
            raise RefusedError("HF643", f"'{variable}' is used in line {token.line}, too")
