"""Whether a call that may block really waits.

On a non-blocking socket, `recv` and similar calls return at once with EAGAIN. Which sockets are
non-blocking is not visible here, but a function that handles EAGAIN uses one. A call whose timeout
is 0 only asks.
"""

from __future__ import annotations

import re

from pyholdfast.check.facts import Event, Function
from pyholdfast.check.neighbours import arguments_of
from pyholdfast.check.tokens import Source, read_source

__all__ = ["is_at_once", "may_wait"]

_ON_SOCKETS = frozenset({"recv", "recvfrom", "recvmsg", "accept", "accept4", "connect"})
_AT_ONCE = re.compile(r"EAGAIN|EWOULDBLOCK|EINPROGRESS|DONTWAIT|NONBLOCK")
# Calls whose last argument is a time.
_TIMED = re.compile(r"poll|wait|sleep|delay|timeout", re.IGNORECASE)
_NO_TIME = re.compile(
    r"\(?[+]?0(?:\.0*)?[uUlLfF]*\)?|(?:[\w:]+::)?(?:milli|micro|nano)?seconds[({]0[)}]|0(?:ms|us|ns|s)"
)
_NO_WAIT = re.compile(rf"{_NO_TIME.pattern}|false|FALSE|False")
_OF_A_WAIT = re.compile(r"time_?out|^wait|^block|blocking|^m?sec|^ms$", re.IGNORECASE)


def is_at_once(arguments: str, function: Function) -> bool:
    """Whether the arguments of a call say that the called function does not wait.

    Args:
        arguments: as text without spaces.
        function: that is called.
    """
    given = _split(arguments)
    if not any(_NO_WAIT.fullmatch(argument) for argument in given):
        return False
    source = read_source(function.body.file)
    names = _parameters(source, source.at(function.body.line, function.body.column))
    return any(
        _NO_WAIT.fullmatch(argument) and _OF_A_WAIT.search(name)
        for argument, name in zip(given, names, strict=False)
    )


def _parameters(source: Source, body: int | None) -> list[str]:
    """The names of the parameters of the function whose body begins at a token."""
    close = body - 1 if body is not None else 0
    while close > 0 and source.tokens[close].text in {"const", "noexcept", "override", "final"}:
        close -= 1
    if close <= 0 or source.tokens[close].text != ")":
        return []
    depth, at = 0, close
    while at > 0:
        depth += (source.tokens[at].text == ")") - (source.tokens[at].text == "(")
        if depth == 0:
            break
        at -= 1
    text = " ".join(token.text for token in source.tokens[at + 1 : close])
    heads = [part.partition("=")[0].rstrip(" []").split() for part in _split(text)]
    return [words[-1] if words else "" for words in heads]


def _split(text: str) -> list[str]:
    """The parts between the commas outside of brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([{<") - (character in ")]}>")
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def may_wait(event: Event, function: Function) -> bool:
    """Whether a call waits: not with a timeout of 0, and not where a non-blocking socket is handled."""
    if event.kind == "waits" or _TIMED.search(event.name):
        last = _split(arguments_of(event.place, event.name))[-1]
        return _NO_TIME.fullmatch(last) is None
    if event.name not in _ON_SOCKETS:
        return True
    source = read_source(function.body.file)
    opening = source.at(function.body.line, function.body.column)
    if opening is None:
        return True
    body = source.tokens[opening : source.closing(opening)]
    return not any(_AT_ONCE.search(token.text) for token in body)
