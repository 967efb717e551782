"""A client, and a server on the loopback interface for it to talk to."""

from __future__ import annotations

import asyncio


class _Crowd:
    """Holds each request until `size` requests have come."""

    def __init__(self, size: int) -> None:
        self.missing = size
        self.complete = asyncio.Event()

    async def join(self) -> None:
        self.missing -= 1
        if self.missing == 0:
            self.complete.set()
        await self.complete.wait()


async def serve(requests: int) -> int:
    """Starts a server, and returns its port. It answers only when all requests have come."""
    crowd = _Crowd(requests)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readline()).decode().strip()
        await crowd.join()
        writer.write(f"hello, {name}\n".encode() if name else b"")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    return port


async def greet(port: int, name: str) -> str:
    """The server's answer to a name."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"{name}\n".encode())
        await writer.drain()
        answer = (await reader.readline()).decode().strip()
    finally:
        writer.close()
    if not answer:
        message = "the server knows no answer"
        raise ConnectionError(message)
    return answer


async def patience() -> str:
    """Waits for an answer that never comes."""
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    return await answer
