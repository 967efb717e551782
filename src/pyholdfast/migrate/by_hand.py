"""The lines to write by hand, for a pair that is left as it is."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["lines_for"]

_SPANNING = frozenset({"HF642", "HF643", "HF644", "HF645", "HF646"})
_CALLS = {"attach": ("PyGILState_Ensure", "PyGILState_Release"),
          "detach": ("PyEval_SaveThread", "PyEval_RestoreThread")}  # fmt: skip


def lines_for(code: str, kind: str, shown: str, *, cplusplus: bool) -> Sequence[str]:
    """What to write instead of a pair.

    Args:
        code: the code of the refusal.
        kind: ``attach`` or ``detach``; empty for other calls.
        shown: the function, as messages name it.
        cplusplus: whether it is C++.
    """
    if not kind:
        return ()
    begin, end = _CALLS[kind]
    if cplusplus and code in _SPANNING:
        return (
            f"std::optional<holdfast::{kind}_guard> {kind}ed;  // where both ends can see it",
            f"{kind}ed.emplace();  // instead of {begin}()",
            f"{kind}ed.reset();    // instead of {end}(), on the same thread",
        )
    if cplusplus and code == "HF647":
        return (
            "const holdfast::attach_guard attached(holdfast::main_view(), std::nothrow);",
            "if (!attached)",
            f"    return ...;  // what {shown} gives if it did nothing",
        )
    if not cplusplus and code == "HF647":
        return (
            "PyThreadStateToken *token = attach_to_main();  // by migrate --to pep788",
            "if (token == NULL)",
            f"    return ...;  // what {shown} gives if it did nothing",
        )
    return ()
