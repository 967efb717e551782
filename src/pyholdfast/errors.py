"""The exceptions that holdfast raises: a code, what failed, and one thing to do.

The text form is the same as that of the C++ runtime, so a message reads alike
whichever half of the project wrote it.
"""

from __future__ import annotations

from pyholdfast.visible import visible

__all__ = ["AnalyserError", "FindingError", "HoldfastError", "ToolchainError", "UsageError"]


class HoldfastError(Exception):
    """Something holdfast cannot do, with the way out.

    Attributes:
        code: ``HFnnn``; ``holdfast explain HFnnn`` tells the whole story.
        problem: what failed, with the value that made it fail.
        remedy: one action, in the imperative.
    """

    def __init__(self, code: str, problem: str, remedy: str) -> None:
        """Keep the three parts; they are the arguments, so a copy or a pickle keeps them too."""
        super().__init__(code, problem, remedy)
        self.code = code
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        """Two lines, whatever the values hold: code and problem, then the remedy."""
        return f"{self.code} {visible(self.problem)}\n  do: {visible(self.remedy)}"


class UsageError(HoldfastError):
    """The command line asks for what cannot be, whatever is in the files; exit status 2.

    The one rule: a word that is not understood, a file or process that is not there or may not be
    read, an output that has no place, a Python or a clang-tidy that cannot be used. Everything else
    that fails is status 1.
    """


class FindingError(UsageError):
    """No Python, or not one that can be used."""


class AnalyserError(UsageError):
    """No clang-tidy, or not one that works: nothing was analysed."""


class ToolchainError(HoldfastError):
    """No compiler, or something it cannot build."""
