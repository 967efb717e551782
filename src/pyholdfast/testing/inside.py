"""The host's Python half: creates the arguments, calls the function directly, and compares.

Called by host.hpp, from many threads at once.
"""

from __future__ import annotations

import asyncio
import faulthandler
import importlib
import inspect
import json
import pickle
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.testing.arguments import made
from pyholdfast.testing.payload import Finder, Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyholdfast.testing.arguments import Case

__all__ = ["Judge"]

MOST_TOLD = 50
MOST_SHOWN = 2000


class Judge:
    """Stores the result of each case's direct call, and judges the other results.

    A difference is written to disk at once, because the process may crash later.
    """

    def __init__(self, folder: str) -> None:
        """Read the plan in `folder`, and import the function's module."""
        place = Path(folder)
        # Kept open, because a signal handler writes to it.
        self._stacks = (place / "stacks").open("w", encoding="utf-8")
        faulthandler.enable(self._stacks, all_threads=True)
        self._differences = (place / "differences").open("w", encoding="utf-8")
        self._lock = threading.Lock()
        self._told = 0
        plan: Plan = pickle.loads((place / "plan").read_bytes())  # noqa: S301 - the test's own
        sys.path[:] = plan.path
        sys.meta_path.append(Finder(plan.files))
        module = importlib.import_module(plan.module)
        # The header may use another module name for the file than the test runner.
        sys.modules.setdefault(plan.bound_module, module)
        self._function: Callable[..., Any] = getattr(module, plan.function)
        self._signature = inspect.signature(self._function)
        self._signatures = plan.signatures
        self._cases = plan.cases
        self._equal: Callable[[Any, Any], bool] = pickle.loads(plan.equal)  # noqa: S301
        self._direct: dict[int, Any] = {}

    def count(self) -> int:
        """The number of cases."""
        return len(self._cases)

    def arguments(self, which: int, signature: int) -> tuple[tuple[Any] | None, ...] | None:
        """The arguments in the order of C++: each in a tuple, or None if it was left out.

        Returns:
            None if the signature lacks one of the case's arguments.
        """
        given = self._made(which)
        bound = self._signature.bind(*given.args, **given.kwargs).arguments
        names = self._signatures[signature]
        if not bound.keys() <= set(names):
            return None
        return tuple((bound[name],) if name in bound else None for name in names)

    def direct(self, which: int, kind: str) -> tuple[Any] | None:
        """Call the function from Python; return its result in a tuple, or None if it raised."""
        given = self._made(which)
        try:
            found = settled(self._function(*given.args, **given.kwargs), kind)
        except Exception as error:  # noqa: BLE001 - the call from C++ must raise the same
            self._direct[which] = error
            return None
        self._direct[which] = found
        return (found,)

    def expect(self, which: int, value: object) -> None:
        """Store the direct result as C++ converted it; other results are compared with it."""
        self._direct[which] = value

    def nested(self, call: Callable[[], None]) -> None:
        """Call C++ from Python."""
        call()

    def returned(self, phase: int, thread: int, turn: int, which: int, found: object) -> bool:
        """Judge a result; True if it equals the direct one."""
        direct = self._direct[which]
        fine = not isinstance(direct, BaseException) and self._equal(direct, found)
        return fine or self._tell("returned", (phase, thread, turn, which), found)

    def raised(self, phase: int, thread: int, turn: int, which: int, found: BaseException) -> bool:
        """Judge an exception; True if it equals the direct one."""
        direct = self._direct[which]
        fine = isinstance(direct, BaseException) and self._equal(direct, found)
        return fine or self._tell("raised", (phase, thread, turn, which), found)

    def refused(self, phase: int, thread: int, turn: int, which: int, problem: str) -> bool:
        """Record a call whose arguments or result do not fit the C++ types."""
        return self._tell("refused", (phase, thread, turn, which), problem)

    def _made(self, which: int) -> Case:
        return made(pickle.loads(self._cases[which]))  # noqa: S301 - the test's own

    def _tell(self, how: str, position: tuple[int, int, int, int], found: object) -> bool:
        which = position[3]
        entry = {
            "how": how,
            "position": position,
            "direct": shown(self._direct[which]) if which in self._direct else "",
            "found": found if how == "refused" else shown(found),
        }
        with self._lock:
            self._told += 1
            # All differences are counted, and the first ones described.
            line = json.dumps(entry) if self._told <= MOST_TOLD else ""
            self._differences.write(f"{line}\n")
            self._differences.flush()
        return False


def settled(found: Any, kind: str) -> Any:  # noqa: ANN401 - whatever the function gives
    """The result as C++ sees it: an iterator's items, a coroutine's return value."""
    if kind == "items":
        return list(found)
    if kind == "async items":
        return asyncio.run(_items(found))
    if kind == "awaitable":
        return asyncio.run(_awaited(found))
    return found


async def _items(found: Any) -> list[Any]:  # noqa: ANN401
    return [item async for item in found]


async def _awaited(found: Any) -> Any:  # noqa: ANN401
    return await found


def shown(value: object) -> str:
    """A value as text; an exception like the last line of a traceback."""
    if isinstance(value, BaseException):
        return f"raised {type(value).__name__}: {value}"
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - of the user's class
        text = f"<{type(value).__name__}, whose repr() raised {type(error).__name__}>"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
