"""The project's own classes that keep the state of a pair in a member.

The class keeps its name and its users. Where constructor and destructor are the pair, and nothing
else is in the class, the member becomes one of holdfast's guards. Otherwise it becomes a
`std::optional` of one, which begins and ends where the calls stood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyholdfast.check.facts import Function
from pyholdfast.check.tokens import Source, Token, read_source
from pyholdfast.migrate.class_index import ClassText
from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.function_text import span_of
from pyholdfast.migrate.member_uses import Use, read_use
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["StateMember", "check_outside", "is_plain", "members_of", "read_uses", "rewrite_member"]

_KINDS = {"PyGILState_STATE": "attach", "PyThreadState": "detach"}
_NO_MEMBER = frozenset({"using", "typedef", "friend", "static", "("})


@dataclass(slots=True)
class StateMember:
    """A member that keeps the state of a pair.

    Attributes:
        owner: its class.
        name: its name.
        kind: ``attach`` or ``detach``.
        uses: file and use, in the order of the text.
    """

    owner: ClassText
    name: str
    kind: str
    uses: list[tuple[str, Use]] = field(default_factory=list)

    def of(self, what: str) -> list[tuple[str, Use]]:
        """The uses of one sort."""
        return [(file, use) for file, use in self.uses if use.what == what]

    def calls(self) -> Iterator[tuple[str, int]]:
        """File and token of each call that begins or ends a pair."""
        return ((file, use.call) for file, use in self.uses if use.call >= 0)


def members_of(owner: ClassText) -> Iterator[StateMember]:
    """The members of a class that may keep such a state."""
    source = owner.source
    for position in direct_tokens(owner):
        kind = _KINDS.get(source.tokens[position].text)
        at = position + 1
        while source.tokens[at].text in {"*", "const"}:
            at += 1
        if (
            kind
            and source.tokens[at].kind == "word"
            and source.tokens[at + 1].text in {";", "=", "{"}
        ):
            yield StateMember(owner, source.tokens[at].text, kind)


def direct_tokens(owner: ClassText) -> Iterator[int]:
    """The tokens of a class outside of all inner brackets."""
    source = owner.source
    position = owner.opening + 1
    while position < owner.stop - 1:
        if source.tokens[position].text in {"(", "[", "{"}:
            position = source.closing(position)
        yield position
        position += 1


def read_uses(member: StateMember, functions: Sequence[Function]) -> None:
    """Find every use of a member in its class and in the functions of the class.

    Raises:
        RefusedError: HF643 if there is a use that a guard cannot replace.
    """
    spans: dict[str, set[int]] = {}
    owner = member.owner
    spans.setdefault(owner.file, set()).update(range(owner.start, owner.stop))
    for function in functions:
        span = span_of(function)
        if span is not None:
            spans.setdefault(function.body.file, set()).update(range(span[0], span[2]))
    for file in sorted(spans):
        source = read_source(file)
        for position in sorted(spans[file]):
            token = source.tokens[position]
            if token.text == member.name and token.kind == "word":
                member.uses.append((file, read_use(source, position, member.kind)))


def check_outside(member: StateMember, files: Sequence[str]) -> None:
    """Check that no other code reads the member.

    Raises:
        RefusedError: HF643 if some does.
    """
    for file in files:
        tokens = read_source(file).tokens
        objects = {
            _variable_after(tokens, at) for at, token in enumerate(tokens)
            if token.text == member.owner.name
        }  # fmt: skip
        for at in range(2, len(tokens)):
            accessed = tokens[at].text == member.name and tokens[at - 1].text in {".", "->"}
            if accessed and tokens[at - 2].text in objects:
                raise RefusedError(
                    "HF643", f"'{member.name}' is used outside of {member.owner.name},"
                    f" in line {tokens[at].line}"
                )  # fmt: skip


def _variable_after(tokens: Sequence[Token], at: int) -> str:
    following = at + 1
    while following < len(tokens) and tokens[following].text in {"*", "&", "const"}:
        following += 1
    return tokens[following].text if following < len(tokens) else ""


def is_plain(member: StateMember, functions: Sequence[Function]) -> bool:
    """Whether a guard itself can be the member: it is all that the class is about."""
    begins, ends = member.of("begin"), member.of("end")
    if len(begins) != 1 or len(ends) != 1 or len(member.of("declaration")) != len(member.uses) - 2:
        return False
    owner = member.owner.name
    (begun_in, begin), (ended_in, end) = begins[0], ends[0]
    for function in functions:
        span = span_of(function)
        if span is None:
            continue
        first, opening, stop = span
        last = stop - 1
        whole = function.body.file == begun_in and first <= begin.start < last
        if whole and function.name == owner:
            alone = begin.initialiser or (begin.start, begin.stop) == (opening + 1, last)
        elif function.body.file == ended_in and opening < end.start < last:
            alone = function.name == f"~{owner}" and (end.start, end.stop) == (opening + 1, last)
        else:
            continue
        if not alone:
            return False
    return _is_only_member(member)


def _is_only_member(member: StateMember) -> bool:
    source, count, statement = member.owner.source, 0, list[str]()
    for position in direct_tokens(member.owner):
        text = source.tokens[position].text
        if text == "}" and source.tokens[position + 1].text == ";":
            continue  # the value of a member, or the end of an inner class
        if text in {";", ":", ")", "}"}:
            count += text == ";" and bool(statement) and not _NO_MEMBER & {*statement}
            # After its parameters, a function's declaration goes on.
            statement = ["("] if text == ")" else []
        else:
            statement.append(text)
    return count == 1


def rewrite_member(drafts: Mapping[str, Draft], member: StateMember, *, plain: bool) -> None:
    """Make the member a guard, or a `std::optional` of one."""
    for file, use in member.uses:
        draft = drafts[file]
        if not plain:
            if _repeats_end(draft.source, use):
                draft.remove(use.start, use.stop)
            else:
                draft.replace(use.start, use.stop, use.text)
        elif use.what == "declaration":
            draft.replace(use.start, use.stop, f"holdfast::{member.kind}_guard {member.name};")
        elif use.initialiser:
            _drop_initialiser(draft, use)
        else:
            draft.remove(use.start, use.stop)


def _repeats_end(source: Source, use: Use) -> bool:
    """Whether it sets to nothing what the statement before has ended."""
    before = [token.text for token in source.tokens[max(0, use.start - 5) : use.start]]
    name = use.text.partition(".")[0]
    return use.what == "null" and not use.initialiser and before[1:] == ["(", name, ")", ";"]


def _drop_initialiser(draft: Draft, use: Use) -> None:
    tokens = draft.source.tokens
    before, after = tokens[use.start - 1].text, tokens[use.stop].text
    if after == ",":
        draft.remove(use.start, use.stop + 1)
    elif before in {",", ":"}:
        draft.remove(use.start - 1, use.stop)
