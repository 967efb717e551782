"""No colour of a trace means two things, on the page or in the still picture, light or dark."""

from __future__ import annotations

import itertools
import math
import re

from made_traces import made, taking_turns
from pyholdfast.trace.colours import THREADS, variables
from pyholdfast.trace.html import page
from pyholdfast.trace.svg import still

MS = 1_000_000
STATES = ("native", "wait", "hold", "yield", "lock", "drain", "task", "gc")
LEAST_APART = 30  # of red, green and blue together, each up to 255


def _apart(one: str, other: str) -> float:
    return math.dist(_parts(one), _parts(other))


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def test_no_two_meanings_have_one_colour() -> None:
    """States and threads, in each scheme."""
    schemes = variables(":root").split("@media")
    assert len(schemes) == 2
    for scheme in schemes:
        states = [re.search(rf"--{name}: (#\w+);", scheme)[1] for name in STATES]  # type: ignore[index]
        for one, other in itertools.combinations((*states, *THREADS), 2):
            assert _apart(one, other) >= LEAST_APART, (one, other)


def test_page_and_still_picture_have_the_same_colours() -> None:
    """Those that are defined once."""
    trace = made(taking_turns(2, 40 * MS, MS), length=40 * MS)

    assert variables(":root") in page(trace)
    assert variables("svg") in still(trace)


def test_each_gil_has_a_strip_and_the_ninth_thread_has_stripes() -> None:
    """In the still picture: those that share a GIL have one strip, and no thread looks like another one."""
    threads = taking_turns(18, 100 * MS, MS, interpreters=3)
    text = still(made(threads, length=100 * MS, own_gils=(2,)))
    rows = re.findall(r'<rect [^>]*class="o(\d)"[^>]*/>(?:<rect fill="url\(#s(\d)\)")?', text)

    assert ">interp. 0-1<" in text
    assert ">interp. 2<" in text
    assert len(rows) == len(set(rows)) == 18
    for stripes in {stripes for _, stripes in rows if stripes}:
        assert f'<pattern id="s{stripes}"' in text
        assert f'<path fill="url(#s{stripes})"' in text
    assert ">who ran Python<" in still(made(threads, length=100 * MS))


def test_what_was_not_recorded_differs_from_native_work() -> None:
    """It is dotted, and the legend says so."""
    threads = taking_turns(2, 90 * MS, MS)
    lost = still(made(threads, length=90 * MS, complete_from=40 * MS))

    assert ">not recorded<" in lost
    assert len(re.findall(r'<line [^>]*class="lost"', lost)) == 1 + len(threads)
    assert ">not recorded<" not in still(made(threads, length=90 * MS))
