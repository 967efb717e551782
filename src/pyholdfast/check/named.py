"""Calls, pointers and macros that the configuration names.

A name is that of a function (``app::lock``), of a macro (``TAKE``), or of a member or variable that
is a function pointer (``Hooks::take``, ``take``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pyholdfast.check.blocking import names_of_macros
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.neighbours import arguments_of
from pyholdfast.check.tokens import read_source
from pyholdfast.check.waiting import may_wait
from pyholdfast.check.written import word_at

__all__ = ["ROLES", "with_named", "with_waits"]

_SQL = re.compile(
    r'(?:^|,)(?:[\w:]+[({])?"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|BEGIN|COMMIT|'
    r"ROLLBACK|VACUUM)\b"
)
# In small letters, its first word may be any text's: it is SQL by what follows.
_SQL_IN_SMALL_LETTERS = re.compile(
    r'(?:^|,)(?:[\w:]+[({])?"\s*(?:select\b.*\bfrom\b|(?:insert|replace)\s*into\b|update\b.*\bset\b|'
    r"delete\s*from\b|(?:create|drop|alter)\s*(?:temp|temporary|unique|virtual)?\s*"
    r'(?:table|index|view|trigger|database|schema)\b|begin\s*(?:transaction\b|;|")|commit\s*(?:;|")|'
    r'rollback\s*(?:;|")|vacuum\s*(?:;|"))'
)
_SPLIT = re.compile(r"(.*?)(::|->|\.)?(\w*)")
# What a configured name does, and the kind of the event that says so.
ROLES: Mapping[str, str] = {"enter": "named", "leave": "named", "block": "block"}


def with_named(
    function: Function, roles: Mapping[str, str], declared: Mapping[Place, tuple[str, str]]
) -> list[Event]:
    """The events of a function, with those that the configuration names in place of their parts.

    Args:
        function: the function.
        roles: a key of `ROLES` for each name.
        declared: class and name of each declaration.
    """
    if not roles:
        return function.events
    kept: list[Event] = []
    seen: set[tuple[Place, str]] = set()
    for event in function.events:
        name = _name_of(event, roles, declared)
        if not name:
            kept.append(event)
        elif (event.place, name) not in seen:
            seen.add((event.place, name))
            kept.append(replace(event, kind=ROLES[roles[name]], name=name))
    macros = _macros(function, roles, {event.place for event in kept if event.name in roles})
    inside = {event.place for event in macros}
    return [event for event in kept if event.place not in inside] + macros


def with_waits(function: Function, is_read: Callable[[Event], bool]) -> list[Event]:
    """The events of a function, with the calls of other code that wait, as their names or arguments say.

    A library may hide its functions behind macros of known names.

    Args:
        function: the function.
        is_read: whether the function that an event calls is among those that were read.
    """
    kinds = names_of_macros()
    known = {event.place for event in function.events if event.kind in {"block", "slow", "lock"}}
    kept = []
    for event in function.events:
        if event.kind in {"waits", "statement"}:
            waits = event.kind == "waits" or _gives_sql(event)
            if waits and event.place not in known and not is_read(event):
                known.add(event.place)
                kept.append(replace(event, kind="block"))
        elif (
            event.kind == "call" and (word := word_at(event.place)) in kinds and not is_read(event)
        ):
            named = replace(event, kind=kinds[word], name=word)
            kept.append(named if may_wait(named, function) else event)
        else:
            kept.append(event)
    return kept


def _gives_sql(event: Event) -> bool:
    """Whether a call gives a database a statement, which is written as a string."""
    arguments = arguments_of(event.place, event.name)
    return (_SQL.search(arguments) or _SQL_IN_SMALL_LETTERS.search(arguments)) is not None


def _name_of(
    event: Event, roles: Mapping[str, str], declared: Mapping[Place, tuple[str, str]]
) -> str:
    """The configured name that an event has; empty if none."""
    if event.kind not in {"call", "pointer", "named", "api"}:
        return ""
    owner = declared.get(event.target, ("", ""))[0]
    for name in roles:
        before, mark, last = _SPLIT.fullmatch(name).groups()  # type: ignore[union-attr] # all match
        if last != event.name:
            continue
        written = mark in {".", "->"} and word_at(event.place).endswith(name)
        if written or event.kind == "named" or not before or not owner or before.endswith(owner):
            return name
    return ""


def _macros(function: Function, roles: Mapping[str, str], known: set[Place]) -> list[Event]:
    """An event for each use of a macro that the configuration names."""
    source = read_source(function.body.file)
    numbers = source.within(function.body.line, function.body.column)
    if numbers is None:
        return []
    names: Sequence[str] = [name for name in roles if name.isidentifier()]
    found = []
    for position in numbers:
        token = source.tokens[position]
        if token.kind != "word" or token.text not in names:
            continue
        place = Place(function.body.file, token.line, token.column)
        if place not in known:
            kind = ROLES[roles[token.text]]
            found.append(Event(kind, token.text, place, place))
    return found
