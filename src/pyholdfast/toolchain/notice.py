"""Notices that something takes long the first time.

They go to stderr unless the caller redirects them: pytest shows stderr only after a test has
failed.
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
    """Print one or more whole lines."""
    _LISTENER.get()(text)


@contextlib.contextmanager
def noticed_by(listener: Callable[[str], None]) -> Iterator[None]:
    r"""Send notices of this thread to `listener` within the block.

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
