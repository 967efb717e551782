"""Whether a call that may block really waits.

On a non-blocking socket, `recv` and similar calls return at once with EAGAIN. Which sockets are
non-blocking is not visible here, but a function that handles EAGAIN uses one.
"""

from __future__ import annotations

import re

from pyholdfast.check.facts import Event, Function
from pyholdfast.check.tokens import read_source

__all__ = ["may_wait"]

_ON_SOCKETS = frozenset({"recv", "recvfrom", "recvmsg", "accept", "accept4", "connect"})
_AT_ONCE = re.compile(r"EAGAIN|EWOULDBLOCK|EINPROGRESS|DONTWAIT|NONBLOCK")


def may_wait(event: Event, function: Function) -> bool:
    """False for a call on a socket in a function that handles the answer of a non-blocking one."""
    if event.name not in _ON_SOCKETS:
        return True
    source = read_source(function.body.file)
    opening = source.at(function.body.line, function.body.column)
    if opening is None:
        return True
    body = source.tokens[opening : source.closing(opening)]
    return not any(_AT_ONCE.search(token.text) for token in body)
