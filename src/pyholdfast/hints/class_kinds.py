"""Determines what a class statement declares: a record, an enumeration, or a class."""

from __future__ import annotations

import ast
import builtins
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pyholdfast.hints import model
from pyholdfast.hints.canonical_names import canonical
from pyholdfast.hints.lookup import Definition, External, MissingNameError, Place
from pyholdfast.hints.resolve import Resolver
from pyholdfast.hints.scope import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.hints.model import Hint
    from pyholdfast.hints.sources import Sources

__all__ = ["Kind", "Kinds"]

Kind = Literal[
    "dataclass",
    "namedtuple",
    "typeddict",
    "enum",
    "class",
    "exception",
    "callback",
    "alias",
    "none",
]

ENUMERATIONS = {
    f"enum.{name}": name for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum")
}
MADE_BY_CALL: dict[str, Kind] = {
    "typing.NamedTuple": "namedtuple",
    "collections.namedtuple": "namedtuple",
    "typing.TypedDict": "typeddict",
    **dict.fromkeys(ENUMERATIONS, "enum"),
}


class Kinds:
    """Classifies the classes of a package, and finds them by the name of their type."""

    def __init__(self, sources: Sources) -> None:
        """Start without any known class."""
        self.resolver = Resolver(sources, self.as_type)
        self.definitions: dict[model.Named, Definition] = {}
        self._known: dict[int, Kind] = {}

    def as_type(self, definition: Definition) -> Hint | None:
        """The type for a class; None if it is not a type."""
        kind = self.kind(definition)
        if kind == "none":
            return None
        if kind == "callback":
            return self._callback(definition)
        if kind == "exception":
            return model.Unmapped(definition.name, "exceptions are caught as python_error")
        named = model.Named(definition.source.name, definition.name)
        self.definitions[named] = definition
        return named

    def kind(self, definition: Definition) -> Kind:
        """What a statement declares; ``none`` if it is not a type."""
        key = id(definition.node)
        if key not in self._known:
            self._known[key] = "class"  # assumed while following bases that lead back here
            self._known[key] = self._find_out(definition)
        return self._known[key]

    def place(self, definition: Definition) -> Place:
        """The scope around a definition."""
        body: ast.Module | ast.ClassDef = definition.source.tree
        within: list[ast.ClassDef] = []
        for part in definition.name.split(".")[:-1]:
            inside = statements(body.body)
            inner = [n for n in inside if isinstance(n, ast.ClassDef) and n.name == part]
            if inner:
                body = inner[-1]
                within.append(inner[-1])
        return Place(definition.source, tuple(within))

    def bases(self, definition: Definition) -> Iterator[tuple[Definition | External, ast.expr]]:
        """The base classes that can be found, with their expressions."""
        if not isinstance(definition.node, ast.ClassDef):
            return
        place = self.place(definition)
        for base in definition.node.bases:
            named = base.value if isinstance(base, ast.Subscript) else base
            try:
                target = self.resolver.target(named, place)
            except MissingNameError:
                continue
            if isinstance(target, (Definition, External)):
                yield target, base

    def ancestors(self, definition: Definition) -> list[Definition | External]:
        """The class and those that it derives from, in the order in which Python asks them.

        A base that cannot be found is an `External` with the text of its expression.
        """
        found: list[Definition | External] = []
        self._ancestors(definition, found, ())
        # A class that is reached in two ways comes after all that derive from it.
        last = {self._key(item): index for index, item in enumerate(found)}
        return [item for index, item in enumerate(found) if last[self._key(item)] == index]

    def _ancestors(
        self,
        definition: Definition,
        found: list[Definition | External],
        way: tuple[ast.stmt, ...],
    ) -> None:
        found.append(definition)
        node = definition.node
        if node in way or not isinstance(node, ast.ClassDef):  # a class that derives from itself
            return
        known = {id(written): base for base, written in self.bases(definition)}
        for written in node.bases:
            base = known.get(id(written))
            if isinstance(base, Definition):
                self._ancestors(base, found, (*way, node))
            else:
                name = canonical(base.name) if base is not None else ast.unparse(written)
                found.append(External(name))

    @staticmethod
    def _key(item: Definition | External) -> object:
        return id(item.node) if isinstance(item, Definition) else item.name

    def is_dataclass(self, definition: Definition) -> bool:
        """Whether the class has the decorator itself."""
        node = definition.node
        place = self.place(definition)
        return isinstance(node, ast.ClassDef) and any(
            self.resolver.called(item, place) == "dataclasses.dataclass"
            for item in node.decorator_list
        )

    def has_dataclass_fields(self, definition: Definition) -> bool:
        """Whether the class has the decorator, or one that it derives from."""
        return any(
            isinstance(item, Definition) and self.is_dataclass(item)
            for item in self.ancestors(definition)
        )

    def dataclass_option(self, definition: Definition, option: str) -> bool | None:
        """An option of the decorator; None if it is not given."""
        node = definition.node
        place = self.place(definition)
        for item in node.decorator_list if isinstance(node, ast.ClassDef) else ():
            if (
                isinstance(item, ast.Call)
                and self.resolver.called(item, place) == "dataclasses.dataclass"
            ):
                for word in item.keywords:
                    if word.arg == option and isinstance(word.value, ast.Constant):
                        return bool(word.value.value)
        return None

    def makes_constructor(self, definition: Definition) -> bool:
        """Whether the class has a decorator that makes an ``__init__`` of its fields."""
        return self.is_dataclass(definition) and (
            self.dataclass_option(definition, "init") is not False
        )

    def enumeration_base(self, definition: Definition) -> str:
        """``IntEnum`` and similar; empty if the class is not an enumeration."""
        if isinstance(definition.node, ast.ClassDef):
            for base, _ in self.bases(definition):
                name = (
                    ENUMERATIONS.get(canonical(base.name), "")
                    if isinstance(base, External)
                    else self.enumeration_base(base)
                )
                if name:
                    return name
            return ""
        call = getattr(definition.node, "value", None)
        maker = self.resolver.called(call, self.place(definition)) if call is not None else ""
        return ENUMERATIONS.get(maker, "")

    def _find_out(self, definition: Definition) -> Kind:
        node = definition.node
        place = self.place(definition)
        if not isinstance(node, ast.ClassDef):
            value = getattr(node, "value", None)
            if isinstance(value, ast.Call):
                return MADE_BY_CALL.get(self.resolver.called(value, place), "none")
            return "alias" if self.resolver.is_recursive(definition) else "none"
        names = [self.resolver.called(item, place) for item in node.decorator_list]
        if "dataclasses.dataclass" in names:
            return "class" if self._has_own_constructor(definition, node) else "dataclass"
        found: Kind = "class"
        for base, _ in self.bases(definition):
            if isinstance(base, External):
                found = self._external_base(canonical(base.name), node) or found
            else:
                kind = self.kind(base)
                found = kind if kind not in ("class", "dataclass", "callback", "none") else found
            if found != "class":
                break
        return found

    @staticmethod
    def _external_base(name: str, node: ast.ClassDef) -> Kind | None:
        if name in MADE_BY_CALL:
            return MADE_BY_CALL[name]
        if name == "typing.Protocol":
            functions = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
            return "callback" if [inner.name for inner in functions] == ["__call__"] else None
        known = getattr(builtins, name, None)
        if isinstance(known, type) and issubclass(known, BaseException):
            return "exception"
        return None

    def _has_own_constructor(self, definition: Definition, node: ast.ClassDef) -> bool:
        """Whether a dataclass is not built from its fields, so that no struct can be passed."""
        if not self.makes_constructor(definition):
            return True
        body = statements(node.body)
        if any(isinstance(item, ast.FunctionDef) and item.name == "__init__" for item in body):
            return True
        # An InitVar is also a parameter of the constructors of derived classes.
        return any(
            isinstance(inner, ast.AnnAssign)
            and self.resolver.wrapper(inner.annotation, self.place(owner)) == "dataclasses.InitVar"
            for owner in self.ancestors(definition)
            if isinstance(owner, Definition) and isinstance(owner.node, ast.ClassDef)
            for inner in statements(owner.node.body)
            if self.is_dataclass(owner)
        )

    def _callback(self, definition: Definition) -> Hint:
        node = definition.node
        assert isinstance(node, ast.ClassDef)  # noqa: S101 - _external_base checked it
        call = next(inner for inner in node.body if isinstance(inner, ast.FunctionDef))
        place = replace(self.place(definition), within=())
        taken = [*call.args.posonlyargs, *call.args.args][1:]
        unusual = call.args.vararg or call.args.kwarg or call.args.kwonlyargs
        if unusual or any(item.annotation is None for item in taken):
            return model.Callback(None, model.Plain("typing.Any"))
        hints = [self.resolver.hint(item.annotation, place) for item in taken if item.annotation]
        result = self.resolver.hint(call.returns, place) if call.returns else model.Plain("None")
        return model.Callback(tuple(hints), result)
