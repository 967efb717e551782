"""examples/server: Flask and a typed function behind native threads, and a shutdown under load."""

from __future__ import annotations

import itertools
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from matrix import MatrixPython, quick_names, usable
from server.server_build import Missing, Server, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _pytest.mark import ParameterSet

ANSWER_LIMIT_S = 30
CLIENTS = 8


def cases(*modes: str) -> Iterator[ParameterSet]:
    """Pythons by modes. In the short run: one interpreter of one Python; the others are marked long."""
    quick = quick_names("server", most=1)
    for python, mode in itertools.product(usable(), modes):
        if mode == "own-gil" and python.build.version < (3, 12):
            continue  # they would take turns; pool_subinterpreters shows that they work
        marks = () if python.name in quick and mode == "one" else (pytest.mark.long,)
        yield pytest.param(python, mode, id=f"{mode}-{python.name}", marks=marks)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server in one of its modes."""
    python, mode = request.param
    try:
        with running(python, "--mode", mode, "--linger", "3000", "--threads", "16") as it:
            yield it
    except Missing as what:
        pytest.skip(str(what))


@contextmanager
def started(python: MatrixPython, *options: str) -> Iterator[Server]:
    """A server with these options."""
    try:
        with running(python, *options) as it:
            yield it
    except Missing as what:
        pytest.skip(str(what))


def served(*modes: str) -> pytest.MarkDecorator:
    """Run the test on a server in each of these modes, on each Python."""
    parameters = [pytest.param(case.values, id=case.id, marks=case.marks) for case in cases(*modes)]
    return pytest.mark.parametrize("server", parameters, indirect=True)


@contextmanager
def client(server: Server) -> Iterator[Callable[..., tuple[int, bytes]]]:
    """One connection: a function that sends a request for a target, and returns status and body."""

    def ask(target: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
        headers = {"Content-Type": "text/x-test"} if body else {}
        connection.request(method, target, body, headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read()

    connection = HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_LIMIT_S)
    with closing(connection):
        yield ask


def ask_once(server: Server, target: str) -> tuple[int, bytes]:
    """A request on its own connection."""
    with client(server) as ask:
        return ask(target)


@served("one", "own-gil")
def test_it_answers(server: Server) -> None:
    """Flask gets the request, C++ gets typed values, and errors have their status."""
    with client(server) as ask:
        assert ask("/") == (200, b"hello from Flask\n")
        assert ask("/echo?a=%C3%A9", "POST", b"\x00\xff") == (200, b"\x00\xff")
        assert ask("/", "HEAD") == (200, b"")
        assert ask("/nowhere")[0] == 404
        assert ask("/fail")[0] == 500
        assert "ValueError: not today" in server.said()
        assert ask("/score?text=two%20words") == (
            200,
            b'{"words": 2, "longest": 5, "mean_length": 4.000}\n',
        )
        assert ask("/score") == (400, b'{"error": "text is missing"}\n')
        assert ask("/score?text=%FF")[0] == 400
    assert server.stop()[0] == 0, server.said()


@served("own-gil")
def test_each_interpreter_has_its_own_application(server: Server) -> None:
    """Several interpreters answer requests at the same time."""

    def where(_: int) -> bytes:
        with client(server) as ask:
            ask("/busy/200000")
            return ask("/where")[1].split()[1]

    with ThreadPoolExecutor(CLIENTS) as clients:
        seen = set(clients.map(where, range(10 * CLIENTS)))

    assert len(seen) > 1
    assert server.stop()[0] == 0, server.said()


@served("one", "own-gil")
def test_no_request_is_lost_at_the_end(server: Server) -> None:
    """Under load, each request is answered, or refused with 503, and the server counts the same."""
    under_way = threading.Barrier(CLIENTS + 1)

    def load(_: int) -> tuple[int, int]:
        with client(server) as ask:
            for answered in itertools.count():
                status, body = ask("/busy/2000")
                if status != 200:
                    return answered, status
                assert body == b"2664667000\n"
                if answered == 50:
                    under_way.wait(ANSWER_LIMIT_S)
        raise AssertionError

    with ThreadPoolExecutor(CLIENTS) as clients:
        pending = clients.map(load, range(CLIENTS))
        under_way.wait(ANSWER_LIMIT_S)
        code, out = server.stop()
        outcomes = list(pending)

    assert code == 0, server.said()
    assert [status for _, status in outcomes] == [503] * CLIENTS
    answered = sum(count for count, _ in outcomes)
    assert out == f"finalized\nanswered {answered}, refused {CLIENTS}\n"


@served("one", "own-gil")
def test_no_connection_is_lost_at_the_end(server: Server) -> None:
    """Clients that come back at once after each answer are answered or refused until the end."""
    under_way = threading.Barrier(CLIENTS + 1)

    def load(number: int) -> tuple[int, int]:
        statuses = {200: 0, 503: 0}
        while True:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_LIMIT_S)
            try:
                connection.connect()
            except ConnectionRefusedError:
                return statuses[200], statuses[503]
            with closing(connection):
                close = {"Connection": "close"} if number % 2 else {}
                connection.request("GET", "/busy/2000", headers=close)
                with connection.getresponse() as answer:
                    answer.read()
                    statuses[answer.status] += 1
            if statuses[200] == 20 and statuses[503] == 0:
                under_way.wait(ANSWER_LIMIT_S)

    with ThreadPoolExecutor(CLIENTS) as clients:
        pending = clients.map(load, range(CLIENTS))
        under_way.wait(ANSWER_LIMIT_S)
        code, out = server.stop()
        counts = list(pending)

    answered, refused = (sum(count) for count in zip(*counts, strict=True))
    assert code == 0, server.said()
    assert out == f"finalized\nanswered {answered}, refused {refused}\n"
    assert refused > 0


@pytest.mark.parametrize(("python", "mode"), list(cases("one")))
def test_a_client_that_never_ends_its_request_is_cut(python: MatrixPython, mode: str) -> None:
    """A byte now and then keeps no server from ending: after --grace it says how many it cut."""
    with started(python, "--mode", mode, "--linger", "0", "--grace", "1") as server:
        ended = threading.Event()

        def send_slowly() -> None:
            with socket.create_connection(("127.0.0.1", server.port), ANSWER_LIMIT_S) as client:
                begun.set()
                with suppress(OSError):  # it has been cut
                    client.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
                    while not ended.wait(0.2):
                        client.sendall(b"x")

        begun = threading.Event()
        slow = threading.Thread(target=send_slowly)
        slow.start()
        assert begun.wait(ANSWER_LIMIT_S)
        assert ask_once(server, "/")[0] == 200
        code, out = server.stop()
        ended.set()
        slow.join()

    assert code == 1, out
    assert (
        out == "finalized\nanswered 1, refused 0\ncut 1 connections that did not end within 1 s\n"
    )


@pytest.mark.parametrize(("python", "mode"), list(cases("one")))
def test_more_connections_than_threads_take_turns(python: MatrixPython, mode: str) -> None:
    """A client with a connection that it goes on using does not keep others waiting."""
    with started(python, "--mode", mode, "--threads", "2", "--linger", "0") as server:
        end = threading.Event()

        def ask_again_and_again(_: int) -> int:
            with client(server) as ask:
                count = 0
                while not end.is_set():
                    assert ask("/")[0] == 200
                    count += 1
                return count

        with ThreadPoolExecutor(2) as clients:
            busy = clients.map(ask_again_and_again, range(2))
            assert [ask_once(server, "/")[0] for _ in range(20)] == [200] * 20
            end.set()
            assert all(busy)
        assert server.stop()[0] == 0, server.said()


@served("one")
def test_who_is_inside_is_answered_and_who_comes_late_is_refused(server: Server) -> None:
    """A slow request that began before SIGTERM is completed; meanwhile others get 503."""
    with ThreadPoolExecutor(2) as clients, client(server) as ask:
        inside = clients.submit(ask_once, server, "/slow/1.5")
        while ask("/running")[1] == b"0\n":
            assert not inside.done()
        end = clients.submit(server.stop)
        while (late := ask("/"))[0] == 200:
            assert not inside.done()

        assert late == (503, b"the server is stopping\n")
        assert inside.result() == (200, b"done\n")
        assert end.result()[0] == 0, server.said()


@pytest.mark.parametrize(("python", "mode"), list(cases("one")))
def test_who_does_not_come_back_is_named(python: MatrixPython, mode: str) -> None:
    """The server does not wait for a request that takes longer than --limit: status 1, with its stack."""
    with (
        started(python, "--mode", mode, "--limit", "1") as server,
        ThreadPoolExecutor(1) as clients,
    ):
        inside = clients.submit(ask_once, server, "/slow/600.0")
        with client(server) as ask:
            while ask("/running")[1] == b"0\n":
                assert not inside.done()
        code, out = server.stop()
        broken = inside.exception()

    assert code == 1, out
    assert "in slow" in out
    assert isinstance(broken, OSError)
