"""A WSGI application behind one typed function: what the server calls for each request."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from app import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Reply", "Request", "respond"]


class Request(NamedTuple):
    """What came in, undecoded: HTTP knows bytes only."""

    method: str
    target: bytes
    version: str
    remote_address: str
    port: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Reply(NamedTuple):
    """What goes out."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def respond(request: Request) -> Reply:
    """Ask the application; the whole body is in the answer."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], None]:
        del exc_info  # nothing has been sent yet, so a later call replaces the earlier
        begun[:] = [(status, headers)]
        return written.append

    parts: Iterable[bytes] = app(_environ(request), start_response)
    try:
        written.extend(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    status, headers = begun[0]
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Reply(int(status.split(maxsplit=1)[0]), encoded, b"".join(written))


def _environ(request: Request) -> dict[str, Any]:
    """PEP 3333's: text is bytes in the disguise of latin-1."""
    path, _, query = request.target.partition(b"?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": str(request.port),
        "SERVER_PROTOCOL": request.version,
        "REMOTE_ADDR": request.remote_address,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for encoded_name, encoded_value in request.headers:
        name = encoded_name.decode("latin-1").upper().replace("-", "_")
        value = encoded_value.decode("latin-1")
        if name == "CONTENT_TYPE":
            environ[name] = value
        elif name != "CONTENT_LENGTH":
            key = f"HTTP_{name}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ
