"""What the end of an object does: its destructor, and those of what it contains."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import PYTHON_OBJECT, Event
from pyholdfast.check.several_declared import declarators
from pyholdfast.check.states import ATTACHED, Step, Summary
from pyholdfast.check.tokens import read_source

__all__ = ["end_of", "is_given_up"]

_GIVING = ("move", "forward", "exchange", "swap")


def end_of(
    name: str,
    written: Callable[[str], Summary | None],
    members: Mapping[str, set[str]],
    place: Place,
    seen: frozenset[str] = frozenset(),
) -> Summary | None:
    """What the end of an object of a class requires; None if it requires nothing.

    Args:
        name: the class.
        written: the summary of a class's destructor, if it has one of its own.
        members: the classes that each class contains.
        place: the class's declaration, for messages.
        seen: classes around it.
    """
    if name == PYTHON_OBJECT:
        return Summary(ATTACHED, (Step(place, "its end drops a Python reference"),))
    own = written(name)
    if own is not None and (own.requires == ATTACHED or own.effect):
        return own
    for member in sorted(members.get(name, set()) - seen - {name}):
        inner = end_of(member, written, members, place, seen | {name})
        if inner is not None and inner.requires == ATTACHED and not inner.effect:
            return Summary(ATTACHED, (Step(place, f"{name} contains a {member}"), *inner.path))
    return own


def is_given_up(event: Event, stop: int) -> bool:
    """Whether a variable is moved from, released or returned before token `stop`."""
    source = read_source(event.place.file)
    begin = source.at(event.place.line, event.place.column)
    if begin is None:
        return False
    tokens = source.tokens
    end = next((n for n in range(begin, stop) if tokens[n].text in {";", "=", "{", "("}), begin)
    name = next(iter(declarators(event.place)), tokens[end - 1].text)
    for position in range(end, min(stop, len(tokens) - 2)):
        if tokens[position].text != name or tokens[position].kind != "word":
            continue
        before, after = tokens[position - 1].text, tokens[position + 1].text
        if before == "return" and after == ";":
            return True
        if after == "." and tokens[position + 2].text in {"release", "swap", "detach"}:
            return True
        if before in {"(", ","} and any(t.text in _GIVING for t in tokens[position - 4 : position]):
            return True
    return False
