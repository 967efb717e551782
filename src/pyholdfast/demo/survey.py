"""What the demo's host asks about each file: an ordinary module, which knows nothing of threads."""

from __future__ import annotations

import ast
import warnings
from importlib.util import decode_source

__all__ = ["survey"]

# Old sources make the parser warn; they are surveyed here, not repaired.
warnings.simplefilter("ignore")

BRANCHES = ("body", "orelse", "handlers", "finalbody", "cases")


def survey(name: str, source: bytes) -> tuple[int, int, int, int, str]:
    r"""Look through one Python file.

    Args:
        name: of the file, for messages.
        source: its bytes; their encoding is found as Python finds it.

    Returns:
        Lines, functions, classes, lines of the longest function, and its name.

    Raises:
        SyntaxError: if it is not Python, or names an encoding that there is not.
        ValueError: if it is not text in that encoding, or holds null characters.

    >>> survey("<example>", b"def f():\n    return 1\n\nclass C: ...\n")
    (4, 1, 1, 2, 'f')
    """
    functions = classes = longest = 0
    longest_name = ""
    # Decoded first: from bytes, the parser looks at no more of the text than it needs.
    text = decode_source(source)
    waiting: list[ast.AST] = [ast.parse(text, name)]
    # Statements only: no function or class hides in an expression.
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
