"""Goes through a program's functions, and drafts the edits in each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.commands import CompileCommand
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.program import Program
from pyholdfast.check.written import word_at
from pyholdfast.migrate import c_scopes, guards, pep788
from pyholdfast.migrate.by_hand import REMEDY_IN_C, lines_for
from pyholdfast.migrate.class_index import ClassIndex
from pyholdfast.migrate.class_work import ClassWork
from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.include_graph import IncludeGraph
from pyholdfast.migrate.includes import add_include
from pyholdfast.migrate.languages import Languages
from pyholdfast.migrate.macros import Macros
from pyholdfast.migrate.migration import Migration
from pyholdfast.migrate.no_throw import NoThrow
from pyholdfast.migrate.optional_guards import OptionalGuard, read_optional, rewrite_optional
from pyholdfast.migrate.pairs import BEGINS, ENDS, Pair, check_uses, read_pair
from pyholdfast.migrate.refusal import REMEDIES, Refusal, RefusedError
from pyholdfast.migrate.removed import GONE, read_lock, rewrite_call, rewrite_lock

__all__ = ["TARGETS", "migrate"]

TARGETS = ("holdfast", "pep788", "c")
# Refusals that a std::optional of a guard may avoid.
_UNFIT = frozenset({"HF643", "HF644", "HF645"})


def migrate(
    program: Program,
    commands: Sequence[CompileCommand],
    files: Collection[str],
    target: str,
    unchecked: Collection[tuple[str, str]],
) -> Migration:
    """Draft the edits of some files.

    Args:
        program: the functions of these files and their includes.
        commands: how the sources are compiled.
        files: the files that may be rewritten.
        target: one of `TARGETS`.
        unchecked: file and name of functions that were not analysed.
    """
    work = _Work.of(program, commands, files, target)
    result = Migration()
    if target == "holdfast":
        work.class_work.run()
    elif target == "c":
        work.find_starts(files)
    for function in sorted(program.functions.values(), key=lambda f: f.body):
        concerned = [event for event in function.events if _is_concerned(event, target)]
        if not concerned:
            continue
        if function.body.file not in files:
            result.elsewhere += sum(event.name in BEGINS for event in concerned)
            continue
        if (function.body.file, function.shown.removesuffix("()")) in unchecked or (
            function.body.file, function.name) in unchecked:  # fmt: skip
            work.refuse(
                function, concerned[0], RefusedError("HF648", f"{function.shown} was not analysed")
            )
            continue
        concerned = [event for event in concerned if event.place not in work.class_work.covered]
        if concerned:
            work.rewrite(function, concerned)
    work.finish()
    result.drafts = [work.drafts[path] for path in sorted(work.drafts)]
    result.refusals = sorted({*work.refusals, *work.class_work.refusals})
    result.rewritten = work.rewritten + work.class_work.rewritten
    result.remarks = work.remarks()
    result.made = work.made()
    return result


def _is_concerned(event: Event, target: str) -> bool:
    if event.kind != "api":
        return False
    if _name(event) in GONE or event.name == "PyEval_ReleaseLock":
        return True
    begins = BEGINS.get(event.name) or ENDS.get(event.name)
    return begins is not None and (target != "pep788" or begins == "attach")


def _name(event: Event) -> str:
    """The name in the source: some removed calls are now macros for others."""
    written = word_at(event.place).removeprefix("::")
    return written if written in GONE else event.name


@dataclass(slots=True)
class _Work:
    program: Program
    target: str
    graph: IncludeGraph
    languages: Languages
    macros: Macros
    no_throw: NoThrow
    class_work: ClassWork
    drafts: dict[str, Draft] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    rewritten: int = 0
    throwing: list[tuple[Place, str]] = field(default_factory=list)
    _grounds: dict[Place, Ground | None] = field(default_factory=dict)
    _helped: set[str] = field(default_factory=set)
    _scoped: set[str] = field(default_factory=set)
    _starts: list[tuple[Function, Event]] = field(default_factory=list)
    _guarded: set[str] = field(default_factory=set)
    _optional: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        program: Program,
        commands: Sequence[CompileCommand],
        files: Collection[str],
        target: str,
    ) -> _Work:
        graph = IncludeGraph(commands)
        read = sorted({*graph.files, *(body.file for body in program.functions)})
        classes = ClassIndex(read)
        no_throw = NoThrow(program, classes)
        rewriting = ClassWork(program, classes, no_throw, files, lambda _: None, Draft.of)
        work = cls(program, target, graph, Languages(graph), Macros(read), no_throw, rewriting)
        rewriting.ground_of = work.ground
        rewriting.draft_of = work.draft
        return work

    def refuse(self, function: Function, event: Event, refused: RefusedError) -> None:
        kind = BEGINS.get(event.name) or ENDS.get(event.name) or ""
        lines = refused.lines or lines_for(
            refused.code, kind, function.shown,
            target=self.target, cplusplus=self.languages.is_cplusplus(function.body.file),
        )  # fmt: skip
        remedy = refused.remedy
        if self.target == "c" and lines and remedy == REMEDIES[refused.code] and kind:
            remedy = REMEDY_IN_C if refused.code != "HF647" else remedy
        self.refusals.append(
            Refusal(event.place, refused.code, refused.problem, remedy, tuple(lines))
        )

    def rewrite(self, function: Function, concerned: Sequence[Event]) -> None:
        """Draft the edits of one function."""
        ground = self.ground(function)
        if ground is None:
            refused = RefusedError("HF648", f"{function.shown} could not be followed")
            self.refuse(function, concerned[0], refused)
            return
        for event in concerned:
            if _name(event) in GONE and event.name != "PyEval_AcquireLock":
                self._attempt(ground, event, lambda e: self._call(ground, e))
            elif event.name == "PyEval_ReleaseLock":
                self._attempt(ground, event, lambda e: self._lock(ground, e))
        begins = [event for event in concerned if event.name in BEGINS]
        if function.name == function.owner:
            open_ = [e for e in begins if e.place not in ground.walk.effects.closed]
            for event in open_:
                self._attempt(ground, event, lambda e: self._constructor(ground, e))
            begins = [event for event in begins if event not in open_]
        self._pairs(ground, begins)
        if not function.name.startswith("~"):  # its constructor reports it
            self._lone_ends(ground, concerned)

    def find_starts(self, files: Collection[str]) -> None:
        """Find where the program starts Python, in the files that may be changed."""
        for function in sorted(self.program.functions.values(), key=lambda f: f.body):
            if function.body.file in files:
                self._starts += [
                    (function, e) for e in function.events if e.name in c_scopes.STARTS
                ]

    def finish(self) -> None:
        """Add what the edits need elsewhere: headers, and the library's knowledge of Python."""
        for function, event in self._starts if self._scoped else ():
            ground = self.ground(function)
            path = function.body.file
            if ground is not None and c_scopes.adopt(self.draft(path), ground, event):
                self._scoped.add(path)
            else:
                refused = RefusedError("HF649", f"{event.name}() is no statement of its own")
                self.refuse(function, event, refused)
        for path in sorted(self._scoped):
            add_include(self.drafts[path], self.graph, [c_scopes.HEADER])
        for path in sorted(self._guarded | self.class_work.guarded):
            lines = [guards.HEADER]
            if path in self._optional | self.class_work.optional:
                lines.append(guards.OPTIONAL)
            add_include(self.drafts[path], self.graph, lines)
        for path in sorted(self._helped):
            add_include(self.drafts[path], self.graph, [f'#include "{pep788.HEADER}"'])

    def made(self) -> dict[str, str]:
        """The headers that the changed files include, for each folder one."""
        folders = {Path(path).parent for path in self._helped}
        return {str(folder / pep788.HEADER): pep788.header_text() for folder in sorted(folders)}

    def remarks(self) -> list[tuple[Place, str]]:
        """What the user should know about the changes."""
        found = sorted(self.class_work.spanning)
        throwing = sorted([*self.throwing, *self.class_work.throwing])
        for place, what in throwing:
            found.append((place, f"{what} now throws closed_error if Python has ended"))
        return found

    def ground(self, function: Function) -> Ground | None:
        """A function with its statements; None if its text could not be followed."""
        if function.body not in self._grounds:
            body = self.program.body_of(function)
            made = None
            if body is not None:
                walk = self.program.walk(function, self.program.entry_of(function))
                cplusplus = self.languages.is_cplusplus(function.body.file)
                why = self.no_throw.why(function)
                made = Ground(walk, body, self.macros, why, cplusplus)
            self._grounds[function.body] = made
        return self._grounds[function.body]

    def draft(self, path: str) -> Draft:
        """The draft of a file."""
        if path not in self.drafts:
            self.drafts[path] = Draft.of(path)
        return self.drafts[path]

    def _attempt(self, ground: Ground, event: Event, work: Callable[[Event], None]) -> None:
        try:
            work(event)
        except RefusedError as refused:
            self.refuse(ground.walk.function, event, refused)

    def _call(self, ground: Ground, event: Event) -> None:
        draft = self.draft(ground.walk.function.body.file)
        self.rewritten += rewrite_call(draft, ground, event, _name(event))

    def _lock(self, ground: Ground, event: Event) -> None:
        lock = read_lock(ground, event)
        draft = self.draft(ground.walk.function.body.file)
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

    def _constructor(self, ground: Ground, event: Event) -> None:
        """Refuse a constructor whose pair no member of its class keeps."""
        owner = ground.walk.function.owner
        if self.target != "holdfast":
            raise RefusedError("HF647", f"a constructor of {owner} cannot say that it was refused")
        if not ground.is_cplusplus:
            raise self.languages.refusal(ground.walk.function.body.file)
        raise RefusedError("HF643", f"no member of {owner} alone keeps what {event.name}() returns")

    def _pairs(self, ground: Ground, begins: Sequence[Event]) -> None:
        found: dict[str, list[Pair]] = {}
        planned: set[str] = set()
        done: set[Place] = set()
        unread: list[tuple[Event, RefusedError]] = []
        for event in begins:
            try:
                pair = read_pair(ground, event)
                found.setdefault(pair.variable or f"line {event.place}", []).append(pair)
            except RefusedError as refused:
                unread.append((event, refused))
        for event, why in unread:
            if event.place not in done:
                done |= self._optionally(ground, [event], why, planned)
        for variable, pairs in found.items():
            left = [pair for pair in pairs if pair.event.place not in done]
            try:
                plans = self._plans(ground, variable, left, planned)
            except RefusedError as refused:
                events = [pair.event for pair in left]
                done |= self._optionally(ground, events, refused, planned)
                continue
            for pair, lines in plans:
                self._write(pair, lines)
            if self.target == "holdfast":
                self._drop_declarations(left)

    def _plans(
        self, ground: Ground, variable: str, pairs: Sequence[Pair], planned: set[str]
    ) -> list[tuple[Pair, list[str]]]:
        if pairs and not ground.is_cplusplus and self.target == "holdfast":
            raise self.languages.refusal(ground.walk.function.body.file)
        if pairs and pairs[0].variable:
            check_uses(pairs, variable)
        return [(pair, self._plan(pair, planned)) for pair in pairs]

    def _optionally(
        self, ground: Ground, events: Sequence[Event], refused: RefusedError, planned: set[str]
    ) -> frozenset[Place]:
        """Use a std::optional where a guard does not fit; the places that are done then."""
        plan: OptionalGuard | None = None
        if self.target == "holdfast" and refused.code in _UNFIT:
            try:
                plan = read_optional(ground, events[0], planned)
            except RefusedError as second:
                refused = second if second.code == "HF647" else refused
        if plan is None:
            for event in events:
                self.refuse(ground.walk.function, event, refused)
            return frozenset()
        path = ground.walk.function.body.file
        rewrite_optional(self.draft(path), ground, plan)
        self._guarded.add(path)
        self._optional.add(path)
        self.rewritten += len(plan.places)
        if plan.kind == "attach":
            self._note_throwing(ground)
        return plan.places

    def _plan(self, pair: Pair, planned: set[str]) -> list[str]:
        if self.target == "pep788":
            return pep788.plan(pair)
        if self.target == "c":
            c_scopes.demand_start(known=bool(self._starts))
            return c_scopes.plan(pair, planned)
        return guards.plan(pair, planned)

    def _write(self, pair: Pair, lines: list[str]) -> None:
        draft = self.draft(pair.ground.walk.function.body.file)
        if self.target == "pep788":
            pep788.rewrite(draft, pair, lines)
            self._helped.add(draft.path)
        elif self.target == "c":
            c_scopes.rewrite(draft, pair, lines)
            self._scoped.add(draft.path)
        else:
            guards.rewrite(draft, pair, lines)
            self._guarded.add(draft.path)
            if pair.kind == "attach" and not pair.ground.must_not_throw:
                self._note_throwing(pair.ground)
        self.rewritten += 1

    def _note_throwing(self, ground: Ground) -> None:
        function = ground.walk.function
        if (function.place, function.shown) not in self.throwing:
            self.throwing.append((function.place, function.shown))

    def _drop_declarations(self, pairs: Sequence[Pair]) -> None:
        for declaration in {
            p.declaration.start: p.declaration for p in pairs if p.declaration
        }.values():
            path = pairs[0].ground.walk.function.body.file
            self.draft(path).remove(declaration.start, declaration.stop)

    def _lone_ends(self, ground: Ground, concerned: Sequence[Event]) -> None:
        """Refuse calls that undo what another function began."""
        closed: set[Place] = set().union(*ground.walk.effects.closed.values())
        for event in concerned:
            if event.name in ENDS and event.place not in closed:
                shown = ground.walk.function.shown
                refused = RefusedError("HF642", f"{event.name}() undoes what {shown} did not begin")
                self.refuse(ground.walk.function, event, refused)
