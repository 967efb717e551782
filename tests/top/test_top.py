"""``holdfast top`` shows a running host from outside, and names what it cannot show."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pytest

from harness import Outcome, environment_for, run_holdfast
from pyholdfast.errors import HoldfastError
from pyholdfast.toolchain.compile import cached_host, find_compiler
from pyholdfast.top import pages
from pyholdfast.top.change import compare
from pyholdfast.trace.building import build
from pyholdfast.trace.file_layout import read_trace
from recording import DEADLINE_S, HOST, with_gil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HIDING = ("NO_COLOR", "COLUMNS", "LINES")  # they would take the terminal's place
PID_AT, STARTED_AT = 56, 64  # of pid and started_wall_ns, in the header


def top(*words: str) -> Outcome:
    """Run the command."""
    return run_holdfast("top", *words, deadline_s=DEADLINE_S)


@contextlib.contextmanager
def running(**more: str) -> Iterator[subprocess.Popen[str]]:
    """A host in which 'holder' is attached and 'waiter' waits, until its stdin is closed."""
    with host_of("counted", **more) as process:
        yield process


@contextlib.contextmanager
def host_of(incident: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A host that does this, from the moment when it is "ready" until its stdin is closed."""
    python = with_gil()
    host = cached_host(HOST, python.build, find_compiler())
    environ = {**environment_for(python), "HOLDFAST_PYTHON": str(python.path), **more}
    with subprocess.Popen(
        [host, incident], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], DEADLINE_S)[0], "it does not begin"
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def page_of(pid: int) -> Path:
    """The file with a host's counters."""
    return pages.FOLDER / f"holdfast-{os.getuid()}-{pid}"


def values(text: str) -> dict[str, float]:
    """The metrics of a text in Prometheus' format, without the ids in the labels."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    pairs = (re.sub(r',id="\d+"', "", line).rsplit(" ", 1) for line in lines)
    return {name: float(value) for name, value in pairs}


def test_who_waits_and_who_is_attached_is_seen_from_outside() -> None:
    """As rows, and as metrics with the names that the host itself uses."""
    with running(HOLDFAST_COUNTERS="1") as host:
        looked = top(str(host.pid), "--once")
        scraped = top(str(host.pid), "--prometheus")
        said, _ = host.communicate(timeout=DEADLINE_S)

    assert looked.code == 0, looked.explain()
    assert f"(pid {host.pid})  Python " in looked.out
    assert ": 0 run Python, 1 holds it asleep, 1 waiting\n" in looked.out
    assert re.search(r"^holder +holds ", looked.out, re.MULTILINE)
    assert re.search(r"^waiter +waiting ", looked.out, re.MULTILINE)
    assert "\x1b" not in looked.out
    assert scraped.code == 0, scraped.explain()
    found = values(scraped.out)
    assert found["holdfast_threads_waiting"] == found["holdfast_threads_attached"] == 1
    assert found['holdfast_thread_wait_seconds_total{thread="waiter"}'] > 0
    described = [line for line in scraped.out.splitlines() if line.startswith("#")]
    assert described == [line for line in said.splitlines() if line.startswith("#")]
    assert values(said)["holdfast_attaches_total"] >= 2
    assert not page_of(host.pid).exists(), "removed at the host's end"


def test_why_an_attached_thread_does_not_run_is_seen() -> None:
    """It waits for its turn, also for a GIL of its own, or sleeps in a call that released the GIL."""
    with host_of("resting", HOLDFAST_COUNTERS="1") as host:
        missing = [r"turns-\d\b.* queued ", r"reader\b.* in call ", r"locker\b.* in call "]
        if with_gil().build.version >= (3, 12):
            missing.append(r"own-\d\b.* queued ")
        end = time.monotonic() + DEADLINE_S
        while missing and time.monotonic() < end:  # those that take turns may be between two turns
            looked = top(str(host.pid), "--once")
            assert looked.code == 0, looked.explain()
            missing = [row for row in missing if not re.search(f"^{row}", looked.out, re.MULTILINE)]
        host.communicate(timeout=DEADLINE_S)

    assert missing == [], looked.out
    if with_gil().build.version >= (3, 12):
        assert " with 2 GILs, 3 interpreters, " in looked.out


def test_it_goes_on_until_the_host_ends() -> None:
    """One update after the other; then it says that the host has ended, and ends."""
    with running(HOLDFAST_WATCHDOG="600s") as host:
        command = [sys.executable, "-m", "pyholdfast", "top", str(host.pid), "--interval", "0.1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watcher:
            assert watcher.stdout is not None
            looks = 0
            for line in watcher.stdout:
                assert "\x1b" not in line, "no terminal, no colours"
                looks += line.startswith("waiter")
                if looks == 2:
                    break
            host.communicate(timeout=DEADLINE_S)
            rest, _ = watcher.communicate(timeout=DEADLINE_S)

    assert watcher.returncode == 0
    assert rest.endswith("the host has ended\n")


def test_on_a_terminal_each_look_takes_the_place_of_the_last() -> None:
    """In colours, within the terminal's width and height."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 7, 80, 0, 0))
    with running(HOLDFAST_COUNTERS="1") as host:
        command = [sys.executable, "-m", "pyholdfast", "top", str(host.pid), "--interval", "0.1"]
        environ = {name: value for name, value in os.environ.items() if name not in HIDING}
        with subprocess.Popen(command, stdout=theirs, env=environ) as watcher:
            os.close(theirs)
            text = ""
            while text.count("\x1b[H") < 3:
                assert select.select([ours], [], [], DEADLINE_S)[0], text
                text += os.read(ours, 65536).decode(errors="replace")
            watcher.kill()
    os.close(ours)
    look = text.split("\x1b[H")[2]
    lines = [re.sub("\x1b\\[[0-9;]*[a-zA-Z]", "", line) for line in look.splitlines()]

    assert "\x1b[33mwaiting" in look or "\x1b[36mruns" in look
    assert look.endswith("\x1b[J")
    assert lines[-2].startswith(("and 1 more ", "and 2 more "))
    assert len(lines) >= 8
    assert max(map(len, lines)) <= 80


@pytest.mark.skipif(shutil.which("setsid") is None, reason="setsid is not installed")
def test_a_key_and_another_size_are_answered_at_once() -> None:
    """However long the interval: the order changes, the rows get as wide as the terminal, q ends it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = ["setsid", "--ctty", sys.executable, "-m", "pyholdfast", "top"]
    environ = {name: value for name, value in os.environ.items() if name not in HIDING}
    with (
        running(HOLDFAST_COUNTERS="1") as host,
        subprocess.Popen(
            [*command, str(host.pid), "--interval", "600"], stdin=theirs, stdout=theirs, env=environ
        ) as watcher,
    ):
        os.close(theirs)
        try:
            first = _look(ours)
            os.write(ours, b"n")
            by_name = _look(ours)
            fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
            wide = _look(ours)
            os.write(ours, b"q")
            code = watcher.wait(DEADLINE_S)
        finally:
            watcher.kill()
            os.close(ours)

    assert " waiting* " in first
    assert "thread* " in by_name
    assert " waiting* " not in by_name
    heads = [next(x for x in look.splitlines() if "thread*" in x) for look in (by_name, wide)]
    assert len(heads[0]) <= 80 < len(heads[1])
    assert code == 0


def _look(terminal: int) -> str:
    """The next frame, without colours."""
    text = ""
    while not text.endswith("\x1b[J"):
        assert select.select([terminal], [], [], DEADLINE_S)[0], text
        text += os.read(terminal, 65536).decode(errors="replace")
    return re.sub("\x1b\\[[0-9;]*[a-zA-Z]", "", text)


def test_it_starts_soon() -> None:
    """It adds at most ten times what Python itself needs to start."""
    with running(HOLDFAST_COUNTERS="1") as host:
        least = {}
        for words in (("-c", "pass"), ("-m", "pyholdfast", "top", str(host.pid), "--once")):
            times = []
            for _ in range(5):
                started = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
                _, status, used = os.wait4(started.pid, 0)
                started.returncode = os.waitstatus_to_exitcode(status)
                assert started.returncode == 0
                times.append(used.ru_utime + used.ru_stime)
            least[words[0]] = min(times)

    assert least["-m"] - least["-c"] < 10 * least["-c"], least


def test_the_file_of_a_trace_can_be_watched(tmp_path: Path) -> None:
    """A host that records a trace has no other page."""
    trace = tmp_path / "run.trace"
    with running(HOLDFAST_TRACE=str(trace)) as host:
        by_number = top(str(host.pid), "--once")
        by_file = top(str(trace), "--once")

    assert by_number.err.startswith(f"HF820 process {host.pid} has no counters")
    assert by_file.code == 0, by_file.explain()
    assert f"(pid {host.pid})" in by_file.out


def test_what_a_killed_host_leaves_is_removed() -> None:
    """By the next run, which says that the process no longer exists."""
    with running(HOLDFAST_COUNTERS="1") as host:
        host.send_signal(signal.SIGKILL)
        host.wait(timeout=DEADLINE_S)
    assert page_of(host.pid).exists()
    outcome = top(str(host.pid))

    assert outcome.code == 2, outcome.explain()
    assert outcome.err.startswith(f"HF822 there is no process {host.pid}\n  do: ")
    assert not page_of(host.pid).exists()


def test_a_process_without_counters_is_named() -> None:
    """For example this one; an argument that is neither a process nor a file is wrong use."""
    outcome = top(str(os.getpid()))
    assert outcome.code == 1, outcome.explain()
    assert outcome.err.startswith(f"HF820 process {os.getpid()} has no counters\n  do: ")

    outcome = top("none.trace")
    assert outcome.code == 2, outcome.explain()
    assert outcome.err.startswith("HF116 'none.trace' is neither a process nor a file")


def test_another_users_page_is_neither_read_nor_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its name says: the owner of the file counts."""
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    theirs = tmp_path / f"holdfast-{os.getuid()}-{os.getpid()}"
    disguised = tmp_path / f"holdfast-{os.getuid() + 1}-999999999"
    for path in (theirs, disguised):
        path.write_bytes(b"theirs")
    with pytest.raises(HoldfastError, match="HF821"):
        pages.find(os.getpid())
    pages.clean()

    assert pages.hosts() == []
    assert theirs.exists()
    assert disguised.exists()


def test_a_page_of_an_earlier_process_with_the_number_is_stale(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that has the number now is younger than the page."""
    folder = tmp_path / "shm"
    folder.mkdir()
    monkeypatch.setattr(pages, "FOLDER", folder)
    page = folder / f"holdfast-{os.getuid()}-{os.getpid()}"
    shutil.copy(recorded, page)
    data = bytearray(page.read_bytes())
    struct.pack_into("<Q", data, PID_AT, os.getpid())
    page.write_bytes(data)
    pages.clean()
    assert pages.find(os.getpid()).path == page

    struct.pack_into("<Q", data, STARTED_AT, 1_000_000_000)
    page.write_bytes(data)
    with pytest.raises(HoldfastError, match="HF820"):
        pages.find(os.getpid())
    pages.clean()
    assert not page.exists()


def test_two_looks_are_compared(recorded: Path) -> None:
    """With no earlier reading, shares are of the thread's whole life; two equal readings mean that nothing happened."""
    trace = build(read_trace(recorded))
    for thread in trace.threads:
        thread.state = "native"
    first = {row.thread.name: row for row in compare(trace, None).rows}

    assert first["victim"].waited > 0.5
    assert first["culprit"].held > 0.5
    assert sum(row.thread.attaches for row in first.values()) == trace.attaches
