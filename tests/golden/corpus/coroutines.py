"""Coroutines, awaitables, asynchronous iterators."""

import asyncio
from collections.abc import AsyncIterator, Awaitable


async def double(value: int) -> int:
    """After a moment."""
    await asyncio.sleep(0)
    return value * 2


async def nothing(seconds: float = 0.0) -> None:
    """No result."""
    await asyncio.sleep(seconds)


def later(value: str) -> Awaitable[str]:
    """Not declared by async, and awaited."""

    async def inner() -> str:
        await asyncio.sleep(0)
        return value.upper()

    return inner()


async def ticks(count: int) -> AsyncIterator[int]:
    """One by one."""
    for value in range(count):
        await asyncio.sleep(0)
        yield value


async def fails() -> str:
    """Raises."""
    await asyncio.sleep(0)
    message = "no"
    raise ValueError(message)
