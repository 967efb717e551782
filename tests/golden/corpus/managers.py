"""Context managers: classes and functions, for ``with`` and for ``async with``."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractContextManager

    from typing_extensions import Self


class Session:
    """Open between ``__aenter__`` and ``__aexit__``."""

    def __init__(self, name: str, *, stubborn: bool = False) -> None:
        """Closed."""
        self.state: str = f"{name} new"
        self._name = name
        self._stubborn = stubborn

    async def __aenter__(self) -> Self:
        """Open."""
        await asyncio.sleep(0)
        if not self._name:
            message = "a session needs a name"
            raise ValueError(message)
        self.state = f"{self._name} open"
        return self

    async def __aexit__(self, kind: object, error: object, at: object) -> None:
        """Close."""
        await asyncio.sleep(0)
        self.state = f"{self._name} failed" if error is not None else f"{self._name} closed"
        if self._stubborn:
            message = f"{self._name} does not close"
            raise RuntimeError(message)

    async def send(self, text: str) -> str:
        """While it is open."""
        await asyncio.sleep(0)
        return f"{self.state}: {text}"


class Either:
    """For both kinds of ``with``, with a value of its own for each."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.steps: list[str] = []

    def __enter__(self) -> int:
        """Give a number."""
        self.steps.append("enter")
        return 5

    def __exit__(self, *problem: object) -> None:
        """Note it."""
        self.steps.append("exit")

    async def __aenter__(self) -> str:
        """Give text."""
        self.steps.append("aenter")
        return "five"

    async def __aexit__(self, *problem: object) -> None:
        """Note it."""
        self.steps.append("aexit")


class Wrong(Session):
    """Says one type and gives another."""

    async def __aenter__(self) -> int:  # type: ignore[override]
        """Give no number."""
        await super().__aenter__()
        return "no number"  # type: ignore[return-value] # pyright: ignore[reportReturnType]


@contextmanager
def section(log: Session, name: str) -> Iterator[str]:
    """A generator between two halves."""
    before, log.state = log.state, name
    try:
        yield f"in {name}"
    finally:
        log.state = f"{before}, {name}"


def nested(log: Session, names: list[str]) -> list[AbstractContextManager[str]]:
    """Context managers are values like others."""
    return [section(log, name) for name in names]


def enter_all(managers: list[AbstractContextManager[str]]) -> list[str]:
    """And go back to Python."""
    found = []
    for manager in managers:
        with manager as text:
            found.append(text)
    return found


@asynccontextmanager
async def connection(log: Session, host: str) -> AsyncIterator[Session]:
    """The same, asynchronous."""
    log.state = f"connecting {host}"
    await asyncio.sleep(0)
    try:
        yield log
    finally:
        await asyncio.sleep(0)
        log.state = f"left {host}"
