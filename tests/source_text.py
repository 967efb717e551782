"""Finding a piece of C++ in a source whose line breaks and blanks may have changed since."""

from __future__ import annotations

import itertools
import re

__all__ = ["count_in", "replace_in"]

_TOKEN = re.compile(r"\w+|[^\w\s]")


def count_in(text: str, piece: str) -> int:
    r"""How often the tokens of `piece` stand one after the other in `text`.

    >>> count_in("call(one,\n     two);", "call(one, two);")
    1
    """
    return len(re.findall(_pattern(piece), text))


def replace_in(text: str, piece: str, instead: str) -> str:
    r"""`text` with every occurrence of `piece` replaced.

    >>> replace_in("call(one,\n     two); end();", "call(one, two);", "call(one);")
    'call(one); end();'
    """
    return re.sub(_pattern(piece), lambda _: instead, text)


def _pattern(piece: str) -> str:
    """Blanks are as one likes, but words stay apart. What a piece begins and ends with is kept."""
    tokens = _TOKEN.findall(piece)
    parts = [re.escape(tokens[0])]
    for before, after in itertools.pairwise(tokens):
        both_words = before[-1:].isidentifier() and after[:1].isidentifier()
        parts.append((r"\s+" if both_words else r"\s*") + re.escape(after))
    first = r"\b" if tokens[0][0].isidentifier() else ""
    last = r"\b" if tokens[-1][-1].isidentifier() else ""
    return first + "".join(parts) + last
