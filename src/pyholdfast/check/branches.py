"""Which states reach the two sides of a condition.

``a || b`` and ``a && b`` are two tests, as in the program: b is evaluated only where a leaves it open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pyholdfast.check.api import kind_of
from pyholdfast.check.conditions import (
    States,
    asked_mode,
    begin_of_repeated,
    consistent,
    is_testable,
    refined,
    tested,
    without_refused,
)
from pyholdfast.check.facts import Event
from pyholdfast.check.macro_conditions import is_for_its_argument
from pyholdfast.check.neighbours import argument_of
from pyholdfast.check.results import constant, simplified, without_contradiction
from pyholdfast.check.returned import ReturnedVariables
from pyholdfast.check.structure import Statement
from pyholdfast.check.tokens import Source
from pyholdfast.check.transitions import Effects

__all__ = ["Branches"]


@dataclass(slots=True)
class Branches:
    """Decides conditions in one function.

    Attributes:
        source: the file's tokens.
        body: the function's statements.
        at: the events by token.
        effects: what events do.
        token_of: the variable for the result of a call.
        evaluate: applies the events of a range of tokens.
        returned: the variables that the function returns.
    """

    source: Source
    body: Statement
    at: Mapping[int, list[Event]]
    effects: Effects
    token_of: Callable[[Event], str]
    evaluate: Callable[[int, int, States], States]
    returned: ReturnedVariables
    _flags: dict[str, bool] = field(default_factory=dict)

    def branch(
        self, start: int, stop: int, states: States, what: Statement, *, remember: bool = True
    ) -> tuple[States, States]:
        """The states where a condition holds, and where it does not.

        Args:
            start: first token of the condition.
            stop: one after its last.
            states: before the condition.
            what: the statement whose condition it is.
            remember: whether a later test of the same condition has the same result.
        """
        tokens = self.source.tokens
        while tokens[start].text == "(" and self.source.closing(start, stop) == stop - 1 > start:
            start, stop = start + 1, stop - 1
        negated = tokens[start].text == "!" and tokens[start + 1].text == "("
        if negated and self.source.closing(start + 1, stop) == stop - 1:
            yes, no = self.branch(start + 2, stop - 1, states, what, remember=remember)
            return no, yes
        cut = self._operator(start, stop)
        if cut is None:
            states = self.evaluate(start, stop, states)
            text = self.text(start, stop)
            return (
                self.given(states, text, what, holds=True, remember=remember),
                self.given(states, text, what, holds=False, remember=remember),
            )
        first, first_not = self.branch(start, cut, states, what, remember=remember)
        if tokens[cut].text == "||":
            second, neither = self.branch(cut + 1, stop, first_not, what, remember=remember)
            return first | second, neither
        both, second_not = self.branch(cut + 1, stop, first, what, remember=remember)
        return both, first_not | second_not

    def _operator(self, start: int, stop: int) -> int | None:
        """The last ``||`` outside of brackets, or else the last ``&&``; None in other expressions."""
        found: dict[str, int] = {}
        position = start
        while position < stop:
            token = self.source.tokens[position]
            if token.kind == "mark" and token.text in {"(", "[", "{"}:
                position = self.source.closing(position, stop)
            elif token.text in {"?", ";", "="}:
                return None
            elif token.text in {"||", "&&", "or", "and"} and start < position < stop - 1:
                found["||" if token.text in {"||", "or"} else "&&"] = position
            position += 1
        return found.get("||", found.get("&&"))

    def text(self, start: int, stop: int) -> str:
        """The tokens of a range, without spaces."""
        return "".join(token.text for token in self.source.tokens[start:stop])

    def given(
        self, states: States, text: str, what: Statement, *, holds: bool, remember: bool = True
    ) -> States:
        """The states in which a condition has a result."""
        mode = asked_mode(text, holds=holds)
        if mode:
            return refined(states, mode)
        states = without_contradiction(states, text, holds=holds)
        states = self._with_saved(without_refused(states, text, holds=holds), text, holds=holds)
        if not remember:
            return states
        if not is_testable(text) or not self._changes_state(what):
            return consistent(states, text, holds=holds)
        states = self.returned.tested(states, text, holds=holds)
        condition = (text.lstrip("!"), holds != text.startswith("!"))
        kept = consistent(states, text, holds=holds)
        if self._is_assigned_after(condition[0], what):
            return kept
        return frozenset(replace(state, assumed=state.assumed | {condition}) for state in kept)

    def flagged(self, what: Statement, states: States) -> States:
        """The states after ``held = true;``, which a later test of the flag remembers."""
        tokens = self.source.tokens
        if what.stop - what.start < 4:  # noqa: PLR2004 - name, =, constant, semicolon
            return states
        name, sign, value, end = (token.text for token in tokens[what.stop - 4 : what.stop])
        number = constant(value)
        if sign != "=" or end != ";" or number is None or not self._is_flag(name):
            return states
        done = set()
        for state in states:
            kept = frozenset(item for item in state.assumed if item[0] != name)
            done.add(replace(state, assumed=kept | {(name, number != 0)}))
        return frozenset(done)

    def _is_flag(self, name: str) -> bool:
        """Whether a variable only ever gets constants in this function, and is tested by its name."""
        if name not in self._flags:
            tokens, body = self.source.tokens, self.body
            places = [n for n in range(body.start, body.stop - 3) if tokens[n].text == name]
            given = [n for n in places if tokens[n + 1].text in {"=", "++", "--", "|=", "&=", "+="}]
            self._flags[name] = (
                len(places) > len(given)
                and not any(tokens[n - 1].text in {"&", "++", "--", ".", "->"} for n in places)
                and all(
                    tokens[n + 1].text == "="
                    and constant(tokens[n + 2].text) is not None
                    and tokens[n + 3].text == ";"
                    for n in given
                )
            )
        return self._flags[name]

    def is_plain(self, event: Event) -> bool:
        """Whether every use of a call's result is one that is understood here.

        It is a condition, or returned, or dropped; or a variable for it is first read in a condition.
        """
        number = self.source.at(event.place.line, event.place.column)
        if number is None:
            return False
        around = _innermost(self.body, number)
        if around.condition[0] <= number < around.condition[1] or around.kind == "return":
            return _is_alone(self.source, number, *(around.condition if around.kind != "return"
                                                    else (around.start + 1, around.stop)))  # fmt: skip
        if around.kind != "expression" or not self._is_whole(number, around):
            return False
        variable = self.token_of(event)
        if not variable:
            return True
        tokens = self.source.tokens
        uses = [n for n in range(around.stop, self.body.stop) if tokens[n].text == variable]
        if uses and self._is_tested(
            uses[0]
        ):  # what follows the test may use the result as it likes
            return all(self._is_tested(n) or tokens[n + 1].text != "=" for n in uses)
        return not uses

    def is_guarded(self, event: Event) -> bool:
        """Whether a call stands in ``if (saved) PyEval_RestoreThread(saved);``, maybe in a macro."""
        if is_for_its_argument(event):
            return True
        number = self.source.at(event.place.line, event.place.column)
        argument = argument_of(self.source, event.place)
        what: Statement | None = self.body
        while number is not None and argument and what is not None:
            inner = next((p for p in what.parts if p.start <= number < p.stop), None)
            if what.kind == "if" and inner is what.parts[0]:
                text = self.text(*what.condition)
                if re.fullmatch(rf"{re.escape(argument)}(?:!=(?:NULL|nullptr|0))?", text):
                    return True
            what = inner
        return False

    def _is_whole(self, number: int, around: Statement) -> bool:
        """Whether a statement is the call, or the assignment of its result."""
        tokens = self.source.tokens
        head = [token.text for token in tokens[around.start : number]]
        while head and head[-1] in {"::", "->", "."}:
            head = head[:-2]
        if head[:1] == ["("]:
            head = head[head.index(")") + 1 :]
        if head and (head[-1] != "=" or any(mark in head for mark in ("(", "?", "&&", "||"))):
            return False
        opening = next((n for n in range(number, around.stop) if tokens[n].text == "("), None)
        if opening is None:
            return tokens[number + 1].text == ";"
        return tokens[self.source.closing(opening) + 1].text in {";", "}"}

    def _is_tested(self, number: int) -> bool:
        around = _innermost(self.body, number)
        return around.condition[0] <= number < around.condition[1] or around.kind == "return"

    def _with_saved(self, states: States, text: str, *, holds: bool) -> States:
        """A variable for a saved state is null as long as nothing is saved."""
        name = tested(text, null=not holds)
        if not name or not self._is_for_saved(name):
            return states
        return frozenset(
            state
            for state in states
            if any(entry.kind == "saved" and entry.refusable == name for entry in state.open)
        )

    def _is_for_saved(self, name: str) -> bool:
        """Whether a local variable receives the result of PyEval_SaveThread()."""
        tokens, body = self.source.tokens, self.body
        words = [token.text for token in tokens[body.start : body.stop]]
        places = [n for n, word in enumerate(words) if word == name]
        declared = any("PyThreadState" in words[max(0, n - 3) : n] for n in places)
        return declared and any(
            self.token_of(event) == name and kind_of(event.name) == "save"
            for events in self.at.values()
            for event in events
            if event.kind == "api"
        )

    def _changes_state(self, what: Statement) -> bool:
        return any(
            what.start <= number < what.stop
            and any(self.effects.changes_state(event) for event in events)
            for number, events in self.at.items()
        )

    def _is_assigned_after(self, text: str, what: Statement) -> bool:
        """Whether a variable of a condition may be assigned after the test."""
        words = set(re.findall(r"[A-Za-z_]\w*", text))
        tokens = self.source.tokens
        begin = begin_of_repeated(self.body, what)
        return any(
            tokens[position].text in words and tokens[position + 1].text in {"=", "++", "--"}
            for position in range(begin, self.body.stop - 1)
        )


def _innermost(what: Statement, number: int) -> Statement:
    for part in what.parts:
        if part.start <= number < part.stop:
            return _innermost(part, number)
    return what


def _is_alone(source: Source, number: int, start: int, stop: int) -> bool:
    """Whether a call stands in no argument of another call, within a condition."""
    depth = 0
    for position in range(number - 1, start - 1, -1):
        text = source.tokens[position].text
        depth += (text in {")", "]"}) - (text in {"(", "["})
        if depth < 0:
            before = source.tokens[position - 1] if position > start else None
            if (
                before is not None
                and before.kind == "word"
                and simplified(f"{before.text}(x)") == before.text
            ):
                return False
            depth = 0
    return stop > number
