"""Worker processes have tracks in a trace, too; nothing takes them for threads."""

from __future__ import annotations

import json

import pytest

from made_traces import made, taking_turns
from pyholdfast.trace.file_layout import HOLD, TASK
from pyholdfast.trace.html import page
from pyholdfast.trace.speedscope import waits
from pyholdfast.trace.summary import facts, summary
from pyholdfast.trace.svg import still
from pyholdfast.trace.verdict import find, population

MS = 1_000_000
TASKS = [(MS, MS, 3 * MS, 0, 2, TASK, 0, 0), (5 * MS, 5 * MS, 6 * MS, 0, 2, TASK, 0, 0)]
WORKERS = {"decoder-0": TASKS, "decoder-1": TASKS[:1]}
HOLDS = [(1, 2, MS, 1, 2, HOLD, 0, 0)]


@pytest.mark.parametrize(
    ("threads", "workers", "said"),
    [
        (0, 0, "0 threads"),
        (1, 0, "1 thread"),
        (2, 1, "2 threads and 1 worker process"),
        (1, 2, "1 thread and 2 worker processes"),
        (0, 2, "2 worker processes"),
    ],
)
def test_threads_and_workers_are_counted_apart(threads: int, workers: int, said: str) -> None:
    """In the summary, in the pictures, and where a picture leaves some out."""
    trace = made(
        {f"reader-{n}": HOLDS for n in range(threads)},
        length=10 * MS,
        workers={f"decoder-{n}": TASKS for n in range(workers)},
    )

    assert population(trace.threads) == said
    assert f"{said}, {threads} attaches" in summary(trace).replace("\n", " ")
    assert f", {said}, {threads} attaches" in facts(trace)
    assert f", {said}, " in still(trace)


def test_a_picture_says_of_what_it_leaves_out_some() -> None:
    """There are more tracks than it has room for."""
    trace = made({f"reader-{n}": HOLDS for n in range(100)}, length=10 * MS, workers=WORKERS)

    assert " of its 100 threads and 2 worker processes" in still(trace)


def test_the_summary_has_a_table_of_each() -> None:
    """A worker attaches to nothing; what it did are tasks."""
    text = summary(made({"reader": HOLDS}, length=10 * MS, workers=WORKERS))
    threads, workers = text.split("worker process ")

    assert "reader" in threads
    assert "decoder" not in threads
    assert workers.splitlines()[1].split() == ["decoder-0", "2", "200", "2", "ms", "jobs.work()"]
    assert "of pools" not in text


def test_the_page_has_a_table_of_each() -> None:
    """Its script sorts them out by this."""
    text = page(made({"reader": HOLDS}, length=10 * MS, workers=WORKERS))
    data = json.loads(text.split("const DATA = ", 1)[1].split(";\n", 1)[0])

    assert {one["name"]: one["worker"] for one in data["threads"]} == {
        "reader": False, "decoder-0": True, "decoder-1": True,
    }  # fmt: skip
    assert [one["longestTask"] for one in data["threads"]][1:] == [2 * MS, 2 * MS]


def test_workers_do_not_make_waits_rare() -> None:
    """How much of their time threads waited is what it is without them."""
    threads = taking_turns(3, 100 * MS, MS)
    alone = made(threads, length=100 * MS)
    beside = made(threads, length=100 * MS, workers={f"decoder-{n}": TASKS for n in range(20)})

    assert find(alone) == find(beside)
    assert [one["name"] for one in json.loads(waits(beside))["profiles"]][1:] == sorted(threads)
