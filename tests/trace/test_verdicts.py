"""The verdict on each incident: who, where, and what to change, with a watchdog and without one."""

from __future__ import annotations

import re
import subprocess
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness import environment_for
from made_traces import made
from pyholdfast.errors import HoldfastError
from pyholdfast.toolchain.compile import cached_host, find_compiler
from pyholdfast.top import pages
from pyholdfast.top.change import compare
from pyholdfast.top.screen import frame
from pyholdfast.trace.building import build
from pyholdfast.trace.file_layout import DRAIN, HOLD, LOCK, read_trace
from pyholdfast.trace.html import page
from pyholdfast.trace.lanes import BLOCKED, DRAINS, lanes
from pyholdfast.trace.summary import summary
from pyholdfast.trace.svg import still
from pyholdfast.trace.verdict import find
from recording import pythons, record, source_of

if TYPE_CHECKING:
    from pathlib import Path

    from matrix import MatrixPython

MS = 1_000_000
ON_EVERY_BUILD = ("drain_stuck", "mutex_order")
OTHERS = ("hold_in_c", "hold_in_bytecode", "lock_inversion", "starving")


def _line(incident: str, words: str) -> str:
    """The line of the first place in the incident's function that has these words."""
    source = source_of(incident)
    return f"{source.name}:{_lines(source, incident, words)[0]}"


def _lines(source: Path, incident: str, words: str) -> list[int]:
    lines = source.read_text(encoding="utf-8").splitlines()
    begin = lines.index(f"void {incident}() {{")
    return [at for at, line in enumerate(lines[begin:], begin + 1) if words in line]


def _expected(incident: str, *, watched: bool) -> tuple[list[str], str]:
    """What the sentence must have, in this order, and what the remedy must have."""
    guard = _line(incident, "attach_guard attached")
    if incident == "hold_in_c":
        return [f"culprit held it .* at {guard}", "1 thread waited"], "detach_guard"
    if incident == "hold_in_bytecode":
        words = [rf"culprit held it .* in __main__\.crunch at {guard}", "switch_interval"]
        return words, "lower interpreter_config::switch_interval, do the work in smaller pieces"
    if incident == "lock_inversion":
        source = source_of(incident)
        other = f"{source.name}:{_lines(source, incident, 'attach_guard attached')[1]}"
        reason = (
            f"lock inversion: it waits for a mutex that victim has, which waits to attach at {other}"
            if watched
            else f"victim has, which waits to attach at {other}, this is a lock inversion"
        )
        remedy = f"make that {'mutex' if watched else 'lock'} a holdfast::mutex"
        return [f"culprit held it .* at {guard}", reason], remedy
    if incident == "starving":
        return [
            rf"victim starved: .* while culprit attached \d+ times at {guard}"
        ], "let culprit do"
    if incident == "drain_stuck":
        return [rf"finalize\(\) .*[:;] culprit .*at {guard}"], "tell these threads to end before"
    one, other = (_line(incident, f"holdfast::mutex {name};") for name in ("one", "other"))
    guard = _line(incident, "attach_guard attached")
    if watched:
        words = [
            "mutexes taken in opposite orders: ",
            f"culprit at {guard} holds the mutex made at {one} and waits .* made at {other}",
            f"victim at {guard} holds the mutex made at {other} and waits .* made at {one}",
        ]
    else:
        words = ["taken in opposite orders", f"holds, in the guard at {guard}"]
    return words, "take these mutexes in one order"


@pytest.mark.ci
@pytest.mark.parametrize("watched", [True, False], ids=["watchdog", "trace only"])
@pytest.mark.parametrize("python", list(pythons()))
def test_each_incident_has_its_verdict(python: MatrixPython, watched: bool, tmp_path: Path) -> None:
    """The culprit, its line and the remedy that fits, in a sentence that has no path and no address."""
    kinds = ON_EVERY_BUILD if python.build.free_threaded else (*ON_EVERY_BUILD, *OTHERS)
    for incident in kinds:
        if watched:
            outcome, path = record(python, incident, tmp_path)
        else:
            outcome, path = record(python, incident, tmp_path, HOLDFAST_WATCHDOG="")
        found = find(build(read_trace(path)))
        words, remedy = _expected(incident, watched=watched)

        for word in words:
            assert re.search(word, found.sentence), (word, found.sentence, outcome.explain())
        assert remedy in found.remedy, found
        assert "nothing to fix" not in found.remedy
        if incident == "drain_stuck":
            drawn = [one for lane in lanes(build(read_trace(path))).values() for one in lane]
            longest = max(one.end - one.start for one in drawn if one.state == DRAINS)
            assert longest >= 650 * MS, "it has a colour"
        assert "/" not in found.sentence
        assert "0x" not in found.sentence
        assert f"{found.sentence}\n  do: {found.remedy}\n" in summary(build(read_trace(path)))


@pytest.mark.parametrize("python", list(pythons()))
def test_top_has_the_same_verdict_while_it_lasts(python: MatrixPython) -> None:
    """From the counters alone: who, where, and what to do."""
    kinds = ON_EVERY_BUILD if python.build.free_threaded else (*ON_EVERY_BUILD, *OTHERS)
    environ = {**environment_for(python), "HOLDFAST_PYTHON": str(python.path)}
    environ["HOLDFAST_COUNTERS"] = "1"
    for incident in kinds:
        host = cached_host(source_of(incident), python.build, find_compiler())
        words, remedy = _expected(incident, watched=False)
        seen = []
        with subprocess.Popen([str(host), incident], env=environ) as process:
            while process.poll() is None:
                with suppress(HoldfastError):  # it has not begun, or has ended
                    change = compare(build(pages.find(process.pid).read()), None)
                    seen.append(" ".join(frame(change, colour=False)))
        assert any(
            remedy in text and all(re.search(word, text) for word in words) for text in seen
        ), (incident, seen[-1:])


def test_nothing_to_fix_is_said_of_a_clean_end_only() -> None:
    """Not of a trace that breaks off, and not if a thread waited for a mutex."""
    short = {"a": [(1, 2, 9, 1, 2, HOLD, 0, 0)]}
    blocked = {"a": [(1, 40 * MS, 40 * MS, 1, 0, LOCK, 0, 0)]}
    clean = find(made(short, length=50 * MS))
    broken = find(made(short, length=50 * MS, ended=False))
    mutex = find(made(blocked, length=50 * MS))

    assert clean.remedy == "nothing to fix here"
    assert "the trace ends before Python did" in broken.sentence
    assert "HOLDFAST_WATCHDOG" in broken.remedy
    assert mutex.sentence.startswith("a waited 40 ms for the holdfast::mutex made at main.cpp:12, ")
    assert "unlock it sooner" in mutex.remedy


def test_short_waits_are_said_to_be_short() -> None:
    """And are named, for one to whom they matter. Not if they are much of the time, or if it broke off."""
    a = [(1, 1, 9 * MS, 1, 2, HOLD, 0, 0)]
    b = [(3 * MS, 9 * MS, 10 * MS, 1, 2, HOLD, 0, 0)]
    short = find(made({"a": a, "b": b}, length=400 * MS))
    much = find(made({"a": a, "b": b}, length=12 * MS))
    broken = find(made({"a": a, "b": b}, length=400 * MS, ended=False))
    long = find(made({"a": [(1, 1, 90 * MS, 1, 2, HOLD, 0, 0)],
                      "b": [(3 * MS, 90 * MS, 91 * MS, 1, 2, HOLD, 0, 0)]}, length=4000 * MS))  # fmt: skip

    assert short.sentence == (
        "waits were short: 6 ms at most, 0.8% of the threads' time; the longest: a held it 9 ms in"
        " jobs.work at main.cpp:12; 1 thread waited; Python asks for it only every 5 ms (switch_interval)"
    )
    assert short.remedy.startswith("nothing to fix, unless 6 ms is too long for you; then lower ")
    assert much.sentence.startswith("a held it 9 ms in jobs.work")
    assert broken.sentence.startswith(
        "no attach waited longer than 6 ms, and the trace ends before"
    )
    assert long.sentence.startswith("a held it 90 ms in jobs.work")


def test_a_wait_of_finalize_is_worth_a_word() -> None:
    """If it took longer than threads need to end: who left last, or who is inside at the end."""
    worker = [(1, 2, 9, 1, 2, HOLD, 1, 0), (700 * MS, 700 * MS, 710 * MS, 1, 2, HOLD, 1, 0)]
    main = [(5 * MS, 5 * MS, 711 * MS, 0, 0, DRAIN, 0, 0)]
    brief = [(700 * MS, 700 * MS, 711 * MS, 0, 0, DRAIN, 0, 0)]
    ended = find(made({"worker": worker, "main": main}, length=712 * MS))
    quick = find(made({"worker": worker, "main": brief}, length=712 * MS))
    raw = made({"worker": worker[:1], "main": []}, length=712 * MS, ended=False).raw
    tracks = [
        replace(track, state="native", ended=0, draining_since=12 * MS * (track.name == "main"))
        for track in raw.tracks
    ]
    stuck = find(build(replace(raw, tracks=tracks)))

    assert ended.sentence == (
        "finalize() waited 706 ms; the last to leave was worker, attached in jobs.work at main.cpp:12"
    )
    assert "tell these threads to end before finalize()" in ended.remedy
    assert quick.remedy == "nothing to fix here"
    assert stuck.sentence == (
        "finalize() waited 700 ms, to the end of the trace; worker was inside, detached in jobs.work"
        " at main.cpp:12"
    )


def test_threads_of_one_name_can_be_told_apart() -> None:
    """In the page and the still picture by the number that the verdict has."""
    raw = made({"a": [(1, 1, 90 * MS, 1, 2, HOLD, 0, 0)],
                "b": [(3 * MS, 90 * MS, 91 * MS, 1, 2, HOLD, 0, 0)]}, length=100 * MS).raw  # fmt: skip
    trace = build(replace(raw, tracks=[replace(track, name="io") for track in raw.tracks]))

    assert find(trace).sentence.startswith("io (100) held it 90 ms")
    for text in (page(trace), still(trace)):
        assert all(text.count(f"io ({number})") >= 1 for number in (100, 101))


def test_a_crowd_is_nobodys_fault() -> None:
    """If many threads took turns during a wait, and none had most of it, no single one is blamed."""
    turns = {
        f"t{n}": [(1, n * 10 * MS + 1, (n + 1) * 10 * MS, 1, 2, HOLD, 0, 0)] for n in range(20)
    }
    found = find(made(turns, length=400 * MS))

    assert found.sentence == (
        "t19 waited 190 ms while 19 threads took turns; none had it for long, t0 most, 5% of that time,"
        " in jobs.work at main.cpp:12"
    )
    assert found.remedy.startswith("attach from fewer threads, e.g. by a holdfast::executor")


def test_mutexes_come_first_if_they_cost_more() -> None:
    """Threads that wait for a mutex for seconds are not told about a wait of milliseconds.

    Its owner is named if the trace has it: not if a later thread has its track.
    """
    a = [(1, 1, 90 * MS, 1, 2, HOLD, 0, 0), (90 * MS, 700 * MS, 700 * MS, 1, 0, LOCK, 0, 0)]
    b = [(10 * MS, 90 * MS, 91 * MS, 1, 2, HOLD, 0, 0)]
    unknown = find(made({"a": a, "b": b}, length=800 * MS))
    a[1] = (*a[1][:4], 2, *a[1][5:])
    known = made({"a": a, "b": b}, length=800 * MS)
    later = replace(known.raw.tracks[1], started=100 * MS)
    reused = build(replace(known.raw, tracks=[known.raw.tracks[0], later]))

    said = "a waited 610 ms for the holdfast::mutex made at main.cpp:12, "
    assert find(known).sentence == said + "which b had when the wait began"
    for found in (unknown, find(reused)):
        assert found.sentence.startswith(said + "and who had it is not known: ")


def test_a_mutex_that_is_awaited_to_the_end_is_seen() -> None:
    """Two that wait for each other, and one whose owner only is slow; the track shows the wait."""
    raw = made({"a": [], "b": [], "c": []}, length=50 * MS, ended=False).raw
    waits = {0: (10, (20,)), 1: (20, (10,)), 2: (20, ())}
    tracks = [
        replace(track, state="native", wanted_lock=waits[track.index][0], wanted_since=20 * MS + 1,
                held_locks=waits[track.index][1], ended=0)
        for track in raw.tracks
    ]  # fmt: skip
    circle = build(replace(raw, tracks=tracks))
    slow = build(replace(raw, tracks=[replace(tracks[0], wanted_lock=0), *tracks[1:]]))

    assert "a holds one and waits for another one that b holds" in find(circle).sentence
    assert "in one order" in find(circle).remedy
    assert find(slow).sentence.startswith("b waited 30 ms for a holdfast::mutex that a holds")
    assert "unlock it sooner" in find(slow).remedy
    (blocked,) = lanes(slow)[1]
    assert (blocked.state, blocked.end - blocked.start) == (BLOCKED, 30 * MS)


def test_c_code_is_not_told_to_lower_the_switch_interval() -> None:
    """A hold much longer than the switch interval, while others wait, does not run bytecode."""
    turns = {
        "a": [(1, 1, 300 * MS, 1, 2, HOLD, 0, 0)],
        "b": [(10 * MS, 300 * MS, 301 * MS, 1, 2, HOLD, 0, 0)],
    }
    found = find(made(turns, length=400 * MS))

    assert "switch_interval" not in found.sentence + found.remedy
    assert "in jobs.work at main.cpp:12" in found.sentence
    assert "detach_guard around the native code that it calls" in found.remedy


def test_reports_show_files_without_folders_and_threads_without_numbers() -> None:
    """Two threads of one name keep their numbers."""
    report = (
        "HF811 finalize() has waited 2.1 s for threads that are inside\n"
        "  inside   'a' (100) for 2.2 s at /srv/app/x/main.cpp:7, detached within its guard\n"
        "  inside   'gone' (7) for 2.2 s at /srv/app/main.cpp:8\n"
        "  do: tell these threads to end before finalize()\n"
    )
    trace = made({"a": [(1, 2, 9, 1, 2, HOLD, 0, 0)]}, length=50 * MS, notes=[(1, report)])

    assert find(trace).sentence == (
        "finalize() has waited 2.1 s for threads that are inside: a for 2.2 s at main.cpp:7,"
        " detached within its guard; gone for 2.2 s at main.cpp:8"
    )


@pytest.mark.parametrize("ended", [True, False])
def test_a_finalize_that_gave_up_matters_until_one_succeeds(ended: bool) -> None:
    """A host may ask again, after it has told its threads to end."""
    report = (
        "HF811 finalize() gave up waiting for threads that are inside\n"
        "  inside   'a' (100) at main.cpp:7\n"
        "  do: tell these threads to end before finalize(), or let finalize() interrupt them\n"
    )
    hold = (1, 2, 9, 1, 2, HOLD, 0, 0)
    trace = made({"a": [hold]}, length=50 * MS, ended=ended, notes=[(1, report)])

    assert ("gave up waiting" in find(trace).sentence) is not ended
