"""Resolves dotted names in a file, across the modules of a package."""

from __future__ import annotations

import ast
import builtins
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyholdfast.hints.canonical_names import canonical
from pyholdfast.hints.scope import Defined, Imported, Scope
from pyholdfast.hints.sources import Source, Sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyholdfast.hints.model import Hint

__all__ = ["Definition", "External", "Lookup", "MissingNameError", "Place", "Target", "unquoted"]

# Modules can import from each other in a circle; no real chain of names is longer than this.
LONGEST_CHAIN = 50


class MissingNameError(Exception):
    """A hint uses a name that does not exist; the argument is the name."""


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A name defined by a statement of a file."""

    source: Source
    name: str
    node: ast.stmt


@dataclass(frozen=True, slots=True)
class External:
    """A name or a module that is defined outside the package."""

    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """The position of an expression, which determines what its names mean.

    Attributes:
        within: the classes around it, outermost first.
        bound: the values of type parameters.
        myself: the meaning of ``Self``.
        expanding: the aliases on the way here, to detect one that contains itself.
    """

    source: Source
    within: tuple[ast.ClassDef, ...] = ()
    bound: Mapping[str, Hint] = field(default_factory=dict)
    myself: Hint | None = None
    expanding: tuple[Definition, ...] = ()


Target = Definition | External | Source


def unquoted(annotation: ast.expr) -> ast.expr:
    """The hint that a string contains; a hint of another kind, or that is not valid, as it is."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.parse(f"({annotation.value.strip()}\n)", mode="eval").body
    return annotation


class Lookup:
    """Follows names through scopes, imports and packages."""

    def __init__(self, sources: Sources) -> None:
        """Remember the sources."""
        self.sources = sources
        self._scopes: dict[int, tuple[object, Scope]] = {}

    def scope(self, source: Source, owner: ast.Module | ast.ClassDef | None = None) -> Scope:
        """The names of a module, or of a class in it."""
        node = owner if owner is not None else source.tree
        if id(node) not in self._scopes:
            self._scopes[id(node)] = (node, Scope(source, node.body))
        return self._scopes[id(node)][1]

    def target(self, node: ast.expr, place: Place) -> Target | None:
        """What a dotted name refers to; None if the expression is not a name.

        Raises:
            MissingNameError: it does not exist.
        """
        if isinstance(node, ast.Name):
            return self._name(node.id, place)
        if isinstance(node, ast.Attribute):
            owner = self.target(node.value, place)
            return None if owner is None else self._member(owner, node.attr)
        return None

    def called(self, node: ast.expr, place: Place) -> str:
        """The dotted name of an expression without its arguments; empty if unknown."""
        if isinstance(node, ast.Call):
            node = node.func
        if isinstance(node, ast.Subscript):
            node = node.value
        try:
            target = self.target(node, place)
        except MissingNameError:
            return ""
        if isinstance(target, External):
            return canonical(target.name)
        return f"{target.source.name}.{target.name}" if isinstance(target, Definition) else ""

    def wrapper(self, annotation: ast.expr, place: Place) -> str:
        """The same for a hint, which may be in quotes: ``ClassVar`` of ``"ClassVar[int]"``.

        Where all hints are strings, dataclasses do not look into one within another.
        """
        known = self.scope(place.source).names.get("annotations")
        are_strings = known == Imported("__future__", "annotations")
        return self.called(annotation if are_strings else unquoted(annotation), place)

    def _name(self, name: str, place: Place) -> Target:
        prefix = [node.name for node in place.within]
        for depth in range(len(place.within), 0, -1):
            found = self.scope(place.source, place.within[depth - 1]).names.get(name)
            if isinstance(found, Defined) and isinstance(found.node, ast.ClassDef):
                return Definition(place.source, ".".join([*prefix[:depth], name]), found.node)
        return self._global(place.source, name)

    def _global(self, source: Source, name: str, depth: int = 0) -> Target:
        if depth > LONGEST_CHAIN:
            raise MissingNameError(name)
        scope = self.scope(source)
        binding = scope.names.get(name)
        if isinstance(binding, Defined):
            return Definition(source, name, binding.node)
        if isinstance(binding, Imported):
            return self._imported(binding, depth)
        if found := self._from_stars(scope.stars, name, depth):
            return found
        if hasattr(builtins, name):
            return External(f"builtins.{name}")
        outside = next((star for star in scope.stars if self.sources.find(star) is None), None)
        if outside is not None:
            return External(f"{outside}.{name}")
        if scope.has_getattr:
            return External(f"{source.name}.{name}")
        submodule = self.sources.find(f"{source.name}.{name}")
        if submodule is not None and source.path.stem == "__init__":
            return submodule
        raise MissingNameError(name)

    def _from_stars(self, stars: Sequence[str], name: str, depth: int) -> Target | None:
        for star in stars:
            neighbour = self.sources.find(star)
            if neighbour is None:
                continue
            try:
                return self._global(neighbour, name, depth + 1)
            except MissingNameError:
                continue
        return None

    def _imported(self, binding: Imported, depth: int = 0) -> Target:
        module = self.sources.find(binding.module)
        if binding.attribute is None:
            return module or External(binding.module)
        whole = f"{binding.module}.{binding.attribute}"
        if module is None:
            return self.sources.find(whole) or External(whole)
        return self._member(module, binding.attribute, depth)

    def _member(self, owner: Target, name: str, depth: int = 0) -> Target:
        if isinstance(owner, External):
            whole = f"{owner.name}.{name}"
            return self.sources.find(whole) or External(whole)
        if isinstance(owner, Definition):
            if not isinstance(owner.node, ast.ClassDef):
                raise MissingNameError(f"{owner.name}.{name}")
            found = self.scope(owner.source, owner.node).names.get(name)
            if not isinstance(found, Defined):
                raise MissingNameError(f"{owner.name}.{name}")
            return Definition(owner.source, f"{owner.name}.{name}", found.node)
        scope = self.scope(owner)
        if name not in scope.names:
            submodule = self.sources.find(f"{owner.name}.{name}")
            if submodule is not None:
                return submodule
        if name not in scope.names and not scope.stars and not scope.has_getattr:
            raise MissingNameError(f"{owner.name}.{name}")
        return self._global(owner, name, depth + 1)
