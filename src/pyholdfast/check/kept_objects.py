"""Python objects that a library destroys: what it keeps for later holds them.

A function that attaches by itself is called by threads that need not be attached. An object that is
bound to it, or captured by it, is copied and destroyed by such a thread, outside of that attach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyholdfast.check.callbacks import attaches_by_itself, calls_at_once
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.findings import Finding
from pyholdfast.check.program import Program
from pyholdfast.check.states import Step
from pyholdfast.check.tokens import read_source
from pyholdfast.check.written import name_at

__all__ = ["of_kept_objects"]

# Functions that keep what they are given.
_KEEPS = re.compile(
    r"^(?:set|on|add|register|connect|subscribe|listen|install|attach|post|submit|enqueue|schedule|"
    r"defer|async)(?:_|[A-Z]|$)"
)
_MAY_KEEP = re.compile(r"callback|handler|listener|notif")
# Functions that call what others have given, or forget it.
_CALLS = re.compile(
    r"(?:call|run|invoke|fire|emit|notify|remove|clear|unset|unregister|get|has|is)(?:_|[A-Z]|$)"
)


def of_kept_objects(program: Program) -> Iterator[Finding]:
    """Objects of a binding library in a lambda, or in what bind() makes, that a library keeps."""
    for item in program.kept_objects:
        body = program.body_at(item.function)
        name = name_at(item.to)[1]
        if body is None or not _keeps(name) or program.body_at(item.to) is not None:
            continue
        is_lambda = item.function == item.place
        if is_lambda and not (_copies(item.place, item.name) and _holds(body, item.name)):
            continue
        if attaches_by_itself(program.summaries.get(body)):
            function = program.functions[body]
            keeper = "the lambda" if is_lambda else "bind()"
            yield Finding(
                "HF617",
                item.place,
                f"the Python object that {keeper} keeps for {name}() ends on a thread that never"
                " attached",
                "keep it in a std::shared_ptr whose deleter attaches, or in a class whose destructor does",
                "",
                (Step(function.place, f"{function.shown} attaches, as its callers need not be"),),
            )


def _keeps(name: str) -> bool:
    """Whether a function keeps what it is given, as its name says."""
    if _KEEPS.match(name):
        return True  # whatever the rest says: set_filter() does not call it at once
    return bool(_MAY_KEEP.search(name)) and not _CALLS.match(name) and not calls_at_once(name)


def _copies(place: Place, name: str) -> bool:
    """Whether the lambda at a place captures a variable by value."""
    source = read_source(place.file)
    begin = source.at(place.line, place.column)
    if begin is None or source.tokens[begin].text != "[":
        return False
    captured = "".join(token.text for token in source.tokens[begin + 1 : source.closing(begin)])
    if captured.startswith("="):
        return re.search(rf"&{re.escape(name)}(?:[,=({{]|$)", captured) is None
    return re.search(rf"(?:^|,){re.escape(name)}(?:[,=({{]|$)", captured) is not None


def _holds(body: Place, name: str) -> bool:
    """Whether a lambda still has its object when it ends: it may move it to where it is attached."""
    tokens = read_source(body.file).opened_at(body.line, body.column) or ()
    text = "".join(token.text for token in tokens)
    own = rf"(?<![\w.>]){re.escape(name)}"  # not a member of another object
    given = rf"(?:\b|return)move\({re.escape(name)}\)|{own}(?:\.release\(|=(?!=))"
    return re.search(given, text) is None
