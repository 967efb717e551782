"""How a class uses a member that keeps the state of a pair, and what each use becomes.

The member becomes a guard, or a `std::optional` of one. Then a call that begins becomes `emplace()`,
a call that ends becomes `reset()`, and a comparison with a null pointer asks whether there is a
guard: statement by statement the same as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyholdfast.check.tokens import Source
from pyholdfast.migrate.pairs import BEGINS, ENDS
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["Use", "read_use"]

_NULLS = frozenset({"NULL", "nullptr", "0", "PyGILState_UNLOCKED", "PyGILState_LOCKED"})
_TYPES = frozenset({"PyGILState_STATE", "PyThreadState"})
_TESTS = frozenset({"if", "while"})


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the member.

    Attributes:
        what: ``declaration``, ``begin``, ``end``, ``null`` (it is set to nothing), ``test``.
        start: the first token to replace.
        stop: one after the last.
        text: the replacement with a `std::optional`; empty to remove it.
        call: the token of the call that begins or ends; -1 for other uses.
        initialiser: whether it stands in a constructor's list.
    """

    what: str
    start: int
    stop: int
    text: str
    call: int = -1
    initialiser: bool = False


def read_use(source: Source, position: int, kind: str) -> Use:
    """The use of a member whose name is the token at `position`.

    Raises:
        RefusedError: HF643 if it is none that a guard can replace.
    """
    use = next(_readings(source, position, kind), None)
    if use is None:
        token = source.tokens[position]
        raise RefusedError("HF643", f"'{token.text}' is used in line {token.line}, too")
    return use


def _readings(source: Source, position: int, kind: str) -> Iterator[Use]:
    tokens = source.tokens
    name = tokens[position].text
    start = position
    if _texts(source, position - 2, position) == ["this", "->"]:
        start = position - 2
    before = tokens[start - 1].text
    if before in {".", "->", "::"}:
        return
    after = tokens[position + 1].text
    if _is_declared(source, position):
        yield from _declared(source, position, kind)
    elif after == "=":
        yield from _assigned(source, start, position + 2, name)
    elif before == "(" and after == ")":
        yield from _in_parens(source, start, position, name)
    elif after in {"(", "{"} and before in {":", ","}:
        yield from _initialised(source, position, name)
    if after in {"!=", "=="} and tokens[position + 2].text in _NULLS:
        text = f"{'!' if after == '==' else ''}{name}.has_value()"
        yield Use("test", start, position + 3, text)
    elif before in {"!=", "=="} and tokens[start - 2].text in _NULLS:
        text = f"{'!' if before == '==' else ''}{name}.has_value()"
        yield Use("test", start - 2, position + 1, text)
    elif before in {"!", "&&", "||"} or after in {"&&", "||"}:
        yield Use("test", start, position + 1, name)


def _texts(source: Source, start: int, stop: int) -> list[str]:
    return [token.text for token in source.tokens[max(0, start) : stop]]


def _call_of(source: Source, position: int, names: Iterable[str]) -> int | None:
    """The token of a call's name, with or without ``::`` before it."""
    if source.tokens[position].text == "::":
        position += 1
    return position if source.tokens[position].text in names else None


def _assigned(source: Source, start: int, value: int, name: str) -> Iterator[Use]:
    call = _call_of(source, value, BEGINS)
    if call is not None and _texts(source, call + 1, call + 4) == ["(", ")", ";"]:
        yield Use("begin", start, call + 4, f"{name}.emplace();", call)
    elif _texts(source, value, value + 2)[1:] == [";"] and source.tokens[value].text in _NULLS:
        yield Use("null", start, value + 2, f"{name}.reset();")


def _in_parens(source: Source, start: int, position: int, name: str) -> Iterator[Use]:
    tokens = source.tokens
    call = start - 2
    if tokens[call].text in ENDS and tokens[position + 2].text == ";":
        first = call - 1 if tokens[call - 1].text == "::" else call
        yield Use("end", first, position + 3, f"{name}.reset();", call)
    elif tokens[call].text in _TESTS:
        yield Use("test", start, position + 1, name)


def _initialised(source: Source, position: int, name: str) -> Iterator[Use]:
    close = source.closing(position + 1)
    call = _call_of(source, position + 2, BEGINS)
    if call is not None and _texts(source, call + 1, close) == ["(", ")"]:
        yield Use("begin", position, close + 1, f"{name}(std::in_place)", call, initialiser=True)
    elif close == position + 2 or (
        close == position + 3 and source.tokens[position + 2].text in _NULLS
    ):
        yield Use("null", position, close + 1, f"{name}()", initialiser=True)


def _is_declared(source: Source, position: int) -> bool:
    at = position - 1
    while source.tokens[at].text in {"*", "const"}:
        at -= 1
    return source.tokens[at].text in _TYPES


def _declared(source: Source, position: int, kind: str) -> Iterator[Use]:
    tokens = source.tokens
    start = position - 1
    while tokens[start].text not in _TYPES:
        start -= 1
    if tokens[start - 1].text == "struct":
        start -= 1
    stop = position + 1
    if tokens[stop].text == "=" and tokens[stop + 1].text in _NULLS:
        stop += 2
    elif tokens[stop].text == "{" and source.closing(stop) <= stop + 2:
        stop = source.closing(stop) + 1
    if tokens[stop].text == ";":
        guard = f"std::optional<holdfast::{kind}_guard> {tokens[position].text};"
        yield Use("declaration", start, stop + 1, guard)
