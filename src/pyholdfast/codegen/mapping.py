"""Maps a hint to the text of a C++ type, using the table of types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pyholdfast.codegen.declaration_order import named_of
from pyholdfast.codegen.naming import free_name, identifier, namespace
from pyholdfast.codegen.type_table import BY_NAME, TABLE, WIDTHS
from pyholdfast.hints import model
from pyholdfast.hints.read import parts_of
from pyholdfast.hints.resolve import union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyholdfast.hints.model import Hint

__all__ = ["Direction", "Mapped", "Mapper", "headers_of", "standard_headers_of"]

Direction = Literal["argument", "result", "inside"]
ANY = model.Plain("typing.Any")
NONE = model.Plain("None")
OBJECT = "holdfast::object"

_TOKEN = re.compile(r"(?:holdfast|std)(?:::\w+)+")
_HEADERS = {
    found.group(): entry.header
    for entry in TABLE
    for text in (entry.cpp, entry.argument)
    if (found := _TOKEN.match(text))
}
_STANDARD = {
    "std::chrono": "chrono", "std::complex": "complex", "std::filesystem": "filesystem",
    "std::function": "functional", r"std::u?int\d+_t": "cstdint", "std::map": "map", "std::tie": "tuple",
    "std::nullptr_t": "cstddef", "std::optional": "optional", "std::set": "set",
    "std::string_view": "string_view", "std::string": "string", "std::tuple": "tuple",
    "std::variant": "variant", "std::vector": "vector",
}  # fmt: skip
# Containers whose element type may still be incomplete.
_REFERS = frozenset({"std::vector", "std::map", "holdfast::boxed", "holdfast::range", "holdfast::task",
                     "holdfast::async_range", "holdfast::generator", "std::function",
                     "holdfast::context_manager", "holdfast::async_context_manager"})  # fmt: skip
_SORTED = frozenset({"std::map", "std::set", "holdfast::frozen_set"})
_GENERATORS = ("collections.abc.Generator", "Generator")
_FIRST_ONLY = frozenset({"collections.abc.AsyncGenerator"})
_LAST_ONLY = frozenset({"collections.abc.Coroutine"})


@dataclass(slots=True)
class Mapped:
    """A C++ type.

    Attributes:
        text: the type as C++ text.
        unmapped: the parts of the hint without a C++ equivalent, and why.
        whole: the user's types that must be complete where this type is a member.
        equal: whether C++ can compare it, provided that it can compare the user's types in it.
        sorted: whether it has an order, provided that they have one.
    """

    text: str
    unmapped: list[model.Unmapped] = field(default_factory=list)
    whole: set[Hint] = field(default_factory=set)
    equal: bool = True
    sorted: bool = True

    def limit(self, can: Literal["order", "compare", ""]) -> None:
        """Restrict what this type can do to what a part of it can do."""
        self.equal = self.equal and can != ""
        self.sorted = self.sorted and can == "order"

    def take_in(self, inner: Mapped, *, whole: bool) -> None:
        """Combine with a part; `whole` says whether the part must be complete."""
        self.unmapped += inner.unmapped
        self.whole |= inner.whole if whole else set()
        self.equal = self.equal and inner.equal
        self.sorted = self.sorted and inner.sorted


class Mapper:
    """Maps hints for one header.

    Attributes:
        module: the module whose names need no namespace.
        boxed: types that are incomplete and therefore boxed.
        incomplete: types that are defined further on than what is being written.
        hidden: names that mean something else where they are written, so that the types need theirs
            with the namespace.
        literals: the name of each ``Literal`` that was found.
        equal: the classes that can be compared.
        sorted: the classes that have an order, so that they can be keys.
    """

    def __init__(self, module: str, types: Iterable[model.Declaration]) -> None:
        """Start without literals.

        Args:
            module: dotted name of the module that the header is for.
            types: the user's classes in the header.
        """
        self.module = module
        self.boxed: frozenset[Hint] = frozenset()
        self.incomplete: frozenset[Hint] = frozenset()
        self.hidden: frozenset[str] = frozenset()
        self.literals: dict[model.LiteralOf, str] = {}
        self.equal: set[model.Named] = set()
        self.sorted: set[model.Named] = set()
        self._kinds = {(item.module, item.name): type(item) for item in types}
        self._taken = {(item.module, class_name(named_of(item))) for item in types}

    def map(self, hint: Hint, direction: Direction) -> Mapped:
        """The C++ type of a hint in a parameter, a result, or another type."""
        mapped = Mapped("")
        mapped.text = self._text(hint, direction, mapped)
        return mapped

    def name(self, named: model.Named | model.LiteralOf) -> str:
        """The name of a user's class, or of a literal, relative to the module's namespace."""
        if isinstance(named, model.LiteralOf):
            module = named.module or self.module
            text = self._literal(named, module)
        else:
            text, module = class_name(named), named.module
        is_near = module == self.module and text not in self.hidden
        return text if is_near else f"::{namespace(module)}::{text}"

    def _literal(self, hint: model.LiteralOf, module: str) -> str:
        """The name of a literal's enumeration, which nothing else has."""
        if hint not in self.literals:
            used = [name for owner, name in self._taken if owner == module]
            self.literals[hint] = free_name(_literal_name(hint), used)
            self._taken.add((module, self.literals[hint]))
        return self.literals[hint]

    def _text(self, hint: Hint, direction: Direction, into: Mapped) -> str:
        text = self._text_of(hint, direction, into)
        if text == OBJECT:
            into.limit("")
        return text

    def _text_of(self, hint: Hint, direction: Direction, into: Mapped) -> str:
        if isinstance(hint, model.Unmapped):
            into.unmapped.append(hint)
            return OBJECT
        if isinstance(hint, model.LiteralOf):
            if any(isinstance(value, str) and "\0" in value for value in hint.values):
                return self._none("Literal", "a text in it has a NUL", into)
            into.whole.add(hint)
            return self.name(hint)
        if isinstance(hint, model.Named):
            return self._named(hint, into)
        if isinstance(hint, model.Choice):
            return self._choice(hint, into)
        if isinstance(hint, model.Callback):
            return self._callback(hint, into)
        if isinstance(hint, model.Annotated):
            return self._annotated(hint, direction, into)
        arguments = hint.arguments if isinstance(hint, model.Applied) else ()
        return self._table(hint.name, arguments, direction, into)

    def _named(self, hint: model.Named, into: Mapped) -> str:
        kind = self._kinds.get((hint.module, hint.name))
        if kind is None:
            return self._none(hint.name, "the header does not define this class", into)
        if kind is not model.Record:  # only records have arguments
            hint = model.Named(hint.module, hint.name)
        into.whole.add(hint)
        text = self.name(hint)
        if hint not in self.boxed:
            return text
        into.limit(BY_NAME["boxed"].can)
        return f"holdfast::boxed<{text}>"

    def _choice(self, hint: model.Choice, into: Mapped) -> str:
        members = [member for member in hint.members if member != NONE]
        optional = len(members) < len(hint.members)
        texts = [self._text(member, "inside", into) for member in members]
        if OBJECT in texts:
            return OBJECT
        texts = list(dict.fromkeys(texts))
        if len(texts) > 1:
            inner = f"std::variant<{', '.join(texts)}>"
            return f"std::optional<{inner}>" if optional else inner
        boxed = texts[0].startswith("holdfast::boxed<")  # an empty box already means None
        return f"std::optional<{texts[0]}>" if optional and not boxed else texts[0]

    def _callback(self, hint: model.Callback, into: Mapped) -> str:
        if hint.parameters is None:
            text = "Callable[..., R]"
            return self._none(text, "the parameters are not known", into)
        inner = Mapped("")
        result = self._text(hint.result, "result", inner) if hint.result != NONE else "void"
        taken = [self._text(parameter, "inside", inner) for parameter in hint.parameters]
        into.unmapped += inner.unmapped
        into.limit(BY_NAME["collections.abc.Callable"].can)
        return f"std::function<{result}({', '.join(taken)})>"

    def _annotated(self, hint: model.Annotated, direction: Direction, into: Mapped) -> str:
        inner = hint.hint
        plain = inner.name if isinstance(inner, model.Plain) else ""
        for note in hint.notes:
            width = str(note).rpartition(".")[2].removeprefix("c_").removesuffix("_t")
            numbers = {"int": "int", "float": "float"}.get(plain)
            if numbers and numbers in width and width in WIDTHS:
                return WIDTHS[width]
        return self._text(inner, direction, into)

    def _table(
        self, name: str, arguments: Sequence[Hint], direction: Direction, into: Mapped
    ) -> str:
        if name == "numpy.ndarray":
            into.limit(BY_NAME[name].can)
            return self._array(arguments, into)
        if name == "typing.AnyStr":
            return self._text(union([model.Plain("str"), model.Plain("bytes")]), direction, into)
        if name in _GENERATORS and all(hint in (NONE, ANY) for hint in arguments[1:]):
            name, arguments = "Generator", arguments[:1]
        if name.startswith("numpy.") and (width := WIDTHS.get(name.removeprefix("numpy."))):
            into.limit(BY_NAME["complex"].can if "complex" in width else "order")
            return width
        entry = BY_NAME.get(name)
        if entry is None:
            return self._none(name, "it has no C++ equivalent", into)
        if entry.only and direction != entry.only:
            return self._none(name, "C++ can only get it as a result", into)
        shape = (direction == "argument" and entry.argument) or (
            direction == "result" and entry.result
        )
        shape = shape or entry.cpp
        into.limit(entry.can)
        if "{" not in shape:
            return shape
        if name in _FIRST_ONLY:
            arguments = arguments[:1]
        elif name in _LAST_ONLY:
            arguments = arguments[-1:]
        return self._fill(name, shape, arguments, into)

    def _fill(self, name: str, shape: str, arguments: Sequence[Hint], into: Mapped) -> str:
        wanted = 1 + max((int(number) for number in re.findall(r"\{(\d)\}", shape)), default=-1)
        arguments = [*arguments, *[ANY] * (wanted - len(arguments))]
        kind = shape.partition("<")[0]
        boxed = self.boxed
        if kind in _REFERS:  # its elements may be incomplete, so they need no box
            self.boxed = frozenset()
        task = shape.startswith("holdfast::task")
        parts = [
            Mapped("void") if task and hint == NONE else self.map(hint, "inside")
            for hint in arguments
        ]
        self.boxed = boxed
        for part in parts:
            into.take_in(part, whole=kind not in _REFERS)
        if kind in _SORTED and not self._sortable(parts[0], arguments[0]):
            word = "keys" if kind == "std::map" else "elements"
            return self._none(name, f"its {word} have no order in C++", into)
        texts = [part.text for part in parts]
        return shape.replace("{*}", ", ".join(texts)).format(*texts)

    def _array(self, arguments: Sequence[Hint], into: Mapped) -> str:
        """``NDArray[T]``, ``ndarray[shape, dtype[T]]``."""
        shape: Hint = ANY
        element: Hint = arguments[-1] if arguments else ANY
        if len(arguments) > 1:
            shape = arguments[0]
        if isinstance(element, model.Applied) and element.name == "numpy.dtype":
            element = element.arguments[0]
        name = element.name.removeprefix("numpy.") if isinstance(element, model.Plain) else ""
        width = WIDTHS.get(name) or {"int": "std::int64_t", "float": "double"}.get(name)
        if width is None:
            return self._none("numpy.ndarray", "the type of its elements is not known", into)
        rank = len(shape.arguments) if isinstance(shape, model.Applied) else 0
        fixed = isinstance(shape, model.Applied) and shape.name == "tuple"
        return (
            f"holdfast::array_view<{width}, {rank}>" if fixed else f"holdfast::array_view<{width}>"
        )

    def _sortable(self, mapped: Mapped, key: Hint) -> bool:
        named = (part for part in parts_of(key) if isinstance(part, model.Named))
        return mapped.sorted and all(part in self.sorted for part in named)

    @staticmethod
    def _none(text: str, reason: str, into: Mapped) -> str:
        into.unmapped.append(model.Unmapped(text, reason))
        return OBJECT


def class_name(named: model.Named) -> str:
    """The C++ name of a class; for a generic class, it includes the arguments."""
    return identifier("_".join([named.name, *(_part(hint) for hint in named.arguments)]))


def headers_of(text: str) -> set[str]:
    """The holdfast headers that a piece of generated text needs."""
    tokens = _TOKEN.findall(text)
    found = {_HEADERS[token] for token in tokens if token in _HEADERS}
    if "holdfast::array_view<std::complex" in text:
        found.add("convert/complex.hpp")
    return found


def standard_headers_of(text: str) -> set[str]:
    """The C++ library headers that a piece of generated text needs."""
    return {header for pattern, header in _STANDARD.items() if re.search(rf"{pattern}(?!\w)", text)}


def _part(hint: Hint) -> str:
    """A hint, as a part of a name."""
    if isinstance(hint, model.Plain):
        return hint.name.rpartition(".")[2]
    if isinstance(hint, (model.Applied, model.Named)):
        return "_".join([hint.name.rpartition(".")[2], *(_part(item) for item in hint.arguments)])
    if isinstance(hint, model.Choice):
        return "_or_".join(_part(member) for member in hint.members)
    if isinstance(hint, model.LiteralOf):
        return _literal_name(hint)
    if isinstance(hint, model.Callback):
        return "_".join(["callback", *map(_part, hint.parameters or ()), _part(hint.result)])
    if isinstance(hint, model.Annotated):
        return "_".join([_part(hint.hint), *(str(note).rpartition(".")[2] for note in hint.notes)])
    return "object"


def _literal_name(hint: model.LiteralOf) -> str:
    if hint.name:
        return identifier(hint.name)
    return identifier("_".join(["literal", *(str(value) for value in hint.values)]))
