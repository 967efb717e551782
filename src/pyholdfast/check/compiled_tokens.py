"""Which tokens of a function's text are compiled: of an ``#if``, one branch.

The compiler's reports choose the branch: one in which it saw nothing was left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pyholdfast.check.tokens import Source, Token

__all__ = ["compiled", "end_of_body"]


def end_of_body(source: Source, opening: int) -> int:
    """One after the closing brace. Of an #if, only the first branch is read."""
    depth = 0
    skipping: list[bool] = []
    for position in range(opening, len(source.tokens)):
        token = source.tokens[position]
        if token.kind == "directive":
            _note_branch(_directive(token), skipping)
        elif not any(skipping) and token.kind == "mark" and token.text in {"{", "}"}:
            depth += 1 if token.text == "{" else -1
            if depth == 0:
                return position + 1
    message = "its closing brace is missing"
    raise ValueError(message)


def _note_branch(word: str, skipping: list[bool]) -> None:
    """Keep track of the #ifs around a token, and whether their first branch is over."""
    if word == "if":
        skipping.append(False)
    elif word in {"else", "elif"}:
        if not skipping:  # the brace itself is in a branch
            skipping.append(True)
        skipping[-1] = True
    elif word == "endif" and skipping:
        skipping.pop()


def _directive(token: Token) -> str:
    words = token.text[1:].split()
    word = words[0] if words else ""
    return "if" if word in {"if", "ifdef", "ifndef"} else word


def compiled(
    tokens: Sequence[Token],
    start: int,
    stop: int,
    places: Collection[int],
    decided: dict[str | None, int | None],
) -> list[int]:
    """The tokens of a range, without directives and the branches that are not compiled.

    A branch that holds only braces shows nothing to the compiler: there the same condition has the
    result that it had before, and for others `decided` has an entry for None.
    """
    kept: list[int] = []
    position = start
    while position < stop:
        token = tokens[position]
        if token.kind != "directive":
            kept.append(position)
            position += 1
        elif _directive(token) == "if":
            condition = " ".join(token.text.split())
            branches, position = _branches(tokens, position, stop)
            chosen = _chosen(branches, places)
            if chosen is None and len(branches) > 1 and kept and tokens[kept[-1]].text == "else":
                chosen = len(branches) - 1  # there must be a statement
            elif chosen is None:
                chosen = decided.get(condition, decided[None])
            else:
                decided[condition] = chosen
            if chosen is not None and chosen < len(branches):
                kept += compiled(tokens, *branches[chosen], places, decided)
        elif _directive(token) in {"else", "elif"}:  # of an #if that begins before the range
            position = _branches(tokens, position, stop, depth=1)[1]
        else:
            position += 1
    return kept


def _branches(
    tokens: Sequence[Token], position: int, stop: int, *, depth: int = 0
) -> tuple[list[tuple[int, int]], int]:
    found: list[tuple[int, int]] = []
    begin = position + 1
    while position < stop:
        word = _directive(tokens[position]) if tokens[position].kind == "directive" else ""
        if word == "if":
            depth += 1
        elif word in {"else", "elif", "endif"} and depth == 1:
            found.append((begin, position))
            begin = position + 1
        if word == "endif":
            depth -= 1
            if depth == 0:
                return found, position + 1
        position += 1
    return [*found, (begin, stop)], stop


def _chosen(branches: Sequence[tuple[int, int]], places: Collection[int]) -> int | None:
    for number, (begin, end) in enumerate(branches):
        if any(place in places for place in range(begin, end)):
            return number
    return None
