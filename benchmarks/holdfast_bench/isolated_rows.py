"""The rows of isolated_executor: calls in worker processes."""

from __future__ import annotations

from holdfast_bench.arithmetic import Goal
from holdfast_bench.row import Opponent, Row, Side

__all__ = ["ISOLATED_ROWS"]


def _wake_up(times: float) -> Opponent:
    """What no call in another process can do without."""
    return Opponent(
        "wake-up there and back", Side("isolated", "ping_pong"), lambda _: Goal(at_most=times)
    )


ISOLATED_ROWS: tuple[Row, ...] = (
    Row(
        "isolated_call",
        "a blocking call in a worker process",
        "cost",
        Side("isolated", "blocking_call"),
        (_wake_up(2),),
        runs=3,
    ),
    Row(
        "isolated_future",
        "the same through a future",
        "cost",
        Side("isolated", "future_call"),
        (_wake_up(3.5),),
        runs=3,
    ),
    Row(
        "isolated_in_flight",
        "small calls in 2 worker processes, 64 on their way",
        "faster",
        Side("isolated", "calls_in_flight", 2),
        (
            Opponent(
                "ProcessPoolExecutor",
                Side("isolated", "executor_calls", 2),
                lambda _: Goal(at_least=25),
            ),
            Opponent("multiprocessing.Pool", Side("isolated", "pool_calls", 2)),
        ),
    ),
    Row(
        "isolated_lists",
        "the same, lists of 1000 floats there and back",
        "faster",
        Side("isolated", "lists_in_flight", 2),
        (
            Opponent(
                "ProcessPoolExecutor",
                Side("isolated", "executor_lists", 2),
                lambda _: Goal(at_least=2),
            ),
        ),
    ),
    Row(
        "isolated_array_in",
        "8 MB to a worker process",
        "cost",
        Side("isolated", "pass_8_mb"),
        (Opponent("one copy", Side("isolated", "copy_8_mb"), lambda _: Goal(at_most=1.15)),),
        runs=3,
    ),
    Row(
        "isolated_array_back",
        "8 MB to a worker process and back",
        "cost",
        Side("isolated", "pass_8_mb_back"),
        (Opponent("one copy", Side("isolated", "copy_8_mb"), lambda _: Goal(at_most=2.3)),),
        runs=3,
    ),
    Row(
        "isolated_memory",
        "memory of 8 idle worker processes",
        "size",
        Side("isolated", "idle_workers", 8),
        (
            Opponent(
                "ProcessPoolExecutor, spawn",
                Side("isolated", "executor_memory_spawn", 8),
                lambda _: Goal(at_most=0.6),
            ),
            Opponent(
                "by forkserver",
                Side("isolated", "executor_memory_forkserver", 8),
                lambda _: Goal(at_most=0.8),
            ),
        ),
    ),
)
