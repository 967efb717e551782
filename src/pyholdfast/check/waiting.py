"""Whether a call that may block really waits.

Some calls have a flag that makes them return at once. On a non-blocking socket, `recv` and similar
calls return at once with EAGAIN. Which sockets are non-blocking is not visible here, but a function
that handles EAGAIN uses one. A call whose timeout is 0 only asks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyholdfast.check.facts import Event, Function
from pyholdfast.check.neighbours import arguments_of
from pyholdfast.check.tokens import Source, Token, read_source

__all__ = ["is_at_once", "may_wait"]

_ON_SOCKETS = frozenset({"recv", "recvfrom", "recvmsg", "accept", "accept4", "connect"})
_AT_ONCE = re.compile(r"EAGAIN|EWOULDBLOCK|EINPROGRESS|DONTWAIT|NONBLOCK")
# Arguments that say that a call returns at once.
_FLAGS = re.compile(
    r"\b(WNOHANG|MSG_DONTWAIT|IPC_NOWAIT|LOCK_NB|F_TLOCK|F_TEST|RWF_NOWAIT|GRND_NONBLOCK|O_NONBLOCK|"
    r"ZMQ_DONTWAIT|ZMQ_NOBLOCK)\b"
)
# OpenCL's transfers: the third argument says whether they wait.
_TRANSFER = re.compile(r"clEnqueue(?:Read|Write|Map)\w+")
_NOT_BLOCKING = re.compile(r"(?:\(cl_bool\)|cl_bool\()?(?:CL_FALSE|0|false)\)?")
# Without a time, they take what has arrived.
_TAKING = frozenset({"get_asynch_replies"})
# They wait for a result, and return at once if it is there.
_OF_A_RESULT = frozenset({"get", "value", "result"})
# The last argument of these is not a time.
_FOR_A_CHILD = re.compile(r"wait|wait3|wait4|waitpid|waitid")
# Which argument points to the time: without one, they wait.
_TIME_BY_ADDRESS = {"ppoll": 2, "epoll_pwait2": 3, "pselect": 4, "select": 4}
_SET_TO_0 = re.compile(r"(= )?\{ (0 |, |\. tv_\w+ = )*\}")
# Calls whose last argument is a time.
_TIMED = re.compile(r"poll|wait|sleep|delay|timeout", re.IGNORECASE)
_NO_TIME = re.compile(
    r"\(?[+]?0(?:\.0*)?[uUlLfF]*\)?|(?:[\w:]+::)?(?:milli|micro|nano)?seconds[({]0[)}]|0(?:ms|us|ns|s)"
    r"|(?:qi::)?FutureTimeout_None"
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
    """Whether a call waits: not if its arguments deny it, nor where a non-blocking socket is handled."""
    given = _split(arguments_of(event.place, event.name))
    if any(_FLAGS.search(argument) and "?" not in argument for argument in given):
        return False
    if event.name == "io_uring_enter":  # which waits only for as many results as it is told to
        return given[2:3] != ["0"]
    if _TRANSFER.fullmatch(event.name):
        flag = next(iter(given[2:]), "CL_FALSE")  # not seen: it stands in a macro
        return not _NOT_BLOCKING.fullmatch(flag)
    body = read_source(function.body.file).opened_at(function.body.line, function.body.column) or ()
    if event.name in _TIME_BY_ADDRESS:
        return not _is_zero(given[_TIME_BY_ADDRESS[event.name] :][:1], body)
    if event.kind == "waits" or (_TIMED.search(event.name) and not _is_for_a_child(event)):
        return _NO_TIME.fullmatch(given[-1]) is None
    if event.name in _TAKING and given == [""]:
        return False
    if event.name == "value" and _NO_TIME.fullmatch(given[-1]):  # qi::Future's takes a time
        return False
    if event.name in _OF_A_RESULT and _has_been_awaited(event, body):
        return False
    if event.name not in _ON_SOCKETS:
        return True
    return not any(_AT_ONCE.search(token.text) for token in body)


def _is_for_a_child(event: Event) -> bool:
    """Whether a call waits for a child process; an object's wait() is a different one."""
    if not _FOR_A_CHILD.fullmatch(event.name):
        return False
    source = read_source(event.place.file)
    number = source.at(event.place.line, event.place.column)
    if number is None:
        return True
    numbers = range(number, len(source.tokens))
    found = next((n for n in numbers if source.tokens[n].text in {event.name, ";"}), number)
    return source.tokens[found - 1].text not in {".", "->"}


def _has_been_awaited(event: Event, body: Sequence[Token]) -> bool:
    """Whether the function has waited before for the object whose result it asks for."""
    begin = next(
        (at for at, token in enumerate(body)
         if (token.line, token.column) == (event.place.line, event.place.column)), 0
    )  # fmt: skip
    name = body[begin].text if begin and body[begin].kind == "word" else ""
    if not name or begin + 2 >= len(body) or body[begin + 2].text != event.name:
        return False
    before = [token.text for token in body[:begin]]
    return any(
        before[at] == name
        and before[at + 1] in {".", "->"}
        and before[at + 2 : at + 4] == ["wait", "("]
        for at in range(len(before) - 3)
    )


def _is_zero(argument: Sequence[str], body: Sequence[Token]) -> bool:
    """Whether the argument is the address of a local variable that begins as 0 and stays so."""
    named = re.fullmatch(r"&(\w+)", "".join(argument))
    if named is None:
        return False
    texts = [
        " ".join(after.text for after in body[at + 1 : at + 10])
        for at, token in enumerate(body)
        if token.text == named[1]
    ]
    begins = [text for text in texts if _SET_TO_0.match(text)]
    return bool(begins) and not any(
        text.startswith((".", "=")) for text in texts if text not in begins
    )
