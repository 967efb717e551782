"""Decides whether an object's scope can replace a pair.

A guard ends at the end of its block, a pair where its closing call is. This module decides whether
the two coincide, or can be made to by giving the pair its own block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyholdfast.check.structure import Statement
from pyholdfast.migrate.pairs import End, Pair
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["Fit", "fit_of"]

_HARMLESS_THROW = ("throw ;", "throw std ::")
_VARIABLES = frozenset({"attach", "detach", "local", "bindinglocal", "locker"})


@dataclass(frozen=True, slots=True)
class Fit:
    """How a guard replaces a pair.

    Attributes:
        braces: whether it needs its own block, from the beginning to the main end.
    """

    braces: bool


def fit_of(pair: Pair) -> Fit:
    """How the guard of a pair fits into the function.

    Raises:
        RefusedError: HF644 or HF645 if it does not.
    """
    if any(part.kind == "case" for part in pair.block.parts):
        raise RefusedError("HF645", "the pair stands among the cases of a switch")
    if any("goto" in kinds for kinds in pair.ground.walk.controls.values()):
        raise RefusedError("HF645", "a macro in the function hides a jump")
    main = pair.main
    for end in pair.ends:
        if end is not main:
            _check_early(pair, end)
    if not pair.variable:  # Py_BEGIN_ALLOW_THREADS already makes a block
        _check_block_macro(pair)
        return Fit(braces=True)
    if main is None:
        _check_jumps(pair, pair.block.stop)
        _check_objects(pair, pair.block.stop)
        return Fit(braces=False)
    rest = pair.block.parts[pair.block.parts.index(main.statement) + 1 :]
    if _is_harmless(pair, rest) and (not rest or rest[-1].kind in {"return", "throw"}):
        _check_jumps(pair, pair.block.stop)
        _check_objects(pair, pair.block.stop)
        return Fit(braces=False)
    _check_jumps(pair, main.statement.stop)
    _check_names(pair, main)
    return Fit(braces=True)


def _check_early(pair: Pair, end: End) -> None:
    """Check that the function returns right after an early end, where the guard ends."""
    level = len(end.chain) - 1
    while end.chain[level] is not pair.block:
        child, parent = end.chain[level], end.chain[level - 1]
        if parent.kind == "block":
            rest = parent.parts[parent.parts.index(child) + 1 :]
            leaves = next((n for n, s in enumerate(rest) if s.kind in {"return", "throw"}), None)
            upto = rest if leaves is None else rest[: leaves + 1]
            if not _is_harmless(pair, upto):
                break
            if leaves is not None:
                return
        elif parent.kind in {"loop", "do", "switch"}:
            break
        level -= 1
    else:
        return
    line = pair.ground.source.tokens[end.statement.start].line
    raise RefusedError("HF644", f"what follows the early end in line {line} would run in the guard")


def _is_harmless(pair: Pair, statements: Sequence[Statement]) -> bool:
    """Whether statements may also run inside the guard."""
    ground = pair.ground
    for statement in statements:
        text = ground.text(statement.start, statement.stop)
        if ground.hides_control(statement.start, statement.stop):
            return False
        if statement.kind == "throw" and text.startswith(_HARMLESS_THROW):
            continue
        if text != ";" and (statement.kind != "return" or {"(", "{"} & set(text.split())):
            return False
    return True


def _check_block_macro(pair: Pair) -> None:
    if pair.main is None:
        raise RefusedError("HF644", "Py_END_ALLOW_THREADS stands in another block")
    _check_jumps(pair, pair.main.statement.stop)


def _check_jumps(pair: Pair, stop: int) -> None:
    """Check that nothing jumps into the guard's scope."""
    start = pair.begin.start
    labels = {s.name: s for s in pair.ground.statements() if s.kind == "label"}
    for statement in pair.ground.statements():
        target = labels.get(statement.name) if statement.kind == "goto" else None
        if target is not None and start < target.start < stop:
            if start < statement.start < stop:
                continue
            line = pair.ground.source.tokens[statement.start].line
            raise RefusedError("HF645", f"line {line} jumps to '{statement.name}', inside of it")


def _check_objects(pair: Pair, stop: int) -> None:
    """Check for objects that would now end before the guard: they may need Python."""
    if pair.kind == "attach":
        return
    for name, line in _objects(pair, stop):
        raise RefusedError(
            "HF644", f"the {name} of line {line} ends attached now, and would end detached"
        )


def _check_names(pair: Pair, main: End) -> None:
    """Check that names declared in the region are not used after it."""
    ground = pair.ground
    parts = pair.block.parts
    first, last = parts.index(pair.begin), parts.index(main.statement)
    rest = ground.words(main.statement.stop, pair.block.stop)
    for name in sorted(ground.declared(parts[first + 1 : last])):
        if name in rest:
            raise RefusedError(
                "HF644", f"'{name}' is declared in the region, and used behind its end"
            )
    for name, line in _objects(pair, main.statement.start):
        raise RefusedError(
            "HF644", f"the {name} of line {line} would end with the region, not with its block"
        )


def _objects(pair: Pair, stop: int) -> list[tuple[str, int]]:
    """Variables of classes with a destructor, directly in the block of a pair."""
    found = []
    for event in pair.ground.walk.function.events:
        number = pair.ground.number_of(event)
        if event.kind not in _VARIABLES or number is None or number < pair.begin.stop:
            continue
        chain = pair.ground.chain(number)
        if number < stop and len(chain) > 1 and chain[-2] is pair.block:
            found.append((event.name, event.place.line))
    return found
