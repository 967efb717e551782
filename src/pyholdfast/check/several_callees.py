"""Calls of which the source shows several callees: through a pointer, or of a virtual method."""

from __future__ import annotations

from collections.abc import Sequence

from pyholdfast.check.states import ATTACHED, Summary

__all__ = ["by_pointer", "needed_by", "of_virtual"]


def by_pointer(known: Sequence[Summary]) -> Summary | None:
    """The summary for a call through a pointer, which may be any of several functions."""
    changing = {summary.effect: summary for summary in known if summary.effect}
    if not changing:
        return None
    if len(changing) == 1:  # the others do nothing, until the real one is put in
        return next(iter(changing.values()))
    return Summary(effect="varies")


def needed_by(known: Sequence[Summary]) -> Summary | None:
    """The summary for a call through a pointer to one of several functions that only need Python."""
    if not known or any(summary.requires != ATTACHED or summary.effect for summary in known):
        return None
    return Summary(ATTACHED, known[0].path)


def of_virtual(known: Sequence[Summary]) -> Summary | None:
    """The summary for a call of a virtual method that only its overriders have a body for.

    What all of them require is required; if one blocks, the call may block.
    """
    if not known:
        return None
    if len(known) == 1:
        return known[0]
    blocks = next((summary.blocks for summary in known if summary.blocks), ())
    throws = any(summary.throws for summary in known)
    if all(summary.requires == ATTACHED for summary in known):
        return Summary(ATTACHED, known[0].path, throws=throws)
    return Summary(blocks=blocks, throws=throws)
