"""What isolated_side.cpp measures in Python: the process pools that Python has, and its own functions."""

from __future__ import annotations

import multiprocessing
import operator
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OUTSTANDING = 64


def first(values: Sequence[float]) -> float:
    """Read a value of some memory."""
    return float(values[0])


def same(values: object) -> object:
    """Give memory back."""
    return values


def proportional_bytes(pid: int) -> float:
    """What a process has for itself, and its part of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def in_flight(
    submit: Callable[[], Any], result: Callable[[Any], Any], sample_ms: float, samples: int
) -> list[float]:
    """Nanoseconds per call, of which the last 64 are on their way."""
    waiting: deque[Any] = deque()

    def calls(count: int) -> float:
        begun = time.perf_counter_ns()
        for _ in range(count):
            waiting.append(submit())
            if len(waiting) >= OUTSTANDING:
                result(waiting.popleft())
        return float(time.perf_counter_ns() - begun)

    count = 100
    while calls(count) < sample_ms * 1e6:
        count *= 2
    taken = [calls(count) / count for _ in range(samples)]
    while waiting:
        result(waiting.popleft())
    return taken


def executor_calls(workers: int, sample_ms: float, samples: int, floats: int) -> list[float]:
    """ProcessPoolExecutor.submit() of a small call, or of a list there and back."""
    call = (list, [0.5] * floats) if floats else (operator.neg, 5)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        return in_flight(
            lambda: pool.submit(*call), lambda future: future.result(), sample_ms, samples
        )


def pool_calls(workers: int, sample_ms: float, samples: int) -> list[float]:
    """multiprocessing.Pool.apply_async() of a small call."""
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        return in_flight(
            lambda: pool.apply_async(operator.neg, (5,)), lambda got: got.get(), sample_ms, samples
        )


def executor_memory(workers: int, start: str) -> list[float]:
    """Of the idle workers of a ProcessPoolExecutor together, in bytes."""
    with ProcessPoolExecutor(workers, multiprocessing.get_context(start)) as pool:
        wait([pool.submit(time.sleep, 0.2) for _ in range(4 * workers)])
        workers_of_pool = multiprocessing.active_children()
        return [sum(proportional_bytes(each.pid) for each in workers_of_pool if each.pid)]
