"""Functions that construct a guard class and must not throw.

The class gets a second constructor, which does not throw, and such a function tests the guard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from pyholdfast.check.facts import Event, Function
from pyholdfast.check.program import Program
from pyholdfast.check.structure import Statement
from pyholdfast.check.tokens import Source, read_source
from pyholdfast.migrate.class_index import ClassIndex, ClassText
from pyholdfast.migrate.draft import UNIT, Draft
from pyholdfast.migrate.function_text import head_of, span_of
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.guard_classes import StateMember, direct_tokens
from pyholdfast.migrate.member_uses import Use
from pyholdfast.migrate.no_throw import NoThrow
from pyholdfast.migrate.refusal import RefusedError

__all__ = [
    "User",
    "add_constructor",
    "check_constructor",
    "demand_throwing",
    "read_users",
    "rewrite_user",
]

_MOST = 3  # users in a message


@dataclass(frozen=True, slots=True)
class User:
    """A variable of the class in a function that must not throw.

    Attributes:
        file: the file.
        statement: its declaration.
        name: the variable.
        qualifier: ``const``, if it was declared with it.
        leave: the statement by which the function ends if the guard was refused.
    """

    file: str
    statement: Statement
    name: str
    qualifier: str
    leave: str


def read_users(
    member: StateMember,
    program: Program,
    classes: ClassIndex,
    no_throw: NoThrow,
    ground_of: Callable[[Function], Ground | None],
) -> list[User]:
    """The users that must not throw.

    Raises:
        RefusedError: HF647 if one of them cannot be rewritten.
    """
    found: list[User] = []
    wrong: list[str] = []
    holders = _holders(member, classes)
    for function in sorted(program.functions.values(), key=lambda f: f.body):
        why = no_throw.why(function)
        if not why:
            continue
        made = [event for event in function.events if _constructs(program, event, member)]
        ground = ground_of(function) if made else None
        known: list[User] = []
        lines = [event.place.line for event in function.events
                 if event.kind in {"local", "construct"} and event.name in holders]  # fmt: skip
        for event in made:
            user = _user(ground, event, member.owner.name) if ground is not None else None
            if user is None:
                lines.append(event.place.line)
            elif user not in known:
                known.append(user)
        lines += _other_mentions(function, member, holders, known)
        wrong += [f"line {line}: {function.shown} must not throw ({why})"
                  for line in sorted(set(lines))]  # fmt: skip
        found += known
    if wrong:
        more = f", and {len(wrong) - _MOST} more" if len(wrong) > _MOST else ""
        raise RefusedError(
            "HF647",
            f"{member.owner.name} is used where what to do without Python is not known:"
            f" {'; '.join(wrong[:_MOST])}{more}",
            lines=by_hand(member),
        )
    return found


def _holders(member: StateMember, classes: ClassIndex) -> set[str]:
    """The classes that contain the guard class, as a member or a base, directly or not."""
    found = {member.owner.name} | classes.derived_from(member.owner.name)
    size = 0
    while size != len(found):
        size = len(found)
        found |= {each.name for each in classes.all() if _has_member(each, found)}
    return found - {member.owner.name}


def _has_member(each: ClassText, names: Collection[str]) -> bool:
    tokens = each.source.tokens
    return any(
        tokens[at].text in names and tokens[at + 1].kind == "word" and tokens[at + 2].text == ";"
        for at in direct_tokens(each)
    )


def _other_mentions(
    function: Function, member: StateMember, holders: set[str], known: Sequence[User]
) -> list[int]:
    """Lines in which a function names the classes, but not to declare a variable of the class.

    A template of the standard library may construct it there: `std::make_unique<Lock>()`.
    """
    span = span_of(function)
    names = {member.owner.name, *holders}
    if span is None or function.owner in names:
        return []
    tokens = read_source(function.body.file).tokens
    done = {at for user in known for at in range(user.statement.start, user.statement.stop)}
    return [
        tokens[at].line
        for at in range(span[1], span[2])
        if tokens[at].text in names and at not in done
    ]


def by_hand(member: StateMember) -> list[str]:
    """What to write where the users have to be looked at."""
    owner, name = member.owner.name, member.name
    return [
        f"holdfast::attach_guard {name};                       // in {owner}, instead of the state",
        f"explicit {owner}(std::nothrow_t) noexcept : {name}(holdfast::main_view(), std::nothrow) {{}}",
        f"explicit operator bool() const noexcept {{ return static_cast<bool>({name}); }}",
        f"{owner} guard(std::nothrow);  if (!guard) return ...;  // where nothing may be thrown",
    ]


def _constructs(program: Program, event: Event, member: StateMember) -> bool:
    owner = member.owner.name
    if event.kind in {"local", "attach"}:  # the latter if the check knows the class by its name
        return event.name == owner
    target = program.target_of(event) if event.kind == "construct" else None
    if target is None:
        return False
    function = program.functions[target]
    return function.owner == owner and function.name == owner


def _user(ground: Ground, event: Event, owner: str) -> User | None:
    number = ground.number_of(event)
    leave = ground.result_when_refused()
    if number is None or leave is None:
        return None
    chain = ground.chain(number)
    statement = chain[-1]
    text = ground.spelled(statement)
    match = re.fullmatch(
        rf"(?:const )?(?:\w+ :: )*{owner} (\w+)(?: {{ }}| \( \))? ;"
        r"(?: (?:Q_UNUSED|UNUSED|\( void \)) ?\(? ?(\w+) ?\)?(?: ;)?)?(?: ;)*",
        text,
    )
    if match is None or len(chain) < 2 or chain[-2].kind != "block":  # noqa: PLR2004
        return None
    if not ground.ends_with(chain[-2]):
        return None
    qualifier = "const " if text.startswith("const ") else ""
    return User(ground.walk.function.body.file, statement, match.group(1), qualifier, leave)


def rewrite_user(draft: Draft, user: User, owner: str) -> None:
    """Construct the guard without an exception, and test it."""
    lines = [
        f"{user.qualifier}{owner} {user.name}(std::nothrow);",
        f"if (!{user.name})",
        UNIT + user.leave,
    ]
    span = (user.statement.start, user.statement.stop)
    draft.replace(*span, draft.joined(*span, lines))


def demand_throwing(member: StateMember, functions: Sequence[Function]) -> None:
    """Check that the constructors that attach may throw.

    Raises:
        RefusedError: HF647 if one is noexcept.
    """
    for function in functions:
        head = head_of(function)
        fixed = "noexcept" in head and "noexcept ( false" not in head
        if fixed and _holds(function, member.of("begin")):
            raise RefusedError(
                "HF647", f"{function.shown} is noexcept, and an attach may be refused",
                lines=by_hand(member),
            )  # fmt: skip


def check_constructor(member: StateMember, functions: Sequence[Function]) -> Function:
    """The constructor that gets a twin that does not throw.

    Raises:
        RefusedError: HF647 if it cannot be given one.
    """
    owner = member.owner
    begins = member.of("begin")
    makers = [f for f in functions if f.name == owner.name and _holds(f, begins)]
    problem = ""
    if len(makers) != 1 or len(begins) != 1:
        problem = "it does not begin in one constructor"
    elif not begins[0][1].initialiser and not _is_body(makers[0], begins[0][1]):
        problem = "its constructor does more than to attach"
    elif makers[0].body.file != owner.file and not _is_bare(makers[0], begins[0][1]):
        problem = "its constructor does more than to attach, in another file"
    elif "operator bool" in _text(owner.source, owner.opening, owner.stop):
        problem = "it has an operator bool already"
    elif not re.search(
        rf"\b{owner.name} \( (?:void )?\)", _text(owner.source, owner.opening, owner.stop)
    ):
        problem = "its constructor takes arguments"
    if problem:
        raise RefusedError(
            "HF647", f"{owner.name} is used where nothing may be thrown, and {problem}",
            lines=by_hand(member),
        )  # fmt: skip
    return makers[0]


def add_constructor(
    drafts: Mapping[str, Draft], member: StateMember, maker: Function, *, plain: bool
) -> None:
    """Give the class a constructor that does not throw, and a test."""
    owner, name = member.owner, member.name
    draft = drafts[owner.file]
    source = owner.source
    place = next(
        at for at in range(owner.opening, owner.stop)
        if source.tokens[at].text == owner.name and source.tokens[at + 1].text == "("
        and source.tokens[at - 1].text != "~"
    )  # fmt: skip
    after = source.closing(place + 1) + 1
    while source.tokens[after].text not in {";", "{"}:
        after = source.closing(after) + 1 if source.tokens[after].text == "(" else after + 1
    last = after if source.tokens[after].text == ";" else source.closing(after)
    guard = f"{name}({'' if plain else 'std::in_place, '}holdfast::main_view(), std::nothrow)"
    rest = " : " + guard + " {}"
    if maker.body.file == owner.file and place < after and source.tokens[after].text == "{":
        _, use = member.of("begin")[0]
        rest = _twin(source, source.closing(place + 1) + 1, last + 1, use, guard)
    tested = f"static_cast<bool>({name})" if plain else f"{name} && *{name}"
    lines = [
        f"explicit {owner.name}(std::nothrow_t) noexcept{rest}",
        f"explicit operator bool() const noexcept {{ return {tested}; }}",
    ]
    draft.insert_after(last, lines, place)


def _twin(source: Source, start: int, stop: int, use: Use, guard: str) -> str:
    """The rest of the constructor, with the guard in the place of the call."""
    tokens = source.tokens
    if not use.initialiser:
        return f" : {guard} {{}}"
    words = [
        guard if at == use.start else tokens[at].text
        for at in range(start, stop)
        if not use.start < at < use.stop
    ]
    text = " ".join(words)
    for mark in (" ,", " ;", " )"):
        text = text.replace(mark, mark[1:])
    text = text.replace(" (", "(").replace("( ", "(").replace("{ }", "{}")
    return f" {text}" if text.startswith(":") else text


def _text(source: Source, start: int, stop: int) -> str:
    return " ".join(token.text for token in source.tokens[start:stop])


def _holds(function: Function, uses: Sequence[tuple[str, Use]]) -> bool:
    span = span_of(function)
    return span is not None and any(
        file == function.body.file and span[0] <= use.start < span[2] for file, use in uses
    )


def _is_body(function: Function, use: Use) -> bool:
    span = span_of(function)
    return span is not None and (use.start, use.stop) == (span[1] + 1, span[2] - 1)


def _is_bare(function: Function, use: Use) -> bool:
    """Whether the constructor consists of the call."""
    span = span_of(function)
    if span is None:
        return False
    if not use.initialiser:
        return _is_body(function, use)
    tokens = read_source(function.body.file).tokens
    return use.stop == span[1] and tokens[use.start - 1].text == ":" and span[2] - span[1] == 2  # noqa: PLR2004
