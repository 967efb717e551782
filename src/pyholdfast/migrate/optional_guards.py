"""Rewrites a pair as a `std::optional` of a guard, where no block matches it.

`emplace()` stands where the call that begins stood, and `reset()` where each call that ends stood, so
that the function does what it did, statement by statement. It also detaches or attaches back if an
exception leaves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.structure import Statement
from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.member_uses import read_use
from pyholdfast.migrate.pairs import (
    ASSIGNS,
    BEGINS,
    DECLARED,
    DECLARES,
    UNDOES,
    check_proven,
    kept_in,
)
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["OptionalGuard", "read_optional", "rewrite_optional"]

_NOTHING = re.compile(r"(\w+) = (?:NULL|nullptr|0) ;")


@dataclass(frozen=True, slots=True)
class OptionalGuard:
    """A variable that keeps the state of pairs, and what its uses become.

    Attributes:
        kind: ``attach`` or ``detach``.
        variable: the variable.
        name: of the guard.
        edits: first token, one after the last, and the text.
        at_top: whether the guard is declared where the function begins.
        places: of the calls that begin.
    """

    kind: str
    variable: str
    name: str
    edits: Sequence[tuple[int, int, str]]
    at_top: bool
    places: frozenset[Place]


def read_optional(ground: Ground, event: Event, planned: set[str]) -> OptionalGuard:
    """The plan for the variable that a call's result is kept in.

    Raises:
        RefusedError: HF641 to HF648 if a `std::optional` cannot replace it either.
    """
    number = ground.number_of(event)
    if number is None or not ground.is_cplusplus:
        raise RefusedError("HF641", "holdfast's guards are C++, and this is a C file")
    variable, _ = kept_in(ground, ground.chain(number)[-1], event)
    kind = BEGINS[event.name]
    if kind == "attach" and ground.must_not_throw:
        shown = ground.walk.function.shown
        raise RefusedError("HF647", f"{shown} must not throw: {ground.must_not_throw}")
    name = ground.unused(f"{kind}ed", planned)
    guard = f"std::optional<holdfast::{kind}_guard> {name}"
    edits: list[tuple[int, int, str]] = []
    begun: set[int] = set()
    at_top = False
    for statement, what in _statements(ground, variable):
        texts = {"declares": f"{guard}(std::in_place);", "declared": f"{guard};",
                 "begins": f"{name}.emplace();", "ends": f"{name}.reset();"}  # fmt: skip
        if what == "declared" and _may_be_jumped_over(ground, statement):
            at_top = True
            texts["declared"] = ""
        if what in {"declares", "begins"}:
            begun.add(statement.start)
        edits.append((statement.start, statement.stop, texts[what]))
    declared = any("std::optional" in text for _, _, text in edits) or at_top
    if not declared:
        raise RefusedError(
            "HF643",
            f"the state is kept in '{variable}', which no statement of the function declares",
        )
    edits += _tests(ground, variable, kind, name, edits)
    places = frozenset(
        e.place for e in ground.walk.function.events
        if e.name in BEGINS and (at := ground.number_of(e)) is not None
        and ground.chain(at)[-1].start in begun
    )  # fmt: skip
    for place in sorted(places):
        check_proven(ground, place, event.name)
    planned.add(name)
    return OptionalGuard(kind, variable, name, edits, at_top, places)


def _tests(
    ground: Ground, variable: str, kind: str, name: str, known: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """The other uses, which may only ask whether there is something to undo."""
    done = {at for start, stop, _ in known for at in range(start, stop)}
    found = []
    for position in range(ground.body.start, ground.body.stop):
        token = ground.source.tokens[position]
        if token.text == variable and token.kind == "word" and position not in done:
            use = read_use(ground.source, position, kind)
            if use.what != "test":
                raise RefusedError("HF643", f"'{variable}' is used in line {token.line}, too")
            found.append((use.start, use.stop, use.text.replace(variable, name, 1)))
    return found


def _statements(ground: Ground, variable: str) -> Iterator[tuple[Statement, str]]:
    """The statements that only declare the variable, set it, or undo what it keeps."""
    for statement in ground.statements():
        if statement.kind != "expression":
            continue
        text = ground.spelled(statement)
        for pattern, what in (
            (DECLARES, "declares"), (DECLARED, "declared"), (ASSIGNS, "begins"), (UNDOES, "ends"),
            (_NOTHING, "ends"),
        ):  # fmt: skip
            match = pattern.fullmatch(text)
            if match and variable in match.groups():
                yield statement, what
                break


def _may_be_jumped_over(ground: Ground, declaration: Statement) -> bool:
    """Whether a jump may lead past the declaration, which C++ allows for the old type only."""
    chain = ground.chain(declaration.start)
    among_cases = any(part.kind == "case" for part in chain[-2].parts)
    jumps = any(part.kind == "goto" for part in ground.statements())
    hidden = any("goto" in kinds for kinds in ground.walk.controls.values())
    return among_cases or jumps or hidden


def rewrite_optional(draft: Draft, ground: Ground, plan: OptionalGuard) -> None:
    """Replace the variable and its uses."""
    for start, stop, text in plan.edits:
        if text:
            draft.replace(start, stop, text)
        else:
            draft.remove(start, stop)
    if plan.at_top:
        like = ground.body.parts[0].start if ground.body.parts else ground.body.start
        line = f"std::optional<holdfast::{plan.kind}_guard> {plan.name};"
        draft.insert_after(ground.body.start, [line], like)
