"""The lines to write by hand, for a pair that is left as it is."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["REMEDY_IN_C", "lines_for"]

_SPANNING = frozenset({"HF642", "HF643", "HF644", "HF645", "HF646"})
# C has no guards.
REMEDY_IN_C = "use an hf_scope where both ends can see it, and a flag that says whether it is open"
_CALLS = {"attach": ("PyGILState_Ensure", "PyGILState_Release"),
          "detach": ("PyEval_SaveThread", "PyEval_RestoreThread")}  # fmt: skip


def lines_for(code: str, kind: str, shown: str, *, target: str, cplusplus: bool) -> Sequence[str]:
    """What to write instead of a pair.

    Args:
        code: the code of the refusal.
        kind: ``attach`` or ``detach``; empty for other calls.
        shown: the function, as messages name it.
        target: what the pairs are rewritten to.
        cplusplus: whether it is C++.
    """
    if not kind:
        return ()
    begin, end = _CALLS[kind]
    if target == "c":
        return _scope(code, kind, shown, begin, end)
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


def _scope(code: str, kind: str, shown: str, begin: str, end: str) -> Sequence[str]:
    if code in _SPANNING:
        opened = "hf_attach(&scope, hf_main_view())" if kind == "attach" else "hf_detach(&scope)"
        return (
            "hf_scope scope; int open = 0;",
            f"open = {opened} == HF_OK;  // instead of {begin}()",
            f"if (open) hf_end(&scope);  // instead of {end}(), on the same thread",
        )
    if code == "HF647":
        return (
            "hf_scope scope;",
            "if (hf_attach(&scope, hf_main_view()) != HF_OK)",
            f"    return ...;  // what {shown} gives if it did nothing",
        )
    return ()
