"""What is said while something takes long for the first time.

A line on stderr, unless the caller has a better place for it: pytest keeps stderr to itself until a
test has failed.
"""

from __future__ import annotations

import contextlib
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["noticed_by", "say"]


def _on_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


_LISTENER: ContextVar[Callable[[str], None]] = ContextVar("listener", default=_on_stderr)


def say(text: str) -> None:
    """Say one or a few whole lines."""
    _LISTENER.get()(text)


@contextlib.contextmanager
def noticed_by(listener: Callable[[str], None]) -> Iterator[None]:
    r"""Let `listener` have what is said within the block, in this thread.

    >>> heard = []
    >>> with noticed_by(heard.append):
    ...     say("compiling\\n")
    >>> heard
    ['compiling\\n']
    """
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
