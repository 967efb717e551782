"""The calls that block: data with a level and a source, in `blocking.txt`.

Source: the documentation of each library, named above its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["TABLE", "Blocking", "blocking_calls", "names_of_macros"]

TABLE = Path(__file__).with_name("blocking.txt")


@dataclass(frozen=True, slots=True)
class Blocking:
    """One call.

    Attributes:
        name: qualified, without the leading ``::``; ``Class<>::name`` for a class template.
        level: ``finding`` if it may wait without a limit, ``note`` if it is usually short, ``lock``
            if it waits for the threads that call the library's callbacks: a note, unless the code
            shows that these attach.
        source: the documentation that says so.
    """

    name: str
    level: str
    source: str


@cache
def blocking_calls() -> tuple[Blocking, ...]:
    """The rows of the table, in its order."""
    rows: list[Blocking] = []
    source = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            source = line.removeprefix("#").strip()
        elif line:
            level, name = line.split(" ", 1)
            rows.append(Blocking(name, level, source))
    return tuple(rows)


@cache
def names_of_macros() -> Mapping[str, str]:
    """The kind of event for each name that a library may give to a macro, as for versioned symbols."""
    kinds = {"finding": "block", "note": "slow", "lock": "slow"}
    return {row.name: kinds[row.level] for row in blocking_calls() if "::" not in row.name}
