"""The exceptions that holdfast raises: a code, what failed, and one thing to do.

The text form is the same as the C++ runtime's, so messages look alike whichever part of holdfast
they come from.
"""

from __future__ import annotations

from pyholdfast.visible import visible

__all__ = ["AnalyserError", "FindingError", "HoldfastError", "ToolchainError", "UsageError"]


class HoldfastError(Exception):
    """A failure of holdfast, with a remedy.

    Attributes:
        code: ``HFnnn``; ``holdfast explain HFnnn`` prints cause, example and remedy.
        problem: what failed, with the value that made it fail.
        remedy: one action, in the imperative.
    """

    def __init__(self, code: str, problem: str, remedy: str) -> None:
        """Keep the three parts as the exception's arguments, so that copy and pickle keep them."""
        super().__init__(code, problem, remedy)
        self.code = code
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        """Two lines, whatever the values contain: code and problem, then the remedy."""
        return f"{self.code} {visible(self.problem)}\n  do: {visible(self.remedy)}"


class UsageError(HoldfastError):
    """The command line asks for something impossible; exit status 2.

    Rule: a word that is not understood, an input file or process that does not exist or is not
    accessible, an output that cannot be placed, an unusable Python or clang-tidy. Any other failure
    is exit status 1.
    """


class FindingError(UsageError):
    """There is no Python, or it cannot be used."""


class AnalyserError(UsageError):
    """There is no clang-tidy, or it does not work; nothing was analysed."""


class ToolchainError(HoldfastError):
    """There is no compiler, or it failed to build something."""
