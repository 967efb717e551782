"""What the workers of the tested engines are asked to do."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path


class OddError(Exception):
    """Pickles, but cannot be unpickled: its constructor wants more than pickle gives it."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def add(left: float, right: float) -> float:
    """The plainest task."""
    return left + right


def greet(name: str, *, mark: str = "!", times: int = 1) -> str:
    """Takes arguments by name, and has defaults."""
    return f"hello, {name}{mark * times}"


def describe(names: list[str], ages: dict[str, int]) -> list[str]:
    """Containers both ways."""
    return [f"{name} {ages[name]}" for name in names]


def note(path: str) -> None:
    """Leaves a line in a file, so that calls can be counted."""
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("called\n")


def fail(text: str) -> None:
    """Raises what can be pickled."""
    raise ValueError(text)


def fail_oddly() -> None:
    """Raises what breaks a ProcessPoolExecutor that is given it as it is."""
    raise OddError("odd ", "indeed")


def leave() -> None:
    """What ends a plain script."""
    raise SystemExit(3)


def make_lock() -> object:
    """A result that cannot be pickled."""
    return threading.Lock()


def make_foreign() -> object:
    """A result whose class is known where it was made, and nowhere else."""
    import sys  # noqa: PLC0415 - of this worker alone
    import types  # noqa: PLC0415

    module = types.ModuleType("only_here")
    exec("class Thing: pass", module.__dict__)  # noqa: S102
    sys.modules["only_here"] = module
    return module.Thing()


def wait_for(path: str) -> str:
    """Until somebody makes the file, for a minute at most."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if Path(path).exists():
            return "seen"
        time.sleep(0.01)
    return "not seen"


def begin_and_die(path: str) -> None:
    """Says that it runs, and is killed as the system kills who takes too much memory."""
    Path(path).touch()
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(path: str) -> str:
    """The same, but only where nobody has been before."""
    if not Path(path).exists():
        begin_and_die(path)
    return "second try"
