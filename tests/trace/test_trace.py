"""A host records a trace, which is read, summed up and drawn; any other file is refused."""

from __future__ import annotations

import json
import math
import re
import shutil
import signal
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from harness import run_command, run_holdfast
from matrix import MatrixPython
from pyholdfast.errors import HoldfastError
from pyholdfast.trace.building import build
from pyholdfast.trace.file_layout import CALL, TASK, read_trace
from pyholdfast.trace.html import page
from pyholdfast.trace.summary import summary
from pyholdfast.trace.svg import still
from pyholdfast.trace.verdict import find
from recording import DEADLINE_S, HOST, INCIDENTS, pythons, record, with_gil

HELD = ("hold_in_c", "hold_in_bytecode", "lock_inversion")


@pytest.mark.parametrize("python", list(pythons()))
def test_every_incident_names_its_culprit(python: MatrixPython, tmp_path: Path) -> None:
    """In the watchdog's report, once, which is also in the trace."""
    kinds = ("drain_stuck",) if python.build.free_threaded else (*HELD, "starving", "drain_stuck")
    for kind in kinds:
        outcome, path = record(python, kind, tmp_path)
        assert outcome.code == (3 if kind == "lock_inversion" else 0), outcome.explain()
        trace = build(read_trace(path))
        code = "HF811" if kind == "drain_stuck" else "HF810"

        reports = outcome.err.count(f"holdfast: {code} ")
        assert reports == 1, outcome.explain()
        assert len(trace.notes) == reports
        assert {"culprit", *(() if kind == "drain_stuck" else ("victim",))} <= {
            thread.name for thread in trace.threads
        }
        if kind in HELD:
            assert re.search(r"'culprit' \(\d+\) has held it .* at /.*/main.cpp:\d+", outcome.err)
        elif kind == "starving":
            assert re.search(
                r"starved: meanwhile 'culprit' \(\d+\) attached \d+ times", outcome.err
            )
        else:
            assert re.search(r"inside   'culprit' \(\d+\) for .* at /.*/main.cpp:\d+", outcome.err)
        if kind == "hold_in_bytecode":
            assert "in crunch" in outcome.err, "the Python stack, although Python is held"
        if kind == "lock_inversion":
            assert "lock inversion" in outcome.err
            assert not trace.raw.ended, "it broke off, and could be read all the same"


def test_starving_example_ends(tmp_path: Path) -> None:
    """Whether its victim starves is up to the system, so the other tests have a program of their own."""
    outcome, path = record(with_gil(), "starving", tmp_path, source=INCIDENTS)
    trace = build(read_trace(path))

    assert outcome.code == 0, outcome.explain()
    assert trace.raw.ended
    assert {"culprit", "victim"} <= {thread.name for thread in trace.threads}


@pytest.mark.parametrize("python", list(pythons()))
def test_watchdog_tells_the_order_of_mutexes(python: MatrixPython, tmp_path: Path) -> None:
    """Each of the two threads holds the mutex that the other waits for."""
    outcome, path = record(python, "mutex_order", tmp_path)
    made = r"the mutex made at (/.*/main\.cpp:\d+)"
    line = rf"'{{}}' \(\d+\) at /.*/main\.cpp:\d+ holds {made} and waits .* for {made}"
    culprit = re.search(line.format("culprit"), outcome.err)
    victim = re.search(line.format("victim"), outcome.err)

    assert outcome.code == 3, outcome.explain()
    assert outcome.err.count("HF812") == 1, outcome.explain()
    assert culprit is not None
    assert victim is not None
    assert culprit.groups() == victim.groups()[::-1]
    assert "do: let every thread take these mutexes in one order" in outcome.err
    assert read_trace(path).notes


@pytest.mark.parametrize("python", list(pythons()))
def test_watchdog_names_the_slow_owner_of_one_mutex(python: MatrixPython, tmp_path: Path) -> None:
    """Even one that never attached. An unknown owner is reported as such; the order of locks is not mentioned."""
    slow, _ = record(python, "slow_owner", tmp_path, source=HOST)
    early, _ = record(python, "early_owner", tmp_path, source=HOST)
    waits = r"'victim' \(\d+\) at /.*/host\.cpp:\d+ waits .* for (the mutex made at /.*:\d+)\n"
    wanted, wanted_early = re.search(waits, slow.err), re.search(waits, early.err)
    held = re.search(r"'culprit' \(\d+\) holds (the mutex made at /.*:\d+)\n", slow.err)

    assert slow.code == early.code == 0, slow.explain() + early.explain()
    assert held is not None, slow.explain()
    assert wanted is not None, slow.explain()
    assert wanted_early is not None, early.explain()
    assert held[1] == wanted[1]
    assert "do: unlock it sooner" in slow.err
    assert (
        f"  who holds {wanted_early[1]} is not known: it was locked before the watchdog"
        in early.err
    )
    assert "in one order" not in slow.err + early.err


def test_a_loop_that_tries_for_a_mutex_is_seen(tmp_path: Path) -> None:
    """With holdfast's mutex it is a lock inversion; with another, it is said what is not known."""
    tries, _ = record(with_gil(), "tries", tmp_path, source=HOST)
    polls, _ = record(with_gil(), "polls", tmp_path, source=HOST)

    assert re.search(
        r"lock inversion: it calls try_lock\(\) again and again for the holdfast::mutex that"
        r" 'victim' \(\d+\) has, which waits to attach at /.*host\.cpp:\d+\n",
        tries.err,
    ), tries.explain()
    assert "do: call lock() instead" in tries.err
    assert re.search(
        r"it sleeps in native code again and again without detaching, \d+ times in 50 ms; for what"
        r" is not known: it may poll, with try_lock\(\) for example, for a lock",
        polls.err,
    ), polls.explain()


def test_who_had_a_mutex_is_in_the_trace(tmp_path: Path) -> None:
    """Also without a watchdog, after the wait has ended."""
    outcome, path = record(with_gil(), "past_owner", tmp_path, source=HOST, HOLDFAST_WATCHDOG="")
    found = find(build(read_trace(path)))

    assert outcome.code == 0, outcome.explain()
    assert re.search(
        r"victim waited .* for the holdfast::mutex made at host\.cpp:\d+, which culprit had when",
        found.sentence,
    ), found


def test_a_limit_that_is_not_a_duration_is_named(tmp_path: Path) -> None:
    """The message says what to write; the host continues without a watchdog."""
    outcome, _ = record(with_gil(), "turns", tmp_path, source=HOST, HOLDFAST_WATCHDOG="soon")

    assert outcome.code == 0, outcome.explain()
    assert "HF802 HOLDFAST_WATCHDOG is not a duration: 'soon'\n  do: write seconds" in outcome.err


def test_picture_is_one_small_file_with_all_threads(recorded: Path) -> None:
    """It loads nothing, is under 500 kB, and has the recorded data."""
    text = page(build(read_trace(recorded)))
    data = json.loads(re.search(r"const DATA = (.*);\n", text)[1])  # type: ignore[index]

    assert len(text) < 500_000
    assert "http" not in text.replace("http://www.w3.org", "")
    assert {thread["name"] for thread in data["threads"]} >= {"culprit", "victim"}
    assert data["longest"][0][2] - data["longest"][0][1] > 600_000_000


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_picture_is_drawn_by_a_browser(recorded: Path, tmp_path: Path) -> None:
    """The script runs to its end, and the screenshot is not empty."""
    html, shot = tmp_path / "trace.html", tmp_path / "trace.png"
    html.write_text(page(build(read_trace(recorded))), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'user'}",
    ]
    outcome = run_command(
        ["chromium", *options, f"--screenshot={shot}", "--window-size=1000,800", html.as_uri()],
        deadline_s=60,
    )

    assert shot.exists(), outcome.explain()
    width, height = struct.unpack(">II", shot.read_bytes()[16:24])
    assert (width, height) == (1000, 800)
    assert shot.stat().st_size > 15_000, "an empty page is smaller"


def test_oldest_events_are_dropped_and_counted(tmp_path: Path) -> None:
    """The last 64 are kept, the dropped ones counted, totals are complete, and long holds stay."""
    outcome, path = record(with_gil(), "turns", tmp_path, source=HOST, HOLDFAST_TRACE_EVENTS="64")
    trace = build(read_trace(path))
    culprit = next(thread for thread in trace.threads if thread.name == "culprit")
    first, *others = culprit.holds
    dropped = 1001 - len(culprit.holds)

    assert outcome.code == 0, outcome.explain()
    assert culprit.attaches == 1001
    assert first.length >= 25_000_000, "long, so it is kept"
    assert all(hold.start > first.end for hold in others)
    assert len(culprit.holds) >= 65
    assert trace.dropped == culprit.dropped == dropped > 0
    assert sum(many for _, many in trace.holds.classes) == trace.attaches
    assert f"  {dropped} of the oldest events were dropped; totals count them\n" in summary(trace)


@pytest.mark.parametrize("python", list(pythons()))
def test_tasks_of_pools_are_events(python: MatrixPython, tmp_path: Path) -> None:
    """Each is an event, whether it succeeds or fails; a typed call is inside its task."""
    outcome, path = record(python, "tasks", tmp_path, source=HOST)
    assert outcome.code == 0, outcome.explain()
    trace = build(read_trace(path))
    workers = [thread for thread in trace.threads if thread.name.startswith("holdfast-")]
    spans = [span for thread in workers for span in thread.spans]
    tasks = [span for span in spans if span.kind == TASK]
    calls = [span for span in spans if span.kind == CALL]

    assert sum(thread.tasks for thread in trace.threads) == len(tasks) == 10
    assert {span.name for span in tasks} == {"task of a pool"}
    assert [span.name for span in calls] == ["__main__.work"] * 4
    for call in calls:
        assert (
            sum(
                t.thread == call.thread and t.start <= call.start and call.end <= t.end
                for t in tasks
            )
            == 1
        )
    sites = {
        hold.site.rpartition(":")[0] for thread in workers for hold in thread.holds if hold.site
    }
    assert any(site.endswith("host.cpp") for site in sites), "where the pool was made"
    assert "  10 tasks of pools\n" in summary(trace)


def test_a_host_that_is_killed_leaves_a_whole_trace(tmp_path: Path) -> None:
    """Killed by SIGKILL while one thread is attached and another waits for it."""
    outcome, path = record(with_gil(), "killed", tmp_path, source=HOST)
    trace = build(read_trace(path))
    threads = {thread.name: thread for thread in trace.threads}

    assert outcome.code == -signal.SIGKILL, outcome.explain()
    assert not trace.raw.ended
    assert threads["culprit"].holds[-1].open_end == "hold"
    assert threads["victim"].holds[-1].open_end == "wait"
    assert "it did not end Python" in summary(trace)
    assert ">victim<" in still(trace)


def test_a_drain_that_was_reported_comes_before_a_wait_that_was_not(recorded: Path) -> None:
    """On a busy machine, every attach waits a little."""
    trace = build(read_trace(recorded))
    drain = "HF811 finalize() has waited 2.1 s for threads\n  inside   'worker' (7) for 2.2 s\n  do: end"
    both = find(replace(trace, notes=[*trace.notes, (1, drain)])).sentence
    alone = find(replace(trace, notes=[(1, drain)])).sentence

    assert both.startswith("culprit held it ")
    assert alone == "finalize() has waited 2.1 s for threads: worker for 2.2 s"


def test_threads_of_one_name_are_told_apart(recorded: Path) -> None:
    """By their numbers, in the table and in the sentence; a unique name stays without a number."""
    trace = build(read_trace(recorded))
    both = {t.name: t.native_id for t in trace.threads if t.name in {"culprit", "victim"}}
    alike = [replace(t, name="worker") if t.name in both else t for t in trace.threads]
    text = summary(replace(trace, threads=alike))

    assert len(both) == 2
    assert all(f"\n  worker ({number}) " in text for number in both.values())
    assert f"\nworker ({both['culprit']}) held it " in text
    assert "\nculprit held it " in summary(trace)


def test_what_is_no_trace_is_refused(recorded: Path, tmp_path: Path) -> None:
    """Foreign, empty, too new, or truncated anywhere: a code, never a traceback."""
    whole = recorded.read_bytes()
    bad = {
        "HF803": [b"", b"hello", b"\x7fELF" + whole[4:]],
        "HF804": [whole[:16] + struct.pack("<I", 99) + whole[20:]],
        "HF805": [whole[:n] for n in (17, 100, 4096, len(whole) // 2, len(whole) - 1)],
    }
    for code, texts in bad.items():
        for text in texts:
            file = tmp_path / "bad.trace"
            file.write_bytes(text)
            with pytest.raises(HoldfastError) as caught:
                read_trace(file)
            assert caught.value.code == code, len(text)
    with pytest.raises(HoldfastError, match="HF803"):
        read_trace(tmp_path / "none.trace")


def test_numbers_that_contradict_each_other_are_damage(recorded: Path) -> None:
    """HF805 where they are added up, for every command that shows them."""
    whole = read_trace(recorded)

    with pytest.raises(HoldfastError, match=f"'{recorded}' is damaged") as caught:
        build(replace(whole, clock=replace(whole.clock, ns_per_tick=math.inf)))
    assert caught.value.code == "HF805"


def test_nothing_is_overwritten(recorded: Path, tmp_path: Path) -> None:
    """Neither a trace by a host, which continues, nor a picture by the command."""
    python = with_gil()
    before = recorded.read_bytes()
    outcome, _ = record(python, "hold_in_c", tmp_path)

    assert outcome.code == 0, outcome.explain()
    assert "HF801" in outcome.err
    assert recorded.read_bytes() == before

    picture = tmp_path / "picture.html"
    picture.write_text("mine", encoding="utf-8")
    refused = run_holdfast("trace", "-o", picture, recorded, deadline_s=DEADLINE_S)
    assert (refused.code, "HF807" in refused.err) == (2, True), refused.explain()
    assert picture.read_text(encoding="utf-8") == "mine"


def test_a_host_that_cannot_start_is_named(tmp_path: Path) -> None:
    """HF806, and no picture."""
    outcome = run_holdfast("trace", "--", tmp_path / "none", deadline_s=DEADLINE_S, cwd=tmp_path)

    assert outcome.code == 2
    assert "HF806" in outcome.err
    assert list(tmp_path.iterdir()) == []
