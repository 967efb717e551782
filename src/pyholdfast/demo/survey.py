"""The function that the demo's host calls for each file: an ordinary module without threads."""

from __future__ import annotations

import ast
import warnings
from importlib.util import decode_source

__all__ = ["survey"]

# Old sources cause warnings in the parser; the demo only surveys them.
warnings.simplefilter("ignore")

BRANCHES = ("body", "orelse", "handlers", "finalbody", "cases")


def survey(name: str, source: bytes) -> tuple[int, int, int, int, str]:
    r"""Survey one Python file.

    Args:
        name: the file's name, for messages.
        source: its bytes; the encoding is detected as Python does.

    Returns:
        Lines, functions, classes, lines of the longest function, and its name.

    Raises:
        SyntaxError: if it is not Python, or names an unknown encoding.
        ValueError: if it is not text in that encoding, or contains null characters.

    >>> survey("<example>", b"def f():\n    return 1\n\nclass C: ...\n")
    (4, 1, 1, 2, 'f')
    """
    functions = classes = longest = 0
    longest_name = ""
    # Decode first: given bytes, the parser checks no more of the text than it needs.
    text = decode_source(source)
    waiting: list[ast.AST] = [ast.parse(text, name)]
    # Statements are enough: expressions contain no functions or classes.
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            functions += 1
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > longest:
                longest, longest_name = length, node.name
        elif isinstance(node, ast.ClassDef):
            classes += 1
        for branch in BRANCHES:
            waiting += getattr(node, branch, ())
    return len(source.splitlines()), functions, classes, longest, longest_name
