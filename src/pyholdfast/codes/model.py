"""The shape of one entry in the table of codes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Code"]


@dataclass(frozen=True, slots=True)
class Code:
    """One error code and what there is to know about it.

    Attributes:
        code: ``HFnnn``.
        title: what went wrong, in one line without values.
        cause: why it happens.
        example: the message, or the few lines that lead to it.
        remedy: what to do, most likely way first.
    """

    code: str
    title: str
    cause: str
    example: str
    remedy: str
