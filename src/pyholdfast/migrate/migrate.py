"""Goes through a program's functions, and drafts the edits in each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, Function, word_at
from pyholdfast.check.program import Program
from pyholdfast.migrate import guards, pep788
from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.guard_classes import read_class, rewrite_class
from pyholdfast.migrate.includes import add_helper, add_include
from pyholdfast.migrate.pairs import BEGINS, ENDS, Pair, check_uses, read_pair
from pyholdfast.migrate.refusal import Refusal, RefusedError
from pyholdfast.migrate.removed import GONE, read_lock, rewrite_call, rewrite_lock

__all__ = ["TARGETS", "Migration", "migrate"]

TARGETS = ("holdfast", "pep788")
HELPER = "attach_to_main"


@dataclass(slots=True)
class Migration:
    """The result: edits and refusals.

    Attributes:
        drafts: files with edits, in the order of their paths.
        refusals: what stays as it is, ordered by place.
        rewritten: number of pairs, guard classes and single calls that change.
        elsewhere: number of pairs in files that were included, not named.
    """

    drafts: list[Draft] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    rewritten: int = 0
    elsewhere: int = 0


def migrate(
    program: Program, files: Collection[str], target: str, unchecked: Collection[tuple[str, str]]
) -> Migration:
    """Draft the edits of some files.

    Args:
        program: the functions of these files and their includes.
        files: the files that may be rewritten.
        target: one of `TARGETS`.
        unchecked: file and name of functions that were not analysed.
    """
    work = _Work(program, target)
    result = Migration()
    for function in sorted(program.functions.values(), key=lambda f: f.body):
        concerned = [event for event in function.events if _is_concerned(event, target)]
        if not concerned:
            continue
        if function.body.file not in files:
            result.elsewhere += sum(event.name in BEGINS for event in concerned)
        elif (function.body.file, function.shown.removesuffix("()")) in unchecked or (
            function.body.file, function.name) in unchecked:  # fmt: skip
            work.refuse(concerned[0], "HF648", f"{function.shown} was not analysed")
        else:
            work.rewrite(function, concerned)
    work.finish()
    result.drafts = [work.drafts[path] for path in sorted(work.drafts)]
    result.refusals = sorted(set(work.refusals))
    result.rewritten = work.rewritten
    return result


def _is_concerned(event: Event, target: str) -> bool:
    if event.kind != "api":
        return False
    if _name(event) in GONE or event.name == "PyEval_ReleaseLock":
        return True
    begins = BEGINS.get(event.name) or ENDS.get(event.name)
    return begins is not None and (target == "holdfast" or begins == "attach")


def _name(event: Event) -> str:
    """The name in the source: some removed calls are now macros for others."""
    written = word_at(event.place).removeprefix("::")
    return written if written in GONE else event.name


@dataclass(slots=True)
class _Work:
    program: Program
    target: str
    drafts: dict[str, Draft] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    rewritten: int = 0
    _helped: dict[str, str] = field(default_factory=dict)
    _guarded: set[str] = field(default_factory=set)

    def refuse(self, event: Event, code: str, problem: str) -> None:
        self.refusals.append(Refusal(event.place, code, problem))

    def rewrite(self, function: Function, concerned: Sequence[Event]) -> None:
        """Draft the edits of one function."""
        ground = self._ground(function)
        if ground is None:
            self.refuse(concerned[0], "HF648", f"{function.shown} could not be followed")
            return
        for event in concerned:
            if _name(event) in GONE and event.name != "PyEval_AcquireLock":
                self._attempt(event, lambda e: self._call(ground, e))
            elif event.name == "PyEval_ReleaseLock":
                self._attempt(event, lambda e: self._lock(ground, e))
        begins = [event for event in concerned if event.name in BEGINS]
        if function.name == function.owner:
            open_ = [e for e in begins if e.place not in ground.walk.effects.closed]
            for event in open_:
                self._attempt(event, lambda e: self._class(ground, e))
            begins = [event for event in begins if event not in open_]
        self._pairs(ground, begins)
        if not function.name.startswith("~"):  # its constructor reports it
            self._lone_ends(ground, concerned)

    def finish(self) -> None:
        """Add what the edits of a file need at its top."""
        for path in self._guarded:
            add_include(self.drafts[path], guards.HEADER)
        for path, name in self._helped.items():
            add_helper(self.drafts[path], pep788.helper(name))

    def _ground(self, function: Function) -> Ground | None:
        body = self.program.body_of(function)
        if body is None:
            return None
        return Ground(self.program.walk(function, self.program.entry_of(function)), body)

    def _draft(self, ground: Ground) -> Draft:
        path = ground.walk.function.body.file
        if path not in self.drafts:
            self.drafts[path] = Draft.of(path)
        return self.drafts[path]

    def _attempt(self, event: Event, work: Callable[[Event], None]) -> None:
        try:
            work(event)
        except RefusedError as refused:
            self.refuse(event, refused.code, refused.problem)

    def _call(self, ground: Ground, event: Event) -> None:
        self.rewritten += rewrite_call(self._draft(ground), ground, event, _name(event))

    def _lock(self, ground: Ground, event: Event) -> None:
        lock = read_lock(ground, event)
        draft = self._draft(ground)
        for statement in lock.beside:
            draft.remove(statement.start, statement.stop)
        if self.target == "holdfast":
            try:
                self._write(lock.pair, guards.plan(lock.pair, set()))
            except RefusedError:
                pass  # it is rewritten as a save and a restore
            else:
                return
        rewrite_lock(draft, lock)
        self.rewritten += 1

    def _class(self, ground: Ground, event: Event) -> None:
        owner = ground.walk.function.owner
        if self.target == "pep788":
            raise RefusedError("HF647", f"a constructor of {owner} cannot say that it was refused")
        if not ground.is_cplusplus:
            raise RefusedError("HF641", "holdfast's guards are C++, and this is a C file")
        members = [f for f in self.program.functions.values() if f.owner == owner]
        grounds = [g for g in map(self._ground, members) if g is not None]
        enders = [g for g in grounds if g.walk.function.name == f"~{owner}"]
        if len(enders) != 1:
            raise RefusedError("HF642", f"{event.name}() is not undone by a destructor of {owner}")
        file = ground.walk.function.body.file
        ends = {ground.walk.function.body, enders[0].walk.function.body}
        others = [g for g in grounds if g.walk.function.body not in ends
                  and g.walk.function.body.file == file]  # fmt: skip
        rewrite_class(self._draft(ground), read_class(ground, enders[0], others, event))
        self._guarded.add(file)
        self.rewritten += 1

    def _pairs(self, ground: Ground, begins: Sequence[Event]) -> None:
        found: dict[str, list[Pair]] = {}
        for event in begins:
            try:
                pair = read_pair(ground, event)
                found.setdefault(pair.variable or f"line {event.place}", []).append(pair)
            except RefusedError as refused:
                self.refuse(event, refused.code, refused.problem)
        planned: set[str] = set()
        for variable, pairs in found.items():
            try:
                if pairs[0].variable:
                    check_uses(pairs, variable)
                plans = [(pair, self._plan(pair, planned)) for pair in pairs]
            except RefusedError as refused:
                for pair in pairs:
                    self.refuse(pair.event, refused.code, refused.problem)
                continue
            for pair, lines in plans:
                self._write(pair, lines)
            if self.target == "holdfast":
                self._drop_declarations(pairs)

    def _plan(self, pair: Pair, planned: set[str]) -> list[str]:
        return pep788.plan(pair) if self.target == "pep788" else guards.plan(pair, planned)

    def _write(self, pair: Pair, lines: list[str]) -> None:
        draft = self._draft(pair.ground)
        if self.target == "pep788":
            name = self._helped.setdefault(draft.path, _unused_in(draft, HELPER))
            pep788.rewrite(draft, pair, lines, name)
        else:
            guards.rewrite(draft, pair, lines)
            self._guarded.add(draft.path)
        self.rewritten += 1

    def _drop_declarations(self, pairs: Sequence[Pair]) -> None:
        for declaration in {
            p.declaration.start: p.declaration for p in pairs if p.declaration
        }.values():
            self._draft(pairs[0].ground).remove(declaration.start, declaration.stop)

    def _lone_ends(self, ground: Ground, concerned: Sequence[Event]) -> None:
        """Refuse calls that undo what another function began."""
        closed: set[Place] = set().union(*ground.walk.effects.closed.values())
        for event in concerned:
            if event.name in ENDS and event.place not in closed:
                shown = ground.walk.function.shown
                self.refuse(event, "HF642", f"{event.name}() undoes what {shown} did not begin")


def _unused_in(draft: Draft, name: str) -> str:
    words = {token.text for token in draft.source.tokens}
    number, found = 1, name
    while found in words:
        number += 1
        found = f"{name}_{number}"
    return found
