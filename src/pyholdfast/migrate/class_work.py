"""Goes through a program's classes that keep the state of a pair, and rewrites them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.program import Program
from pyholdfast.check.tokens import read_source
from pyholdfast.migrate.by_hand import lines_for
from pyholdfast.migrate.class_index import ClassIndex, ClassText
from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.guard_classes import (
    StateMember,
    check_outside,
    is_plain,
    members_of,
    read_uses,
    rewrite_member,
)
from pyholdfast.migrate.guard_users import (
    User,
    add_constructor,
    check_constructor,
    demand_throwing,
    read_users,
    rewrite_user,
)
from pyholdfast.migrate.no_throw import NoThrow
from pyholdfast.migrate.pairs import BEGINS, check_free_of_findings
from pyholdfast.migrate.refusal import REMEDIES, Refusal, RefusedError

__all__ = ["ClassWork"]


@dataclass(slots=True)
class ClassWork:
    """Rewrites classes, and keeps what became of them.

    Attributes:
        program: all functions.
        classes: all classes.
        no_throw: the functions that must not throw.
        files: the files that may be rewritten.
        ground_of: the ground of a function.
        draft_of: the draft of a file.
        covered: places of calls that belong to a class, rewritten or not.
        refusals: classes that stay, one for each call that begins.
        rewritten: number of calls that began a pair.
        optional: files that need ``<optional>``.
        guarded: files that need holdfast's header.
        spanning: what to say about guards that begin and end in different functions.
        throwing: classes whose constructor throws if Python has ended.
    """

    program: Program
    classes: ClassIndex
    no_throw: NoThrow
    files: Collection[str]
    ground_of: Callable[[Function], Ground | None]
    draft_of: Callable[[str], Draft]
    covered: set[Place] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    rewritten: int = 0
    optional: set[str] = field(default_factory=set)
    guarded: set[str] = field(default_factory=set)
    spanning: list[tuple[Place, str]] = field(default_factory=list)
    throwing: list[tuple[Place, str]] = field(default_factory=list)

    def run(self) -> None:
        """Rewrite each class that can be."""
        events = {
            event.place: event
            for function in self.program.functions.values()
            for event in function.events
            if event.kind == "api"
        }
        for owner in self.classes.all():
            for member in members_of(owner):
                self._member(owner, member, events)

    def _member(self, owner: ClassText, member: StateMember, events: dict[Place, Event]) -> None:
        functions = [f for f in self.program.functions.values() if f.owner == owner.name]
        begun = [event for f in functions for event in f.events
                 if event.name in BEGINS and BEGINS[event.name] == member.kind]  # fmt: skip
        try:
            read_uses(member, functions)
        except RefusedError as refused:
            self._refuse_all(member, [e for e in begun if _keeps(e, member)], refused)
            return
        calls = [_call_place(file, number) for file, number in member.calls()]
        begins = [events[place] for place in calls if place in events and events[place] in begun]
        if not begins:
            return
        self.covered.update(calls)
        try:
            self._rewrite(member, functions, begins)
        except RefusedError as refused:
            self._refuse_all(member, begins, refused)

    def _refuse_all(self, member: StateMember, begins: list[Event], refused: RefusedError) -> None:
        self.covered.update(_call_place(file, number) for file, number in member.calls())
        lines: Sequence[str] = refused.lines
        if not lines and refused.remedy == REMEDIES[refused.code]:
            shown = member.owner.name
            lines = lines_for(refused.code, member.kind, shown, target="holdfast", cplusplus=True)
        for event in begins:
            self.covered.add(event.place)
            if event.place.file in self.files:
                self.refusals.append(
                    Refusal(
                        event.place, refused.code, refused.problem, refused.remedy, tuple(lines)
                    )
                )

    def _rewrite(self, member: StateMember, functions: list[Function], begins: list[Event]) -> None:
        owner = member.owner
        if len(self.classes.named(owner.name)) > 1:
            raise RefusedError("HF643", f"there are several classes {owner.name}")
        if not member.of("end"):
            raise RefusedError("HF642", f"{begins[0].name}() is not undone in {owner.name}")
        files = {file for file, _ in member.uses}
        self._demand_named(owner, files)
        check_outside(member, self.classes.files)
        for function in functions:
            ground = self.ground_of(function) if _has_call(function, member) else None
            if ground is not None:
                check_free_of_findings(ground)
        plain = is_plain(member, functions)
        users: list[User] = []
        maker = None
        if member.kind == "attach":
            demand_throwing(member, functions)
            users = read_users(member, self.program, self.classes, self.no_throw, self.ground_of)
            self._check_methods(member, functions, begins, plain=plain)
        if users:
            maker = check_constructor(member, functions)
            self._demand_named(owner, {user.file for user in users})
        drafts = {file: self.draft_of(file) for file in {*files, *(u.file for u in users)}}
        rewrite_member(drafts, member, plain=plain)
        if maker is not None:
            add_constructor(drafts, member, maker, plain=plain)
        for user in users:
            rewrite_user(drafts[user.file], user, owner.name)
        self.guarded.add(owner.file)
        if not plain:
            self.optional.add(owner.file)
        self.rewritten += len(begins)
        self._remark(member, functions, begins, plain=plain)

    def _remark(
        self, member: StateMember, functions: list[Function], begins: list[Event], *, plain: bool
    ) -> None:
        owner = member.owner
        place = _place(owner.file, member.of("declaration")[0][1].start)
        if not plain:
            first = next(f for f in functions if begins[0] in f.events)
            text = (
                f"'{member.name}' of {owner.name} begins in {first.shown} and may end in another"
                " function: both must run on one thread"
            )
            self.spanning.append((place, text))
        if member.kind == "attach":
            self.throwing.append((place, f"the constructor of {owner.name}"))

    def _check_methods(
        self, member: StateMember, functions: list[Function], begins: list[Event], *, plain: bool
    ) -> None:
        """Check that no function but a constructor attaches where nothing may be thrown."""
        if plain:
            return
        for function in functions:
            why = self.no_throw.why(function)
            if function.name != member.owner.name and why and set(begins) & set(function.events):
                raise RefusedError("HF647", f"{function.shown} must not throw: {why}")

    def _demand_named(self, owner: ClassText, files: Collection[str]) -> None:
        missing = sorted(set(files) - set(self.files))
        if missing:
            raise RefusedError(
                "HF643",
                f"{owner.name} is also in '{missing[0]}', which was not named",
                "name that file, too: only files that are named are changed",
            )


def _call_place(file: str, number: int) -> Place:
    """The place of a call, which begins with ``::`` if the name is written that way."""
    tokens = read_source(file).tokens
    return _place(file, number - (tokens[number - 1].text == "::"))


def _place(file: str, number: int) -> Place:
    token = read_source(file).tokens[number]
    return Place(file, token.line, token.column)


def _keeps(event: Event, member: StateMember) -> bool:
    """Whether a call's result goes to the member, as its text says."""
    source = read_source(event.place.file)
    number = source.at(event.place.line, event.place.column)
    if number is None:
        return False
    before = [token.text for token in source.tokens[max(0, number - 3) : number]]
    return before[-2:] in ([member.name, "="], [member.name, "("], [member.name, "{"]) or (
        before == [member.name, "=", "::"]
    )


def _has_call(function: Function, member: StateMember) -> bool:
    calls = {_call_place(file, number) for file, number in member.calls()}
    return any(event.place in calls for event in function.events)
