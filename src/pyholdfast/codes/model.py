"""The shape of one entry in the table of codes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Code"]


@dataclass(frozen=True, slots=True)
class Code:
    """One error code and its description.

    Attributes:
        code: ``HFnnn``.
        title: what went wrong, in one line without values.
        cause: why it happens.
        example: the message, or a few lines of code that cause it.
        remedy: what to do, the most likely fix first.
    """

    code: str
    title: str
    cause: str
    example: str
    remedy: str
