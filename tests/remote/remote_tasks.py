"""The functions that the workers of the tested engines run."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path


class OddError(Exception):
    """Can be pickled, but not unpickled: its constructor needs more arguments than pickle passes."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def add(left: float, right: float) -> float:
    """The simplest task."""
    return left + right


def greet(name: str, *, mark: str = "!", times: int = 1) -> str:
    """Takes arguments by name, and has defaults."""
    return f"hello, {name}{mark * times}"


def describe(names: list[str], ages: dict[str, int]) -> list[str]:
    """Containers in both directions."""
    return [f"{name} {ages[name]}" for name in names]


def note(path: str) -> None:
    """Leaves a line in a file, so that calls can be counted."""
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("called\n")


def fail(text: str) -> None:
    """Raises an exception that can be pickled."""
    raise ValueError(text)


def fail_oddly() -> None:
    """Raises an exception that breaks a ProcessPoolExecutor if it is passed unchanged."""
    raise OddError("odd ", "indeed")


def leave() -> None:
    """Raises what ends a plain script."""
    raise SystemExit(3)


def make_lock() -> object:
    """A result that cannot be pickled."""
    return threading.Lock()


def make_foreign() -> object:
    """A result whose class is known only where it was made."""
    import sys  # noqa: PLC0415 - of this worker alone
    import types  # noqa: PLC0415

    module = types.ModuleType("only_here")
    exec("class Thing: pass", module.__dict__)  # noqa: S102
    sys.modules["only_here"] = module
    return module.Thing()


def wait_for(path: str) -> str:
    """Wait until the file exists, for a minute at most."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if Path(path).exists():
            return "seen"
        time.sleep(0.01)
    return "not seen"


def begin_and_die(path: str) -> None:
    """Report that it runs, and be killed as the system kills processes that use too much memory."""
    Path(path).touch()
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(path: str) -> str:
    """The same, but only on the first call."""
    if not Path(path).exists():
        begin_and_die(path)
    return "second try"
