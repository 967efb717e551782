"""Joins queries that begin alike: what they have in common is asked of each node once.

clang-tidy tries every query on every node that it may begin with, also in the system's headers. For
a joined one, that costs as much as for a single query, as long as nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyholdfast.check.clang_tidy_matchers import USER

__all__ = ["Joined", "joined"]

_BOUND = re.compile(r'\.bind\("(\w+)"\)')
_MARK = re.compile(r'"[^"]*"|[(),]')


@dataclass(frozen=True, slots=True)
class Joined:
    """Queries for nodes of one kind.

    Attributes:
        query: their text, as one.
        names: of the queries, by the name of the node that is the fact's own place.
        notes: the names of the other nodes.
    """

    query: str
    names: dict[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Query:
    conditions: tuple[str, ...]
    bound: str  # what binds the whole node; may be empty


def joined(queries: Iterable[tuple[str, str]]) -> Iterator[Joined]:
    """The queries, joined by the kind of node that they begin with, if they leave out the same."""
    alike: dict[tuple[str, bool], list[tuple[str, str]]] = {}
    for name, query in queries:
        kind = query.partition("(")[0]
        alike.setdefault((kind, USER in _parsed(query).conditions), []).append((name, query))
    for (kind, _), of_kind in alike.items():
        names: dict[str, str] = {}
        notes: set[str] = set()
        parsed = []
        for name, query in of_kind:
            first, *others = sorted(set(_BOUND.findall(query)))
            names[f"a_{name}"] = name
            notes.update(others)
            parsed.append(_parsed(query.replace(f'.bind("{first}")', f'.bind("a_{name}")')))
        for text in _branches(kind, parsed):
            own = {node: name for node, name in names.items() if f'.bind("{node}")' in text}
            yield Joined(text, own, tuple(sorted(notes & set(_BOUND.findall(text)))))


def _parsed(query: str) -> _Query:
    """The conditions of a query on its first node. That it is not of the system comes first."""
    conditions: list[str] = []
    depth, begin, end = 0, query.index("(") + 1, 0
    for mark in _MARK.finditer(query):
        text = mark.group()
        depth += (text == "(") - (text == ")")
        if (text == "," and depth == 1) or (text == ")" and depth == 0):
            conditions.append(query[begin : mark.start()].strip())
            begin = mark.end()
        if text == ")" and depth == 0:
            end = mark.end()
            break
    conditions.sort(key=lambda condition: condition != USER)
    return _Query(tuple(filter(None, conditions)), query[end:])


def _branches(kind: str, queries: Sequence[_Query]) -> list[str]:
    """A text for the queries that begin with the same condition, for each such condition."""
    groups: dict[str, list[_Query]] = {}
    for query in queries:
        groups.setdefault(query.conditions[0] if query.conditions else "", []).append(query)
    texts: list[str] = []
    for first, alike in groups.items():
        if len(alike) == 1 or not first:
            texts += [f"{kind}({', '.join(q.conditions)}){q.bound}" for q in alike]
            continue
        inner = _branches(kind, [_Query(q.conditions[1:], q.bound) for q in alike])
        rest = inner[0] if len(inner) == 1 else f"eachOf({', '.join(inner)})"
        texts.append(f"{kind}({first}, {rest})")
    return texts
