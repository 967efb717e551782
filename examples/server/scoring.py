"""A typed function behind a URL: C++ reads the request and writes the JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Score:
    """Facts about a text."""

    words: int
    longest: int
    mean_length: float


def score(text: str) -> Score:
    """Count words, and letters in words."""
    lengths = [len(word) for word in text.split()]
    return Score(len(lengths), max(lengths, default=0), sum(lengths) / max(1, len(lengths)))
