"""The screen of ``holdfast top``: who runs Python, what to do, and rows that fit."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from made_traces import made
from pyholdfast.top.change import ORDERS, compare
from pyholdfast.top.screen import frame
from pyholdfast.trace.building import build
from pyholdfast.trace.file_layout import HOLD
from pyholdfast.trace.summary import facts, summary

if TYPE_CHECKING:
    from pyholdfast.trace.model import Trace

MS = 1_000_000
NOW = 900 * MS
DEADLINE_S = 20


def looked_at(states: dict[str, tuple[str, int]], *, free_threaded: bool = False) -> Trace:
    """Threads by name: the state, and since when."""
    events = [(MS, 2 * MS, 3 * MS, 1, 2, HOLD, 0, 0)]
    trace = made(
        dict.fromkeys(states, events), length=NOW, free_threaded=free_threaded, ended=False
    )
    tracks = [
        replace(track, state=state, since=since, ended=0)
        for track, (state, since) in zip(trace.raw.tracks, states.values(), strict=True)
    ]
    return build(replace(trace.raw, tracks=tracks))


def lines_of(trace: Trace, columns: int, lines: int, order: str = "waiting") -> list[str]:
    """The frame, without colours."""
    size = os.terminal_size((columns, lines))
    return frame(compare(trace, None, order), colour=False, size=size, order=order)


def many(threads: int) -> Trace:
    """One runs, two have let go, a third waits."""
    states = {f"worker-{n}": ("waiting" if n % 3 else "native", 300 * MS) for n in range(threads)}
    states["worker-0"] = states["main"] = ("attached", 100 * MS)
    states["worker-3"] = ("attached", 400 * MS)
    return looked_at(states)


def with_workers(threads: int, workers: int) -> Trace:
    """The threads of `many`, and worker processes: the last one runs a task, and is this process."""
    trace = many(threads)
    names = [f"scoring-{number}" for number in range(workers)]
    added = [
        replace(
            trace.raw.tracks[0], index=len(trace.raw.tracks) + number, name=name, state="native", since=500 * MS,
            function=2 if name == names[-1] else 0, tasks=9, is_worker=True,
            native_id=os.getpid() if name == names[-1] else 0,
        )
        for number, name in enumerate(names)
    ]  # fmt: skip
    return build(replace(trace.raw, tracks=[*trace.raw.tracks, *added]))


def test_workers_have_rows_with_their_memory() -> None:
    """Processes, not threads: they are not counted as such."""
    shown = lines_of(with_workers(3, 2), 100, 30)
    start = next(at for at, line in enumerate(shown) if line.startswith("worker "))

    assert re.match(r"scoring-0 +idle +400 ms +10 +0$", shown[start + 1])
    assert re.match(r"scoring-1 +runs +400 ms +10 +\d+ MB  \d+ +jobs.work$", shown[start + 2])
    assert "5 threads: " in "\n".join(shown)
    assert not any(line.startswith("scoring") for line in shown[:start])


def test_a_host_without_a_python_is_said_to_have_none() -> None:
    """Only its workers run one: neither a version nor a GIL is the host's."""
    trace = with_workers(3, 2)
    alone = build(replace(trace.raw, python_version=0))

    assert "  no Python, 900 ms" in lines_of(alone, 100, 30)[0]
    assert facts(alone).startswith("no Python, ")
    assert "no Python\n" in summary(alone)


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 50), (60, 12)])
def test_it_fits(columns: int, lines: int) -> None:
    """64 threads at any size: nothing is wider or higher, and from 80 columns on, no heading is cut."""
    for threads in (3, 64):
        shown = lines_of(with_workers(threads, threads // 3), columns, lines)

        assert len(shown) < lines
        assert max(map(len, shown)) <= columns
        heads = next(line for line in shown if line.startswith("thread "))
        assert columns < 80 or heads.rstrip().endswith("longest wait")


def test_threads_of_a_pool_share_a_row_if_they_do_not_fit() -> None:
    """And have their own where there is room: those that come first below the pool's, else all."""
    for columns, lines in ((80, 24), (200, 50)):
        shown = lines_of(many(64), columns, lines)
        pool = next(at for at, line in enumerate(shown) if line.startswith("worker* (64)"))
        below = [row for row in shown[pool + 1 :] if re.match(r"worker-\d+ +waiting ", row)]
        assert len(shown) == lines - 1
        assert len(below) == lines - 3 - shown.index("", pool)
        assert shown[-1].startswith(f"and {64 - len(below)} more  ")
    rows = [line for line in lines_of(many(20), 200, 50) if re.match(r"worker-\d+  ", line)]
    assert len(rows) == 20


def crowded(threads: int, interpreters: int, workers: int) -> Trace:
    """Threads in every state there is, in several interpreters, of a host with a long name."""
    trace = with_workers(threads, workers)
    sleeps = ("for its turn", "in call", "", "", "in call")
    tracks = []
    for track in trace.raw.tracks:
        kind = track.index % 7
        state = "attached" if kind < 5 else ("waiting", "native")[kind - 5]
        changed = replace(
            track, state=state, since=300 * MS, interpreter=1 + track.index % interpreters,
            sleep=sleeps[kind] if kind < 5 else "", let_go=kind < 4,
        )  # fmt: skip
        tracks.append(track if track.is_worker else changed)
    own = sum(1 << number for number in range(2, interpreters + 1))
    command = ("/usr/bin/a-server-with-a-rather-long-name-of-its-own",)
    return build(replace(trace.raw, tracks=tracks, with_own_gil=own, command=command))


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 50)])
@pytest.mark.parametrize("interpreters", [1, 4])
def test_no_heading_is_cut(columns: int, lines: int, interpreters: int) -> None:
    """Of a host whose threads are in every state there is: what does not fit is in a further line."""
    shown = lines_of(crowded(64, interpreters, 64), columns, lines)
    rows = next(at for at, line in enumerate(shown) if line.startswith("thread "))
    text = " ".join(" ".join(shown[:rows]).split())

    assert len(shown) < lines
    assert max(map(len, shown)) <= columns
    assert not any("…" in line for line in shown[: rows + 1])
    assert "in calls, 18 attached but not running " in text
    assert re.search(r" Python 3\.12\.\d+ with (a GIL|4 GILs, 4 interpreters), 900 ms ", text)


def test_a_wide_terminal_shows_all_states_of_a_pool_and_its_interpreters() -> None:
    """A narrow one shows at least how many threads there are."""
    wide = lines_of(crowded(64, 4, 0), 200, 50)
    narrow = lines_of(crowded(64, 4, 0), 80, 24)
    pool = r"worker.*\(64\) @1-4 +4 hold 9 wait 10 queue 14 call 18 rest 9 native "

    assert any(re.match(pool, line) for line in wide), wide
    assert any(re.match(r"worker.*64\) @1-4 4 hold 9 wait 10…", line) for line in narrow), narrow


def test_workers_of_an_executor_share_a_row_if_they_do_not_fit() -> None:
    """With how many run, their tasks and their memory; where there is room, each has its own."""
    shown = lines_of(with_workers(3, 64), 80, 24)
    together = [line for line in shown if line.startswith("scoring")]

    assert len(together) == 1
    assert re.match(r"scoring\* \(64\) +1 of 64 +400 ms +640 +\d+ MB +jobs.work$", together[0])
    assert not any(line.startswith("and ") for line in shown)
    apart = lines_of(with_workers(3, 12), 80, 50)
    assert len([line for line in apart if line.startswith("scoring-")]) == 12


A, B, C = 100 * MS, 200 * MS, 300 * MS  # since when
LATER = NOW + MS  # attached after the host began to copy its tracks

# What the tracks say of "a", "b" ...: their states, since when, and who rests; then the heading's
# words, and the states shown.
SITUATIONS = {
    "one runs": ([("attached", A), ("native", B)], "", "1 runs Python, 0 waiting", "runs native"),
    "the other waits": ([("attached", A), ("waiting", B)], "", "1 runs Python, 1 waiting", "runs waiting"),
    "turns by the switch interval": (
        [("attached", A), ("attached", B), ("attached", C)], "ac",
        "1 runs Python, 0 waiting, 2 attached but not running", "attached runs attached",
    ),
    "the last to attach sleeps": (
        [("attached", A), ("attached", B), ("waiting", C)], "b",
        "1 runs Python, 1 waiting, 1 attached but not running", "runs attached waiting",
    ),
    "all sleep": (
        [("attached", A), ("attached", B)], "ab",
        "0 run Python, 0 waiting, 2 attached but not running", "attached attached",
    ),
    "the host does not say who rests": (
        [("attached", A), ("attached", B)], "",
        "1 runs Python, 0 waiting, 1 attached but not running", "attached runs",
    ),
    "handed over while it was copied": (
        [("attached", A), ("attached", LATER)], "", "1 runs Python, 0 waiting", "native runs",
    ),
    "no GIL": ([("attached", A), ("attached", B)], "free", "2 run Python, 0 waiting", "runs runs"),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_who_runs_and_who_only_is_attached(name: str) -> None:
    """It says of nobody that it let go, who may have taken turns."""
    states, resting, heading, shown = SITUATIONS[name]
    trace = looked_at(dict(zip("abc", states, strict=False)), free_threaded=resting == "free")
    tracks = [replace(track, let_go=track.name in resting) for track in trace.raw.tracks]
    change = compare(build(replace(trace.raw, tracks=tracks)), None, "name")

    assert frame(change, colour=False)[1].endswith(f": {heading}")
    assert " ".join(row.state for row in change.rows) == shown


def test_an_attached_thread_sleeps_for_a_reason() -> None:
    """Which the host has noted: for its turn, in a call without the lock, or with it."""
    trace = looked_at(dict.fromkeys("abcd", ("attached", A)))
    noted = {
        "a": ("for its turn", True),
        "b": ("in call", True),
        "c": ("", True),
        "d": ("in call", False),
    }
    tracks = [
        replace(track, sleep=noted[track.name][0], let_go=noted[track.name][1])
        for track in trace.raw.tracks
    ]
    change = compare(build(replace(trace.raw, tracks=tracks)), None, "name")

    assert [row.state for row in change.rows] == ["queued", "in call", "attached", "holds"]
    assert frame(change, colour=False)[1].endswith(
        ": 0 run Python, 1 holds it asleep, 0 waiting, 1 queued, 1 in calls, 1 attached but not running"
    )


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 50)])
def test_each_interpreter_has_its_number_and_each_gil_one_thread(columns: int, lines: int) -> None:
    """Those that share the main one's GIL have no other; the name is cut, not the number."""
    names = ("main-0", "main-1", "own-of-a-long-name-0", "own-1", "shared-0", "shared-1")
    trace = looked_at(dict.fromkeys(names, ("attached", A)))
    numbers = (1, 1, 2, 2, 3, 3)
    tracks = [
        replace(track, interpreter=number, since=A + track.index)
        for track, number in zip(trace.raw.tracks, numbers, strict=True)
    ]
    many = build(replace(trace.raw, tracks=tracks, with_own_gil=0b100))
    change = compare(many, None, "name")
    shown = lines_of(many, columns, lines, "name")

    assert [row.name for row in change.rows if row.state == "runs"] == ["own-1", "shared-1"]
    assert " with 2 GILs, 3 interpreters, " in shown[0]
    assert shown[1].startswith("6 threads: 2 run Python, 0 waiting, 4 ")
    assert any(line.startswith("own-of-a…me-0 @2 attached ") for line in shown)
    assert max(map(len, shown)) <= columns
    assert len(many.gil_strips()) == 2


def test_who_rests_is_not_to_blame() -> None:
    """Of two that are attached, the one that runs made the third wait."""
    trace = looked_at(
        {"runs": ("attached", A), "sleeps": ("attached", B), "victim": ("waiting", C)}
    )
    tracks = [replace(track, let_go=track.name == "sleeps") for track in trace.raw.tracks]
    lines = frame(compare(build(replace(trace.raw, tracks=tracks)), None), colour=False)

    assert any(line.startswith("runs held it 800 ms") for line in lines), lines


def test_it_says_who_holds_python_where_and_what_to_do() -> None:
    """While a thread waits for long; not otherwise."""
    held = looked_at({"culprit": ("attached", 200 * MS), "victim": ("waiting", 300 * MS)})
    brief = looked_at({"culprit": ("attached", 200 * MS), "victim": ("waiting", 890 * MS)})
    text = " ".join(" ".join(lines_of(held, 80, 24)).split())

    assert "culprit held it 700 ms in jobs.work at main.cpp:12; 1 thread waited do: put a" in text
    assert not any("do: " in line for line in lines_of(brief, 80, 24))


def test_the_order_is_chosen() -> None:
    """By time waiting, time attached, attaches, or name; the heading marks it."""
    trace = many(12)
    rows = {order: compare(trace, None, order).rows for order in ORDERS}

    assert [row.name for row in rows["name"]][:4] == ["main", "worker-0", "worker-1", "worker-2"]
    assert [row.name for row in rows["name"]][-1] == "worker-11"
    for order, key in (("waiting", "waited"), ("holding", "held"), ("calls", "rate")):
        found = [getattr(row, key) for row in rows[order]]
        assert found == sorted(found, reverse=True)
    for order, head in (("waiting", "waiting*"), ("holding", "attached*"), ("name", "thread*")):
        assert any(head in line for line in lines_of(trace, 80, 24, order))


def test_keys_sort_and_end_it() -> None:
    """On a terminal, one by one, without Enter; afterwards the terminal is as before."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", KEYS]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs) as watcher:
        os.close(theirs)
        seen = b""
        for word, key in ((b"begun", b"n"), (b"'n'", b"q"), (b"'q'", b"")):
            while word not in seen:
                assert select.select([ours], [], [], DEADLINE_S)[0], seen
                seen += os.read(ours, 4096)
            os.write(ours, key)
        while b"as before: True" not in seen:
            assert select.select([ours], [], [], DEADLINE_S)[0], seen
            seen += os.read(ours, 4096)
        assert watcher.wait(DEADLINE_S) == 0
    os.close(ours)


KEYS = """
import sys, termios
from pyholdfast.top.keys import watched
before = termios.tcgetattr(0)
with watched() as keys:
    print("begun", flush=True)
    key = ""
    while key != "q":
        key = keys.wait(20)
        print(repr(key), flush=True)
print("as before:", termios.tcgetattr(0) == before, flush=True)
"""
