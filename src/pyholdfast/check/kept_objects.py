"""Python objects that a library destroys: what it keeps for later holds them.

A function that attaches by itself is called by threads that need not be attached. An object that is
bound to it, or captured by it, is copied and destroyed by such a thread, outside of that attach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyholdfast.check.callbacks import attaches_by_itself
from pyholdfast.check.findings import Finding
from pyholdfast.check.program import Program
from pyholdfast.check.states import Step
from pyholdfast.check.written import name_at, text_at

__all__ = ["of_kept_objects"]

# Functions that keep what they are given.
_KEEPS = re.compile(
    r"^(?:set|on|add|register|connect|subscribe|listen|install|attach|post|submit|enqueue|schedule|"
    r"defer|async)(?:_|[A-Z]|$)|callback|handler|listener|notif",
)
_BY_REFERENCE = re.compile(r"\[\s*(?:&|\w+\s*&)")


def of_kept_objects(program: Program) -> Iterator[Finding]:
    """Objects of a binding library in a lambda, or in what bind() makes, that a library keeps."""
    for item in program.kept_objects:
        body = program.body_at(item.function)
        name = name_at(item.to)[1]
        if body is None or not _KEEPS.search(name) or program.body_at(item.to) is not None:
            continue
        is_lambda = item.function == item.place
        if is_lambda and _BY_REFERENCE.match(text_at(item.place)):
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
