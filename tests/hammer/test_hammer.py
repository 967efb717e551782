"""pyholdfast.testing: a function that works on native threads passes, and each fault is reported."""

from __future__ import annotations

import shutil
import sys
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hammer import functions
from harness import run_command
from pyholdfast.errors import HoldfastError
from pyholdfast.testing import Case, HammerFailure, case
from pyholdfast.testing import hammer as plain_hammer
from pyholdfast.toolchain.cache import cached_probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyholdfast.testing.arguments import CaseLike

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
BUILD = cached_probe(Path(sys.executable))
needs_library = pytest.mark.skipif(
    BUILD.library is None or not BUILD.include_dirs,
    reason="the Python that runs the tests cannot be embedded",
)
BOOK = functions.Book("EUR", [functions.Level(1.5, 2), functions.Level(3.0)])


GOOD: dict[Callable[..., object], list[CaseLike]] = {
    functions.worth: [(BOOK,), case(BOOK, rate=2.0), case(functions.Book("x"), rate=-1.0)],
    functions.mean: [(3,), (2, 1.0, 2.0), case(1, 4.0, strict=True, unit="m", of="all")],
    functions.parse: [("12",), (b"abc",), ("no number",)],
    functions.account: [("a",)],
    functions.transformed: [functions.three_values],
    functions.ticks: [(5,), (0,)],
}


def failure(function: Callable[..., object], *cases: CaseLike, **options: Any) -> HammerFailure:
    """The failure with which hammering ends."""
    with pytest.raises(HammerFailure) as caught:
        plain_hammer(function, cases, **options)
    return caught.value


@needs_library
@pytest.mark.parametrize(
    "function",
    [
        # Each is a host of its own to compile; the short run takes one that also raises.
        pytest.param(
            function,
            id=function.__name__,
            marks=() if function.__name__ == "parse" else (pytest.mark.long,),
        )
        for function in GOOD
    ],
)
def test_what_stands_it(function: Callable[..., object], hammer: Callable[..., Any]) -> None:
    """Arguments and results of every kind cross, and so do exceptions; the fixture is the same function."""
    done = hammer(function, GOOD[function], threads=8, rounds=10)

    # One thread alone, all at once, all nested, and at least one round of each in the drain.
    assert done.calls + done.refused >= len(GOOD[function]) * (1 + 8 * (10 + 10 + 1))
    assert done.calls > len(GOOD[function]) * 8 * 20


@needs_library
def test_a_race_is_a_difference() -> None:
    """The failure has the case, both results, and the place."""
    found = failure(functions.racy, ([1] * 300,), ([2] * 200,), rounds=400)

    assert found.code == "HF513"
    assert "hammer.functions.racy() gives a different result on native threads" in str(found)
    assert "directly  " in str(found)
    assert "all threads at once" in str(found) or "within Python" in str(found)
    assert "find what the calls share" in str(found)


@pytest.mark.long
@needs_library
def test_a_wrong_hint_is_told_from_a_race() -> None:
    """One thread alone shows it, and the phases with many threads are skipped."""
    found = failure(functions.wrong_hint, (1,), (2,))

    assert found.code == "HF513"
    assert "HF403 result of hammer.functions.wrong_hint(): wanted str, found int" in str(found)
    assert "2 calls, of 2 cases: [0, 1]" in str(found)
    assert "alone on one native thread" in str(found)
    assert "correct the hints" in str(found)


@needs_library
def test_a_case_that_the_hints_do_not_allow() -> None:
    """The case would work in Python."""
    found = failure(functions.twice, ("ab",))

    assert "C++ said  HF401" in str(found)
    assert "wanted int, found str" in str(found)
    assert "case      0: ('ab')" in str(found)


@pytest.mark.long
@needs_library
def test_another_exception_is_a_difference() -> None:
    """Type and text are compared."""
    found = failure(functions.other_error, (1,), threads=4)

    assert found.code == "HF513"
    assert "raised ValueError: the first, with 1" in str(found)
    assert "raised LookupError: not the first" in str(found)


@needs_library
def test_a_crash_has_its_thread_and_the_stacks() -> None:
    """The process of the test survives."""
    found = failure(functions.aborts, (1,), (2,), threads=4)

    assert found.code == "HF514"
    assert "hammer.functions.aborts() has ended its process: signal 6 (SIGABRT)" in str(found)
    assert "it was thread " in str(found)
    assert 'functions.py", line' in str(found)
    assert "in aborts" in str(found)


@needs_library
def test_a_hang_has_the_stacks() -> None:
    """The deadline applies to the host, without the compilation."""
    found = failure(functions.hangs, (1,), threads=4, deadline=2)

    assert found.code == "HF515"
    assert "has not ended after 2 s of 4 threads" in str(found)
    assert "all threads at once: case 0: (1)" in str(found)
    assert "threading.Event().wait()" in str(found)


@pytest.mark.long
@needs_library
def test_a_comparison_of_ones_own() -> None:
    """Results that always differ, e.g. an identity, can be compared in another way."""
    done = plain_hammer(functions.twice, [(1,)], threads=2, rounds=2, equal=functions.close)

    assert done.calls > 0


def nothing(number: int) -> int:
    """A function in the test's own module."""
    return number


@pytest.mark.long
@needs_library
def test_a_function_beside_its_test() -> None:
    """Its module is found by its file, as the test runner found it."""
    assert plain_hammer(nothing, [(1,)], threads=2, rounds=2).calls > 0


@pytest.mark.parametrize(
    ("function", "cases", "options", "text"),
    [
        (lambda number: number, [(1,)], {}, "by its name"),
        (functions.Book.__init__, [(1,)], {}, "by its name"),
        (functions._hidden, [(1,)], {}, "leaves out"),  # noqa: SLF001 - that is what is refused
        (functions.twice, [], {}, "there are no cases"),
        (functions.twice, [(1, 2)], {}, "case 0 .* is not a valid call: too many positional"),
        (functions.twice, [(1,), (iter([]),)], {"equal": lambda a, b: a == b}, "equal .* sent"),
        (functions.twice, [(sys._getframe(),)], {}, "case 0 .* sent"),  # noqa: SLF001
        (functions.twice, [(1,)], {"threads": 0}, "threads=0"),
        (functions.twice, [(1,)], {"deadline": float("inf")}, "deadline=inf"),
    ],
)
def test_what_cannot_be_hammered(
    function: Callable[..., object], cases: list[CaseLike], options: dict[str, Any], text: str
) -> None:
    """The error comes before anything is compiled."""
    with pytest.raises(HoldfastError, match=text) as caught:
        plain_hammer(function, cases, **options)

    assert caught.value.code == "HF512"


def test_without_a_compiler_the_test_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """By any test runner, with one line."""
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setitem(sys.modules, "ziglang", None)
    with pytest.raises(unittest.SkipTest, match=r"^pyholdfast.testing needs [^\n]+$") as caught:
        plain_hammer(functions.twice, [(1,)])

    assert "no C++ compiler found" in str(caught.value)


@needs_library
def test_the_plugin_in_a_project_of_its_own(tmp_path: Path) -> None:
    """The fixture exists without an import; a skip is a skip, and a failure has no traceback of holdfast's."""
    (tmp_path / "shop.py").write_text("def price(size: int) -> float:\n    return 1.5 * size\n")
    (tmp_path / "test_shop.py").write_text(
        "import shop\n"
        "def test_price(hammer): hammer(shop.price, [(1,)], threads=2, rounds=2)\n"
        "def test_wrong(hammer): hammer(shop.price, [('x',)], threads=2, rounds=2)\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q"]
    if not _is_installed():
        command += ["-p", "pyholdfast.pytest_plugin"]
    outcome = run_command(command, deadline_s=120, cwd=tmp_path)

    assert outcome.code == 1, outcome.explain()
    assert "1 failed, 1 passed" in outcome.out
    assert "HF513 shop.price() gives a different result on native threads" in outcome.out
    assert "subprocess" not in outcome.out


def _is_installed() -> bool:
    """Whether pytest finds the plug-in by itself."""
    done = run_command(
        [sys.executable, "-m", "pytest", "--version", "--version"], deadline_s=60, cwd=CHECKOUT
    )
    return "holdfast" in done.out + done.err


def test_a_case_as_people_write_it() -> None:
    """For messages."""
    assert str(Case((1, "a"), {"b": None})) == "(1, 'a', b=None)"
