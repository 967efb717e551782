"""Functions that an exception must not leave: a guard that throws there would end the process.

An attach_guard throws if Python has ended. In a destructor, a noexcept function, a thread's function
or a callback of C code nobody catches that, nor in a function that one of these calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.program import Program
from pyholdfast.check.tokens import Source, read_source
from pyholdfast.migrate.class_index import ClassIndex
from pyholdfast.migrate.function_text import head_of, span_of

__all__ = ["NoThrow"]

_CATCHES = re.compile(
    r"\.\.\.|(?:^|const |(?<!: )std :: )(?:exception|runtime_error)\b|holdfast :: (?:closed_)?error\b"
)
_CALLS = frozenset({"call", "construct"})


@dataclass(frozen=True, slots=True)
class _Step:
    """How a function is reached: from a caller, in a line; at the root, for a reason."""

    caller: Function | None
    line: int
    reason: str


class NoThrow:
    """The functions of a program that an exception must not leave."""

    def __init__(self, program: Program, classes: ClassIndex) -> None:
        """Start from the functions that say so, and follow their calls."""
        self._program = program
        self._classes = classes
        self._steps: dict[Place, _Step] = {}
        self._by_name: dict[tuple[str, str], list[Function]] = {}
        for function in program.functions.values():
            self._by_name.setdefault((function.owner, function.name), []).append(function)
        waiting: list[Function] = []
        for function in sorted(program.functions.values(), key=lambda f: f.body):
            reason = self._reason(function)
            if reason:
                self._steps[function.body] = _Step(None, function.place.line, reason)
                waiting.append(function)
        while waiting:
            caller = waiting.pop(0)
            for event in caller.events:
                for callee in self._called(event):
                    if callee.body in self._steps or _is_caught(caller, event):
                        continue
                    self._steps[callee.body] = _Step(caller, event.place.line, "")
                    waiting.append(callee)

    def why(self, function: Function) -> str:
        """The reason, as a clause after "must not throw"; empty if the function may throw."""
        step = self._steps.get(function.body)
        if step is None:
            return ""
        if step.caller is None:
            return step.reason
        reached = step.caller
        while (further := self._steps[reached.body]).caller is not None:
            reached = further.caller
        via = "" if reached is step.caller else f" by way of {step.caller.shown}"
        return f"{reached.shown} calls it{via}, and {self._steps[reached.body].reason}"

    def _reason(self, function: Function) -> str:
        head = head_of(function)
        if function.name.startswith("~"):
            return "that is a destructor"
        if "noexcept" in head and "noexcept ( false" not in head:
            return "that is noexcept"
        if "thread" in function.marks:
            return f"{function.spawner or 'a thread'} runs that"
        if _is_extern_c(function):
            return "C code may call that"
        # What Python calls is attached, and then no attach is refused.
        handed = {"handed", "table"} & function.marks and "signature" not in function.marks
        if handed and function.name != "(lambda)":
            return "its address is handed to other code"
        if function.name == "(lambda)" and self._is_plain_callback(function):
            return "other code may call it"
        return ""

    def _is_plain_callback(self, function: Function) -> bool:
        """Whether a lambda without captures is an argument of a function that was not read."""
        source = read_source(function.place.file)
        number = source.at(function.place.line, function.place.column)
        if number is None or [t.text for t in source.tokens[number : number + 2]] != ["[", "]"]:
            return False
        depth = 0
        for position in range(number - 1, 0, -1):
            text = source.tokens[position].text
            depth += (text in {")", "]", "}"}) - (text in {"(", "[", "{"})
            if text in {";", "{", "}"} and depth <= 0:
                return False
            if depth < 0:
                called = source.tokens[position - 1]
                of_std = source.tokens[position - 3].text == "std"
                known = any(name == called.text for _, name in self._by_name)
                return called.kind == "word" and not of_std and not known
        return False

    def _called(self, event: Event) -> Iterator[Function]:
        """The functions that a call may reach, overrides included."""
        if event.kind not in _CALLS:
            return
        body = self._program.target_of(event)
        if body is not None:
            yield self._program.functions[body]
        if event.kind == "construct":
            return
        owner = self._program.functions[body].owner if body is not None else ""
        owner = owner or self._classes.owner_at(event.target)
        if owner:
            for derived in sorted(self._classes.derived_from(owner)):
                yield from self._by_name.get((derived, event.name), ())


def _is_caught(caller: Function, event: Event) -> bool:
    """Whether the caller handles what an event throws, whatever it is."""
    source = read_source(caller.body.file)
    number = source.at(event.place.line, event.place.column)
    if number is None or event.place.file != caller.body.file:
        return False
    return any(first < number < last for first, last in _handled(caller.body.file))


@cache
def _handled(file: str) -> Sequence[tuple[int, int]]:
    """The tokens of each ``try`` block whose handlers let nothing of holdfast's pass."""
    source = read_source(file)
    tokens = source.tokens
    found = []
    for position in range(len(tokens) - 1):
        if tokens[position].text != "try" or tokens[position + 1].text != "{":
            continue
        close = source.closing(position + 1)
        at = close + 1
        while at + 1 < len(tokens) and tokens[at].text == "catch":
            named = source.closing(at + 1)
            end = source.closing(named + 1)
            caught = " ".join(token.text for token in tokens[at + 2 : named])
            if _CATCHES.search(caught):
                if "throw" not in {token.text for token in tokens[named:end]}:
                    found.append((position, close))
                break
            at = end + 1
    return found


def _is_extern_c(function: Function) -> bool:
    span = span_of(function)
    if span is None:
        return False
    tokens = read_source(function.body.file).tokens
    before = [token.text for token in tokens[max(0, span[0] - 2) : span[0] + 2]]
    alone = any(pair == ("extern", '"C"') for pair in pairwise(before))
    return alone or any(a < span[0] < b for a, b in _extern_c(function.body.file))


@cache
def _extern_c(file: str) -> Sequence[tuple[int, int]]:
    source: Source = read_source(file)
    tokens = source.tokens
    return [
        (position + 2, source.closing(position + 2))
        for position in range(len(tokens) - 2)
        if tokens[position].text == "extern"
        and tokens[position + 1].text == '"C"'
        and tokens[position + 2].text == "{"
    ]
