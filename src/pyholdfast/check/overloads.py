"""Which of several functions of one name a declaration stands for, by their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.tokens import Token, tokenize
from pyholdfast.check.written import text_at

__all__ = ["may_be_one", "most_alike", "overriding"]

# Before the name of a parameter's type.
_BEFORE_A_TYPE = frozenset(
    {"const", "volatile", "struct", "class", "enum", "union", "typename", "register"}
)


def most_alike(target: Place, name: str, definitions: Sequence[Place]) -> int:
    """The number of the definition whose parameters are those of a declaration; 0 if it is unclear.

    Args:
        target: where the function is declared.
        name: of the function.
        definitions: where those begin that have its name.
    """
    wanted = _types_at(target, name)
    found = [_types_at(place, name) for place in definitions]
    if wanted in found:
        return found.index(wanted)
    return 0


def may_be_one(target: Place, name: str, definition: Place) -> bool:
    """Whether a declaration and a definition have as many parameters, as far as that is seen."""
    wanted, found = _types_at(target, name), _types_at(definition, name)
    return wanted is None or found is None or len(wanted) == len(found)


def overriding(target: Place, name: str, definitions: Sequence[Place]) -> Sequence[int]:
    """The numbers of those definitions that may override a declaration: by their parameters.

    Args:
        target: where the method is declared.
        name: of the method.
        definitions: where the methods of its name begin.
    """
    wanted = _types_at(target, name)
    alike = [n for n, place in enumerate(definitions) if _types_at(place, name) == wanted]
    return alike or [n for n, place in enumerate(definitions) if may_be_one(target, name, place)]


@cache
def _types_at(place: Place, name: str) -> tuple[str, ...] | None:
    """The first word of each parameter's type, without qualifiers; None if it is made by a macro."""
    source = tokenize(text_at(place), head_only=True)
    tokens = source.tokens
    for number in range(len(tokens) - 1):
        if tokens[number].text == name and tokens[number + 1].text == "(":
            return _types(tokens[number + 2 : source.closing(number + 1)])
    return None


def _types(tokens: Sequence[Token]) -> tuple[str, ...]:
    if not tokens or [token.text for token in tokens] == ["void"]:
        return ()
    found, depth = [""], 0
    for number, token in enumerate(tokens):
        depth += (token.text in {"(", "[", "{", "<"}) - (token.text in {")", "]", "}", ">"})
        if token.text == "," and depth == 0:
            found.append("")
            continue
        after = tokens[number + 1].text if number + 1 < len(tokens) else ""
        is_type = token.kind == "word" and token.text not in _BEFORE_A_TYPE and after != "::"
        found[-1] = found[-1] or (token.text if is_type else "")
    return tuple(found)
