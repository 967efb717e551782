"""What the server answers."""

from __future__ import annotations

__all__ = ["answer"]


def answer(line: str) -> str:
    """The score of a text: its words, and how long they are on average."""
    words = line.split()
    mean = sum(map(len, words)) / len(words)
    return f"{len(words)} words of {mean:.1f} letters"
