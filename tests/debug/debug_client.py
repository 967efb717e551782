"""A debugger of a few lines: the messages of the Debug Adapter Protocol, over a socket."""

from __future__ import annotations

import json
import socket
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DebugClient"]

Message = dict[str, Any]


class DebugClient:
    """A connection to debugpy.

    Args:
        port: where it listens.
        limit_s: how long to wait for each message.
    """

    def __init__(self, port: int, limit_s: float) -> None:
        """Connect."""
        self._socket = socket.create_connection(("127.0.0.1", port), limit_s)
        self._file = self._socket.makefile("rb")
        self._sent = 0
        self._events: deque[Message] = deque()  # that came while a response was awaited

    def close(self) -> None:
        """Leave the host running."""
        self._file.close()
        self._socket.close()

    def stop_at(self, file: Path, line: int) -> None:
        """Set a breakpoint, and let the host go on."""
        self._send("initialize", adapterID="test", pathFormat="path")
        self._await("response", "initialize")
        self._send("attach", justMyCode=False)
        self._await("event", "initialized")
        self._send("setBreakpoints", source={"path": str(file)}, breakpoints=[{"line": line}])
        self._await("response", "setBreakpoints")
        self._send("configurationDone")
        self._await("response", "attach")

    def stops(self, count: int) -> list[tuple[int, Message]]:
        """The next stops: the thread of each, and what it shows there. The host goes on after each."""
        found: list[tuple[int, Message]] = []
        while len(found) < count and (message := self._next()):
            if message.get("event") == "stopped":
                thread = message["body"]["threadId"]
                found.append((thread, self._locals(thread)))
                self._send("continue", threadId=thread)
                self._await("response", "continue")
        return found

    def _next(self) -> Message:
        return self._events.popleft() if self._events else self._read()

    def _locals(self, thread: int) -> Message:
        self._send("stackTrace", threadId=thread, levels=1)
        frame = self._await("response", "stackTrace")["body"]["stackFrames"][0]
        self._send("evaluate", expression="number", frameId=frame["id"])
        return {
            "line": frame["line"],
            "number": self._await("response", "evaluate")["body"]["result"],
        }

    def _send(self, command: str, **arguments: object) -> None:
        self._sent += 1
        body = {"seq": self._sent, "type": "request", "command": command, "arguments": arguments}
        text = json.dumps(body).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(text), text))

    def _await(self, kind: str, name: str) -> Message:
        while message := self._read():
            if message["type"] == kind and name in (message.get("event"), message.get("command")):
                return message
            if message["type"] == "event":
                self._events.append(message)
        raise EOFError(f"the host ended before its {kind} {name}")

    def _read(self) -> Message:
        """The next message; empty at the end."""
        length = 0
        while line := self._file.readline().strip():
            if line.startswith(b"Content-Length:"):
                length = int(line.split(b":")[1])
        message: Message = json.loads(self._file.read(length)) if length else {}
        return message
