"""The project's own guard classes, whose pair is a constructor and a destructor.

The class keeps its name and its users; its member becomes one of holdfast's guards, and constructor
and destructor become empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pyholdfast.check.facts import Event
from pyholdfast.check.tokens import Source
from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.pairs import BEGINS, ENDS
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["GuardClass", "read_class", "rewrite_class"]

_STATE = frozenset({"PyGILState_STATE", "PyThreadState"})


@dataclass(frozen=True, slots=True)
class GuardClass:
    """A class whose constructor and destructor are one pair.

    Attributes:
        kind: ``attach`` or ``detach``.
        member: tokens of the declaration of the member that keeps the state: first, and one after.
        name: the member's name.
        begin: tokens of the call in the constructor.
        end: tokens of the call in the destructor.
    """

    kind: str
    member: tuple[int, int]
    name: str
    begin: tuple[int, int]
    end: tuple[int, int]


def read_class(maker: Ground, ender: Ground, others: Iterable[Ground], event: Event) -> GuardClass:
    """The class whose constructor and destructor make a pair.

    Args:
        maker: the constructor.
        ender: the destructor.
        others: other functions of the class in the same file.
        event: the call that begins the pair.

    Raises:
        RefusedError: HF643 or HF649 if they do more than open and close the pair.
    """
    owner = maker.walk.function.owner
    if maker.walk.function.body.file != ender.walk.function.body.file:
        raise RefusedError("HF643", f"constructor and destructor of {owner} are in two files")
    begin, name = _begun(maker, event)
    undo = next(word for word, kind in ENDS.items() if kind == BEGINS[event.name])
    text = ender.text(ender.body.start, ender.body.stop)
    if not re.fullmatch(rf"{{ (?:::)? ?{undo} \( {name} \) ; }}", text):
        raise RefusedError("HF649", f"{ender.walk.function.shown} does more than to undo it")
    end = (ender.body.start + 1, ender.body.stop - 1)
    extent = _extent(maker.source, owner)
    member = _member(maker.source, extent, name)
    known = {*range(*begin), *range(*end), *range(*member)}
    spans = [range(*extent), *(range(g.body.start, g.body.stop) for g in others)]
    for position in (position for span in spans for position in span):
        token = maker.source.tokens[position]
        if token.text == name and token.kind == "word" and position not in known:
            raise RefusedError("HF643", f"'{name}' is used in line {token.line}, too")
    return GuardClass(BEGINS[event.name], member, name, begin, end)


def _begun(maker: Ground, event: Event) -> tuple[tuple[int, int], str]:
    """The tokens of the call in the constructor, and the member that keeps the state."""
    number = maker.number_of(event)
    shown = maker.walk.function.shown
    body = maker.text(maker.body.start, maker.body.stop)
    assigned = re.fullmatch(rf"{{ (\w+) = (?:::)? ?{event.name} \( \) ; }}", body)
    if assigned is not None:
        return (maker.body.start + 1, maker.body.stop - 1), assigned.group(1)
    tokens = maker.source.tokens
    if body == "{ }" and number is not None and number < maker.body.start:
        start = number - 3 if tokens[number - 1].text == "::" else number - 2
        initialiser = maker.text(start - 1, maker.body.start)
        match = re.fullmatch(rf": (\w+) [({{] (?:::)? ?{event.name} \( \) [)}}]", initialiser)
        if match is not None:
            return (start - 1, maker.body.start), match.group(1)
    raise RefusedError("HF649", f"{shown} does more than to begin the pair")


def _extent(source: Source, owner: str) -> tuple[int, int]:
    """The tokens of a class's definition."""
    tokens = source.tokens
    for position in range(len(tokens) - 2):
        if tokens[position].text not in {"class", "struct"}:
            continue
        opening = position + 1
        while opening < len(tokens) and tokens[opening].text not in {"{", ";", "("}:
            opening += 1
        if opening < len(tokens) and tokens[opening].text == "{":
            named = {tokens[at].text for at in range(position + 1, opening)}
            if owner in named:
                return position, source.closing(opening) + 1
    raise RefusedError("HF643", f"the definition of {owner} is not in this file")


def _member(source: Source, extent: tuple[int, int], name: str) -> tuple[int, int]:
    tokens = source.tokens
    for position in range(*extent):
        if tokens[position].text not in _STATE:
            continue
        stop = position + 1
        while tokens[stop].text in {"*", "const"}:
            stop += 1
        if tokens[stop].text == name and tokens[stop + 1].text == ";":
            return position, stop + 2
    raise RefusedError("HF643", f"'{name}' is not one of its own members")


def rewrite_class(draft: Draft, found: GuardClass) -> None:
    """Give the class a guard as a member."""
    draft.replace(*found.member, f"holdfast::{found.kind}_guard {found.name};")
    draft.remove(*found.begin)
    draft.remove(*found.end)
