"""Turns the expression of a hint into a type.

Follows aliases, including into other modules of the package, and substitutes type arguments. A type
from elsewhere keeps its dotted name; `codegen` decides whether it has a C++ equivalent.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from pyholdfast.hints import model
from pyholdfast.hints.canonical_names import FLATTENED, canonical
from pyholdfast.hints.cycles import contains_itself, value_of
from pyholdfast.hints.lookup import Definition, External, Lookup, MissingNameError, Place, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyholdfast.hints.model import Hint
    from pyholdfast.hints.sources import Sources

__all__ = ["Resolver", "union", "unmapped"]

ANY = model.Plain("typing.Any")
NONE = model.Plain("None")


class Resolver(Lookup):
    """Turns expressions into types, for all modules of one package."""

    def __init__(self, sources: Sources, classify: Callable[[Definition], Hint | None]) -> None:
        """Remember the sources.

        Args:
            sources: finds other modules.
            classify: the type for a class statement of the package; None if it is not a type.
        """
        super().__init__(sources)
        self._classify = classify
        self._recursive: dict[int, bool] = {}

    def hint(self, node: ast.expr, place: Place) -> Hint:
        """The type that an expression means.

        Raises:
            MissingNameError: it uses a name that does not exist.
            SyntaxError: a hint in a string is not an expression.
        """
        if isinstance(node, ast.Constant):
            return self._constant(node, place)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return union([self.hint(node.left, place), self.hint(node.right, place)])
        if isinstance(node, (ast.Name, ast.Attribute)):
            if isinstance(node, ast.Name) and node.id in place.bound:
                return place.bound[node.id]
            return self._type(node, self.target(node, place), [], place)
        if isinstance(node, ast.Subscript):
            arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            target = self.target(node.value, place)
            if isinstance(target, External) and canonical(target.name) == "tuple":
                return self._tuple(arguments, place)
            return self._type(node, target, arguments, place)
        return unmapped(node, "this is not a type")

    def _constant(self, node: ast.Constant, place: Place) -> Hint:
        if node.value is None:
            return NONE
        if isinstance(node.value, str):
            inner = ast.parse(f"({node.value.strip()}\n)", mode="eval").body
            return self.hint(inner, place)
        return unmapped(node, "this is not a type")

    def _type(
        self, node: ast.expr, target: Target | None, arguments: Sequence[ast.expr], place: Place
    ) -> Hint:
        if isinstance(target, External):
            return self._external(node, canonical(target.name), arguments, place)
        if isinstance(target, Definition):
            return self._own(node, target, arguments, place)
        return unmapped(node, "this is a module" if target is not None else "this is not a type")

    def _external(
        self, node: ast.expr, name: str, arguments: Sequence[ast.expr], place: Place
    ) -> Hint:
        if name == "typing.Literal":
            return self._literal(node, arguments, place)
        if name == "collections.abc.Callable":
            return self._callback(arguments, place)
        if not arguments:
            return self._bare(name, place)
        if name == "typing.Annotated":
            return self._annotated(arguments, place)
        if name in FLATTENED:
            return self.hint(arguments[0], place)
        given = tuple(self.hint(argument, place) for argument in arguments)
        if name == "typing.Optional":
            return union([*given, NONE])
        return union(given) if name == "typing.Union" else model.Applied(name, given)

    @staticmethod
    def _bare(name: str, place: Place) -> Hint:
        if name in ("None", "types.NoneType"):
            return NONE
        if name == "typing.Self" and place.myself is not None:
            return place.myself
        if name == "tuple":
            return model.Applied("tuple...", (ANY,))
        return ANY if name in FLATTENED else model.Plain(name)

    def _tuple(self, arguments: Sequence[ast.expr], place: Place) -> Hint:
        last = arguments[-1] if arguments else None
        if len(arguments) == 2 and isinstance(last, ast.Constant) and last.value is Ellipsis:  # noqa: PLR2004
            return model.Applied("tuple...", (self.hint(arguments[0], place),))
        elements = [
            item for item in arguments if not (isinstance(item, ast.Tuple) and not item.elts)
        ]
        return model.Applied("tuple", tuple(self.hint(item, place) for item in elements))

    def _callback(self, arguments: Sequence[ast.expr], place: Place) -> Hint:
        if len(arguments) != 2:  # noqa: PLR2004 - parameters and result
            return model.Callback(None, ANY)
        parameters, result = arguments
        taken = (
            tuple(self.hint(item, place) for item in parameters.elts)
            if isinstance(parameters, ast.List)
            else None
        )
        return model.Callback(taken, self.hint(result, place))

    def _literal(self, node: ast.expr, arguments: Sequence[ast.expr], place: Place) -> Hint:
        values: list[model.Value] = []
        owners: list[Hint] = []
        for argument in arguments:
            if isinstance(argument, ast.Attribute):  # a member of an enumeration
                owners.append(self.hint(argument.value, place))
                continue
            if isinstance(argument, (ast.Subscript, ast.Name)):
                inner = self.hint(argument, place)
                values += inner.values if isinstance(inner, model.LiteralOf) else []
                continue
            try:
                values.append(ast.literal_eval(argument))
            except ValueError:
                return unmapped(node, "not every part of it is a literal")
        if owners:
            same = not values and all(owner == owners[0] for owner in owners)
            return owners[0] if same else unmapped(node, "it mixes members of enumerations")
        kept = [value for index, value in enumerate(values) if not _among(value, values[:index])]
        return model.LiteralOf(tuple(kept), module=place.source.name)

    def _annotated(self, arguments: Sequence[ast.expr], place: Place) -> Hint:
        inner = self.hint(arguments[0], place)
        notes: list[str | int] = []
        for argument in arguments[1:]:
            if isinstance(argument, ast.Constant) and type(argument.value) in (str, int):
                notes.append(argument.value)  # type: ignore[arg-type] # told by type() above
            elif isinstance(argument, (ast.Name, ast.Attribute)):
                notes.append(self.called(argument, place))
        return model.Annotated(inner, tuple(notes)) if notes else inner

    # Types that the package defines

    def _own(
        self, node: ast.expr, target: Definition, arguments: Sequence[ast.expr], place: Place
    ) -> Hint:
        statement = target.node
        given = [self.hint(argument, place) for argument in arguments]
        if isinstance(statement, ast.ClassDef):
            found = self._classify(target)
            if isinstance(found, model.Named) and given:
                return replace(found, arguments=tuple(given))
            return found or unmapped(node, "this class has no C++ equivalent")
        if self.is_recursive(target):
            if getattr(statement, "type_params", []) or given:
                return unmapped(node, "the alias contains itself, and has type parameters")
            return self._classify(target) or unmapped(node, "this is not a type")
        if any(target.node is other.node for other in place.expanding):
            return unmapped(node, "it is made of itself")
        inner = replace(
            place,
            source=target.source,
            within=(),
            bound={},
            myself=None,
            expanding=(*place.expanding, target),
        )
        value = value_of(statement)
        if value is None:
            return unmapped(node, "this is not a type")
        if isinstance(value, ast.Call):
            return self._made(node, target, value, inner)
        names = self._parameters(statement, value, inner)
        bound: dict[str, Hint] = dict.fromkeys(names, ANY)
        bound.update(zip(names, given, strict=False))
        found = self.hint(value, replace(inner, bound=bound))
        if isinstance(found, model.LiteralOf) and not found.name:
            return replace(found, module=target.source.name, name=target.name)
        return found

    def is_recursive(self, definition: Definition) -> bool:
        """Whether it is an alias that contains itself."""
        key = id(definition.node)
        if key not in self._recursive:
            self._recursive[key] = contains_itself(definition, self)
        return self._recursive[key]

    def _made(self, node: ast.expr, target: Definition, call: ast.Call, place: Place) -> Hint:
        """A type made by a call: NewType, TypeVar, and functional records and enumerations."""
        maker = self.called(call, place)
        if maker == "typing.NewType" and len(call.args) == 2:  # noqa: PLR2004 - name and type
            return self.hint(call.args[1], place)
        if maker == "typing.TypeVar":
            return self.type_variable(node, call, place)
        return self._classify(target) or unmapped(node, "this is not a type")

    def type_variable(self, node: ast.expr, call: ast.Call, place: Place) -> Hint:
        """The type for a type parameter: its bound, or one of its constraints."""
        bound = next((word.value for word in call.keywords if word.arg == "bound"), None)
        if bound is not None:
            return self.hint(bound, place)
        if len(call.args) > 1:
            return union([self.hint(argument, place) for argument in call.args[1:]])
        return unmapped(node, "the type parameter may be any type")

    def type_parameters(self, node: ast.AST, place: Place) -> Mapping[str, Hint]:
        """The bounds of a statement's type parameters (PEP 695)."""
        found = dict(place.bound)
        for parameter in getattr(node, "type_params", []):
            limit = getattr(parameter, "bound", None)
            if limit is None:
                found[parameter.name] = model.Unmapped(
                    parameter.name, "the type parameter may be any type"
                )
            elif isinstance(limit, ast.Tuple):
                found[parameter.name] = union([self.hint(item, place) for item in limit.elts])
            else:
                found[parameter.name] = self.hint(limit, place)
        return found

    def parameter_names(self, node: ast.ClassDef, place: Place) -> list[str]:
        """The names of a generic class's parameters, in order."""
        if declared := [parameter.name for parameter in getattr(node, "type_params", [])]:
            return declared
        names: list[str] = []
        for base in node.bases:
            if isinstance(base, ast.Subscript):
                names += [name for name in self._variables(base.slice, place) if name not in names]
        return names

    def _parameters(self, statement: ast.stmt, value: ast.expr, place: Place) -> list[str]:
        if declared := [parameter.name for parameter in getattr(statement, "type_params", [])]:
            return declared
        return self._variables(value, place)

    def _variables(self, node: ast.expr, place: Place) -> list[str]:
        """The TypeVars in an expression, in the order of their first appearance."""
        found: list[str] = []
        for inner in ast.walk(node):
            if not isinstance(inner, ast.Name) or inner.id in found:
                continue
            try:
                target = self.target(inner, place)
            except MissingNameError:
                continue
            value = value_of(target.node) if isinstance(target, Definition) else None
            if isinstance(value, ast.Call) and self.called(value, place) == "typing.TypeVar":
                found.append(inner.id)
        return found


def union(members: Sequence[Hint]) -> Hint:
    """A flat union without duplicates; with a single member, that member."""
    flat: list[Hint] = []
    for member in members:
        flat += member.members if isinstance(member, model.Choice) else [member]
    kept = [item for index, item in enumerate(flat) if item not in flat[:index]]
    return kept[0] if len(kept) == 1 else model.Choice(tuple(kept))


def unmapped(node: ast.expr, reason: str) -> model.Unmapped:
    """The expression as written, with a reason."""
    return model.Unmapped(ast.unparse(node), reason)


def _among(value: model.Value, others: Sequence[model.Value]) -> bool:
    """Like ``in``, but True is not 1."""
    return any(value == other and type(value) is type(other) for other in others)
