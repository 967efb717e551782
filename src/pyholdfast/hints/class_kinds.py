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
            inner = [n for n in body.body if isinstance(n, ast.ClassDef) and n.name == part]
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
            return "class" if self._has_own_constructor(node, place) else "dataclass"
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

    def _has_own_constructor(self, node: ast.ClassDef, place: Place) -> bool:
        """Whether a dataclass is not built from its fields, so that no struct can be passed."""
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                return True
            if isinstance(inner, ast.AnnAssign):
                wrapper = self.resolver.called(inner.annotation, place)
                if wrapper == "dataclasses.InitVar":
                    return True
        return any(
            word.arg == "init"
            and isinstance(word.value, ast.Constant)
            and word.value.value is False
            for item in node.decorator_list
            if isinstance(item, ast.Call)
            for word in item.keywords
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
