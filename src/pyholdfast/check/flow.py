"""Follows a thread through one function, path by path.

Walks every path through the body with the states that a thread may be in; repeats loops until no
new state appears. A condition that is tested twice has the same result, so that

    if (foreign) state = PyGILState_Ensure();  ...  if (foreign) PyGILState_Release(state);

is one pair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pyholdfast.check.branches import Branches
from pyholdfast.check.c_interface import ATTACHING_BLOCK
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.conditions import States, asked_mode
from pyholdfast.check.event_places import events_by_token
from pyholdfast.check.expressions import Expressions, few
from pyholdfast.check.facts import Event
from pyholdfast.check.leaving import NONE, Exit, WaysOut, place_of
from pyholdfast.check.returned import ReturnedVariables
from pyholdfast.check.states import UNKNOWN, State, in_order
from pyholdfast.check.structure import Statement

__all__ = ["Walk"]

_ROUNDS = 6


@dataclass(slots=True)
class _Out:
    """Where control goes after a statement."""

    next: States = NONE
    leave: States = NONE  # break
    again: States = NONE  # continue


@dataclass(slots=True, kw_only=True)
class Walk(WaysOut):
    """A walk through one function from one state on entry.

    Attributes:
        body: the function's statements; None for a function in which nothing changes the state.
        controls: control flow that macros hide, by token, each kind with its place in the macro.
    """

    body: Statement | None
    controls: Mapping[int, Mapping[str, tuple[Place, ...]]] = field(default_factory=dict)
    _at: dict[int, list[Event]] = field(default_factory=dict)
    _labels: dict[str, States] = field(default_factory=dict)
    _branches: Branches | None = None
    _expressions: Expressions | None = None

    def run(self, entry: str, *, known: bool = True) -> None:
        """Walk the function; the problems are then in `effects`, the ways out in `exits`.

        Args:
            entry: the mode that the function is called in.
            known: whether that is known rather than assumed.
        """
        start = State(entry)
        self.effects.entry = entry if known else UNKNOWN
        opening = self.body.start if self.body is not None else 0
        expressions = Expressions(self.source, self.effects, opening, self._scope)
        self._expressions = expressions
        if self.body is None:
            self._run_in_order(start, expressions)
            return
        expressions.thrown = self._thrown_by
        self._at = events_by_token(self.source, self.function.events)
        returned = ReturnedVariables(self.source, self.body)
        self._branches = Branches(
            self.source,
            self.body,
            self._at,
            self.effects,
            expressions.variable_for,
            expressions.evaluate,
            returned,
        )
        expressions.at, expressions.branches = self._at, self._branches
        expressions.returned = returned
        self.effects.is_plain = self._branches.is_plain
        self.effects.is_guarded = self._branches.is_guarded
        begun: States = frozenset({start})
        initialised = min(self._at, default=self.body.start)
        if initialised < self.body.start:  # the constructor's member initialisers
            begun = self._evaluate(initialised, self.body.start, begun)
        for _ in range(_ROUNDS):
            before = dict(self._labels)
            self.exits.clear()
            out = self._walk(self.body, begun)
            end = place_of(self.function.body.file, self.source, self.body.stop - 1)
            self.exits += [Exit(state, end) for state in in_order(out.next)]
            if before == self._labels:
                break

    def _run_in_order(self, start: State, expressions: Expressions) -> None:
        """Apply the events of a function in which nothing changes the state."""
        states: States = frozenset({start})
        tried = {event.place for event in self.function.events if event.kind == "tried"}
        for event in self.function.events:
            if event.place not in tried and self.effects.may_throw(event):
                self.exits += [Exit(state, event.place, thrown=True) for state in in_order(states)]
            states = expressions.apply(event, states)
        self.exits += [Exit(state, self.function.body) for state in in_order(states)]

    # Statements

    def _walk(self, what: Statement, states: States) -> _Out:
        inner = _INNER.get(what.kind)
        if inner is not None:
            return inner(self, what, states)
        if what.kind == "label":
            return _Out(states | self._labels.get(what.name, NONE))
        if what.kind == "break":
            return _Out(leave=states)
        if what.kind == "continue":
            return _Out(again=states)
        return self._simple(what, states)

    def _simple(self, what: Statement, states: States) -> _Out:
        """A statement without statements in it."""
        if what.kind == "expression" and self._may_leave(what):
            return self._left_perhaps(what, states)
        if what.kind == "return" and self._asks_attached(what):
            states = self._tested_result(what, states)
        else:
            states = self._evaluate(what.start, what.stop, states) if states else NONE
        if what.kind == "expression":
            states = self._branches.flagged(what, states) if self._branches is not None else states
            if not states:
                return _Out()  # it calls what never returns
        if what.kind == "goto":
            self._labels[what.name] = self._labels.get(what.name, NONE) | states
            return _Out()
        if what.kind in {"return", "throw"}:
            if what.kind == "throw":
                self._throw(states, what.start)
            else:
                value = self._text(what.start + 1, what.stop).rstrip(";")
                self._leave(states, what.start, value)
            return _Out()
        return self._after_macros(what, states)

    def _asks_attached(self, what: Statement) -> bool:
        """Whether a return is like ``return PyGILState_Check() && PyErr_Occurred();``."""
        text = self._text(what.start + 1, what.stop).rstrip(";")
        return any(asked_mode(part, holds=True) for part in text.split("&&")[:-1])

    def _tested_result(self, what: Statement, states: States) -> States:
        """The states after such a return, whose test decides in which of them the rest is evaluated."""
        stop = what.stop - (self.source.tokens[what.stop - 1].text == ";")
        holds, fails = self._branch((what.start + 1, stop), states, what, remember=False)
        changes = any(
            what.start <= number < what.stop and any(map(self.effects.changes_state, events))
            for number, events in self._at.items()
        )
        return few(holds | fails) if changes else states

    def _may_leave(self, what: Statement) -> bool:
        """Whether a statement is a macro like ``if (failed) { ...; return NULL; }``, with calls."""
        hidden = self.controls.get(what.start, {})
        return (
            "if" in hidden
            and bool(hidden.keys() & {"return", "throw"})
            and any(self.effects.changes_state(event) for event in self._at.get(what.start, ()))
        )

    def _left_perhaps(self, what: Statement, states: States) -> _Out:
        """Past the macro's own condition, only what the macro does before it and after its return."""
        hidden = self.controls[what.start]
        first = hidden["if"]
        last = max(place for kind, place in hidden.items() if kind in {"return", "throw"})
        events = self._at[what.start]
        before = [event for event in events if event.order[:1] < first[:1]]
        after = [event for event in events if last and event.order[:1] > last[:1]]
        for event in before:
            states = self._expressions.apply(event, states) if self._expressions else states
        self._at[what.start] = [event for event in events if event not in before + after]
        out = self._after_macros(what, self._evaluate(what.start, what.stop, states))
        self._at[what.start] = after
        passed = self._evaluate(what.start, what.stop, states) if after else states
        self._at[what.start] = events
        return _Out(passed, out.leave, out.again)

    def _after_macros(self, what: Statement, states: States) -> _Out:
        """Apply control flow that macros in an expression hide: returns and gotos."""
        out = _Out(states)
        for position in range(what.start, what.stop):
            for hidden in self.controls.get(position, ()):
                if hidden == "return":
                    self._leave(states, position)
                elif hidden == "throw":
                    self._throw(states, position)
                elif hidden == "break":
                    out.leave |= states
                elif hidden == "continue":
                    out.again |= states
            hiding = self.controls.get(position, {})
            if hiding.keys() & {"return", "throw"} and "if" not in hiding:
                out.next = NONE
        return out

    def _block(self, what: Statement, states: States) -> _Out:
        scope = (what.start, what.stop)
        self._scopes.append(scope)
        out = _Out(states)
        for part in what.parts:
            inner = self._walk(part, out.next)
            out = _Out(few(inner.next), out.leave | inner.leave, out.again | inner.again)
        self._scopes.pop()
        return _Out(self._unwind(out.next, scope), self._unwind(out.leave, scope),
                    self._unwind(out.again, scope))  # fmt: skip

    def _inner(self, what: Statement, states: States) -> _Out:
        """The statement of an if or a loop: a variable in it ends with it, braces or not."""
        whole = Statement("block", what.start, what.stop, parts=[what])
        return self._walk(what if what.kind == "block" else whole, states)

    def _if(self, what: Statement, states: States) -> _Out:
        holds_in, fails_in = self._branch(what.condition, states, what)
        holds = self._inner(what.parts[0], holds_in)
        fails = self._inner(what.parts[1], fails_in) if len(what.parts) > 1 else _Out(fails_in)
        return _Out(holds.next | fails.next, holds.leave | fails.leave, holds.again | fails.again)

    def _attached_block(self, what: Statement, states: States) -> _Out:
        """A block that is attached, and is skipped if the thread is refused; break leaves it."""
        body = what.parts[0]
        place = place_of(self.function.body.file, self.source, what.start)
        begin = Event("attach", ATTACHING_BLOCK, place, place)
        inside: set[State] = set()
        for state in in_order(states):
            inside |= self.effects.apply(begin, state, (body.start, body.stop), "")
        out = self._walk(body, frozenset(inside))
        return _Out(few(out.next | out.leave | out.again | states))

    def _loop(self, what: Statement, states: States) -> _Out:
        if self.source.tokens[what.start].text == ATTACHING_BLOCK:
            return self._attached_block(what, states)
        body, seen, done = what.parts[0], states, NONE
        endless = what.kind == "loop" and self._is_endless(what)
        if what.kind == "loop":
            seen, fails = self._branch(what.condition, states, what, remember=False)
            done |= NONE if endless else fails
        for _ in range(_ROUNDS):
            out = self._inner(body, seen)
            done |= out.leave
            around, fails = self._branch(what.condition, out.next | out.again, what, remember=False)
            done |= NONE if endless else fails
            if around <= seen:
                break
            seen = few(seen | around)
        return _Out(few(done))

    def _branch(
        self, condition: tuple[int, int], states: States, what: Statement, *, remember: bool = True
    ) -> tuple[States, States]:
        if self._branches is None or condition[0] >= condition[1]:
            states = self._evaluate(*condition, states)
            return states, states
        return self._branches.branch(*condition, states, what, remember=remember)

    def _is_endless(self, what: Statement) -> bool:
        head = self._text(*what.condition)
        return head in {"1", "true", ";;"}

    def _switch(self, what: Statement, states: States) -> _Out:
        states = self._evaluate(*what.condition, states)
        body = what.parts[0]
        out = _Out()
        current: States = NONE
        default = False
        scope = (body.start, body.stop)
        self._scopes.append(scope)
        for part in body.parts if body.kind == "block" else [body]:
            if part.kind == "case":
                current |= states
                default |= self.source.tokens[part.start].text == "default"
                continue
            inner = self._walk(part, current)
            current = few(inner.next)
            out.leave |= inner.leave
            out.again |= inner.again
        self._scopes.pop()
        rest = NONE if default else states
        done = self._unwind(current | out.leave, scope) | rest
        return _Out(done, again=self._unwind(out.again, scope))

    def _try(self, what: Statement, states: States) -> _Out:
        caught: set[State] = set(states)
        self._catching.append(caught)
        out = self._walk(what.parts[0], states)
        self._catching.pop()
        scope = (what.parts[0].start, what.parts[0].stop)
        entered = few(self._unwind(frozenset(caught) | out.next, scope))
        for handler in what.parts[1:]:
            inner = self._walk(handler, entered)
            out = _Out(out.next | inner.next, out.leave | inner.leave, out.again | inner.again)
        return out

    def _evaluate(self, start: int, stop: int, states: States) -> States:
        return self._expressions.evaluate(start, stop, states) if self._expressions else states

    def _text(self, start: int, stop: int) -> str:
        return "".join(token.text for token in self.source.tokens[start:stop])


_INNER: Mapping[str, Callable[[Walk, Statement, States], _Out]] = MappingProxyType(
    {
        "block": Walk._block,  # noqa: SLF001 - part of the class Walk
        "if": Walk._if,  # noqa: SLF001
        "loop": Walk._loop,  # noqa: SLF001
        "do": Walk._loop,  # noqa: SLF001
        "switch": Walk._switch,  # noqa: SLF001
        "try": Walk._try,  # noqa: SLF001
    }
)
