"""Reads what a header declares for its users: types with public members, functions, constants.

It parses the style of this project's headers, not all of C++. Namespace ``detail``, private
members, deleted functions and anything whose signature names ``detail::`` are left out; a function
of a namespace that returns such a type is there, with ``auto``.
May import: header_tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from docs_pages.header_tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Declaration", "read_declarations"]

# After _without_arguments().
_TYPE = re.compile(
    r"^(?:template\s+)?(?P<key>class|struct)\s+(?:\[\[\w+\]\]\s*)?(?P<name>\w+)[^()]*$"
)
_ENUM = re.compile(r"^enum\s+(?:class\s+)?(?P<name>\w+)")
_LABEL = re.compile(r"^\s*(public|private|protected)\s*:(?!:)\s*")
# The compiler supplies it at the place of the call; users leave it out.
_CALL_SITE = re.compile(r",?\s*(?:const\s+)?(?:\w+::)*call_site\s+\w+\s*=\s*(?:\w+::)*current\(\)")
# Only generated headers pass it.
_EXPECTATION = re.compile(r",\s*const detail::expectation \*\w+ = nullptr")
# The page says it in words.
_ATTACHED = "HOLDFAST_REQUIRES_ATTACHED "
# A type that users do not name: they use what they get.
_OWN_RESULT = re.compile(r"^detail::\w+ (?=\w+\()")
_NOISE = re.compile(
    r"\b(?:inline|friend|HOLDFAST_DETAIL_\w+|HOLDFAST_REQUIRES_ATTACHED)\s+|\[\[nodiscard\]\]\s*|__attribute__\(\(.*?\)\)\s*"
)


@dataclass(slots=True)
class Declaration:
    """One declaration in a header.

    Attributes:
        kind: ``type``, ``enum``, ``value`` (of an enum), ``function`` or ``variable``.
        name: without the namespace.
        signature: as C++, on one line, without a body.
        doc: the lines of its comment.
        members: members of a type or an enum.
    """

    kind: str
    name: str
    signature: str
    doc: list[str] = field(default_factory=list)
    members: list[Declaration] = field(default_factory=list)


def read_declarations(source: str) -> list[Declaration]:
    """The declarations of a header, in order."""
    return _Reader(list(tokens(source))).scope(public=True)


class _Scope:
    """The part of a scope that has been read."""

    def __init__(self, public: bool, of_type: bool) -> None:
        self.of_type = of_type
        self.found: list[Declaration] = []
        self.shown = public
        self.doc: list[str] = []  # comment of the next declaration
        self.head = ""  # beginning of the next declaration
        self._newest: Declaration | None = None

    def comment(self, piece: Token) -> None:
        """Add documentation: a trailing comment belongs to the last declaration, else to the next."""
        if piece.kind == "doc" and not self.head.strip():
            self.doc.append(piece.text)
        elif piece.kind == "trailing" and self._newest is not None:
            self._newest.doc.append(piece.text)

    def text(self, text: str) -> None:
        """Add to the head; an access label ends it."""
        self.head += text
        if label := _LABEL.match(self.head):
            self.shown = label[1] == "public"
            self.head, self.doc = self.head[label.end() :], []

    def end_declaration(self) -> None:
        """Turn the head into a declaration."""
        made = _declaration(self.head, self.doc, of_type=self.of_type)
        self._newest = made
        if made is not None and self.shown:
            self.found.append(made)
        self.head, self.doc = "", []

    def add(self, made: list[Declaration]) -> None:
        """Add the contents of a pair of braces, together with its head."""
        self.found += made
        self._newest = made[-1] if made else None
        self.doc = []


class _Reader:
    """Reads the tokens once, from start to end."""

    def __init__(self, pieces: Sequence[Token]) -> None:
        self.pieces = pieces
        self.at = 0

    def scope(self, *, public: bool, of_type: bool = False) -> list[Declaration]:
        """The declarations up to the closing brace of this scope, or the end."""
        here = _Scope(public, of_type)
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.text == "}" and piece.kind == "mark":
                break
            if piece.kind in ("doc", "trailing"):
                here.comment(piece)
            elif piece.text == "(":
                here.head += "(" + self._balanced("(", ")") + ")"
            elif piece.text == "{":
                made, here.head = self._brace(here)
                if made is not None:
                    here.add(made)
            elif piece.text == ";":
                here.end_declaration()
            else:
                here.text(piece.text)
        return here.found

    def _brace(self, here: _Scope) -> tuple[list[Declaration] | None, str]:
        """Read what an opening brace begins: declarations, or more of the head."""
        head, doc, shown = here.head, here.doc, here.shown
        plain = " ".join(head.split())
        if re.match(r"(inline )?namespace\b", plain):
            if re.search(r"\bdetail\b", plain):
                self._balanced("{", "}")
                return [], ""
            return _qualified(self.scope(public=True), plain), ""
        if plain.startswith('extern "C"'):
            self._balanced("{", "}")
            return [], ""
        if enum := _ENUM.match(plain):
            made = Declaration("enum", enum["name"], plain, doc, _values(self._balanced_tokens()))
            return ([made] if shown else []), enum["name"]  # of a variable that it may declare, too
        if kind := _TYPE.match(_without_arguments(plain)):
            members = self.scope(public=kind["key"] == "struct", of_type=True)
            # Show a specialisation only if the template is documented there.
            special = re.search(rf"\b{kind['name']}\s*<", plain.split(" : ")[0]) is not None
            signature = _NOISE.sub("", re.sub(r" : (?:public )?detail::.*$", "", plain))
            made = Declaration("type", kind["name"], signature, doc, members)
            return ([made] if shown and (doc or not special) else []), ""
        if ")" not in head or head.rstrip().endswith("=") or _in_initialisers(head):
            return None, head + "{" + self._balanced("{", "}") + "}"
        self._balanced("{", "}")
        made_function = _declaration(head, doc, of_type=here.of_type)
        return ([made_function] if shown and made_function is not None else []), ""

    def _balanced(self, opening: str, closing: str) -> str:
        return "".join(
            piece.text
            for piece in self._balanced_tokens(opening, closing)
            if piece.kind in ("mark", "text")
        )

    def _balanced_tokens(self, opening: str = "{", closing: str = "}") -> list[Token]:
        """The tokens up to the closing mark, which is consumed."""
        depth, begin = 1, self.at
        while depth > 0 and self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.kind == "mark":
                depth += (piece.text == opening) - (piece.text == closing)
        return list(self.pieces[begin : self.at - 1])


def _qualified(made: list[Declaration], head: str) -> list[Declaration]:
    """The declarations of a namespace; one inside holdfast's is shown with its types' names."""
    name = head.rsplit(maxsplit=1)[-1].removeprefix("holdfast").removeprefix("::")
    if name:
        for type_ in (d for d in made if d.kind == "type"):
            own = rf"\b(?={type_.name}\b)"
            type_.signature = re.sub(own, f"{name}::", type_.signature, count=1)
    return made


def _in_initialisers(head: str) -> bool:
    """Whether a brace after `head` initialises a member of a constructor: ``: a_(1), b_``."""
    return re.search(r"\)\s*(?:noexcept\s*)?:[^:]", head) is not None and head[-1:].isidentifier()


def _values(pieces: Sequence[Token]) -> list[Declaration]:
    """The enumerators of an enum."""
    values: list[Declaration] = []
    doc: list[str] = []
    for piece in pieces:
        if piece.kind == "trailing" and values:
            values[-1].doc.append(piece.text)
        elif piece.kind == "doc":
            doc.append(piece.text)
        elif piece.kind == "text":
            for name in re.findall(r"(?:^|,)\s*([a-z]\w*)", piece.text):
                values.append(Declaration("value", name, name, doc))
                doc = []
    return values


def _declaration(head: str, doc: list[str], *, of_type: bool) -> Declaration | None:
    """A function, variable or alias; None if it is not public."""
    text = _one_line(head)
    if not text or text.endswith("= delete") or text.startswith("static_assert"):
        return None
    if _TYPE.match(_without_arguments(text)):
        return None  # documented at its definition
    signature = _NOISE.sub(
        "", _without_initialisers(_EXPECTATION.sub("", _CALL_SITE.sub("", text)))
    )
    if not of_type:
        signature = _OWN_RESULT.sub("auto ", signature)
    if re.search(r"\bdetail::", signature):
        return None
    name = _function_name(signature)
    if name is None:
        if signature.startswith(("using ", "typedef ")) or not re.search(
            r"[\w>]\s+[*&]?\w", signature
        ):
            return None
        plain = signature.split("=", 1)[0].split("{", 1)[0].strip()
        return Declaration("variable", plain.rsplit(" ", 1)[-1].lstrip("*&"), signature, doc)
    if "::" in name:
        return None  # a definition outside its class, which contains the declaration
    return Declaration(
        "function", name, signature, _with_attached(doc) if _ATTACHED in text else doc
    )


def _with_attached(doc: list[str]) -> list[str]:
    """The comment of a function that must be called attached, with that behind its first paragraph."""
    ends = (i for i, line in enumerate(doc) if not line.strip() or line.lstrip().startswith("\\"))
    at = next(ends, len(doc))
    return [*doc[:at], "Attached.", *doc[at:]]


def _one_line(text: str) -> str:
    """Join a declaration that the formatter has broken after a bracket."""
    return re.sub(r"([({<]) ", r"\1", " ".join(text.split()))


def _without_initialisers(text: str) -> str:
    """A constructor's signature without its member initialisers."""
    return re.sub(r"(\)\s*(?:noexcept)?)\s*:(?!:).*$", r"\1", text).strip()


def _without_arguments(text: str) -> str:
    """The text without anything in angle brackets."""
    while (shorter := re.sub(r"<[^<>]*>", "", text)) != text:
        text = shorter
    return text


def _function_name(signature: str) -> str | None:
    plain = _without_arguments(signature).removeprefix("template ")
    match = re.search(r"(operator\s*(?:\(\)|[^\s(]+(?:\s+\w+)?)|(?:\w+::)*~?\w+)\s*\(", plain)
    if match is None or "=" in plain[: match.start()].replace("operator=", ""):
        return None
    return " ".join(match[1].split())
