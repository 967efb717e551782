"""A Flask application; it does not know which server runs it."""

from __future__ import annotations

import threading
import time

from flask import Flask, Response, request

app = Flask(__name__)
slow_threads: set[int] = set()


@app.get("/")
def index() -> str:
    """The smallest answer."""
    return "hello from Flask\n"


@app.post("/echo")
def echo() -> Response:
    """The body of the request, its type, and who asked."""
    answer = Response(request.get_data(), content_type=request.content_type)
    answer.headers["X-Asked"] = f"{request.remote_addr} {request.query_string.decode()}"
    return answer


@app.get("/busy/<int:rounds>")
def busy(rounds: int) -> str:
    """Python code that needs a processor."""
    return f"{sum(i * i for i in range(rounds))}\n"


@app.get("/slow/<float:seconds>")
def slow(seconds: float) -> str:
    """Python code that waits."""
    slow_threads.add(threading.get_ident())
    time.sleep(seconds)
    slow_threads.discard(threading.get_ident())
    return "done\n"


@app.get("/running")
def running() -> str:
    """How many slow requests are being answered by this interpreter."""
    return f"{len(slow_threads)}\n"


@app.get("/where")
def where() -> str:
    """The thread, and one object of the application: each interpreter has its own."""
    return f"{threading.current_thread().name} {id(app):x}\n"


@app.get("/fail")
def fail() -> str:
    """An error of the application; Flask makes a 500 of it."""
    raise ValueError("not today")
