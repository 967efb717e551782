"""Reads what a class is made from: its own ``__init__``, one that it inherits, or its fields."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyholdfast.hints import model
from pyholdfast.hints.functions import grouped, read_function
from pyholdfast.hints.lookup import Definition, External, MissingNameError, Place
from pyholdfast.hints.scope import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.hints.class_kinds import Kinds
    from pyholdfast.hints.hint_errors import HintReader
    from pyholdfast.hints.model import Function, Hint, ParameterKind

__all__ = ["place_within", "read_constructors"]

# Their decorators make no constructors, but that of dataclasses, which is read.
KNOWN = sys.stdlib_module_names | {"typing_extensions"}
# Classes from elsewhere whose constructor needs no argument.
WITHOUT_ARGUMENTS = frozenset(
    {
        *("object", "dict", "list", "set", "frozenset", "tuple", "str", "int", "float", "complex"),
        *("bytes", "bytearray", "typing.Generic", "typing.Protocol", "abc.ABC", "threading.Thread"),
        *("threading.local", "contextlib.AbstractContextManager", "contextlib.ContextDecorator"),
        *("contextlib.AbstractAsyncContextManager", "contextlib.AsyncContextDecorator"),
        *("contextlib.ExitStack", "contextlib.AsyncExitStack", "ast.NodeVisitor"),
        *("ast.NodeTransformer", "json.JSONEncoder", "json.JSONDecoder", "logging.Handler"),
        *("logging.Formatter", "logging.Filter", "html.parser.HTMLParser", "string.Formatter"),
        *("asyncio.Protocol", "asyncio.DatagramProtocol", "queue.Queue", "cmd.Cmd"),
        *(f"collections.{name}" for name in ("OrderedDict", "defaultdict", "Counter", "deque")),
        *(f"collections.{name}" for name in ("ChainMap", "UserDict", "UserList")),
    }
)


def read_constructors(
    definition: Definition, kinds: Kinds, reader: HintReader
) -> tuple[Function, ...]:
    """The constructor, or its overloads; none if the files do not show it, which is reported.

    It is the first one in the order in which Python looks for a member.
    """
    takes_all: tuple[Function, ...] = ()
    for owner in kinds.ancestors(definition):
        if isinstance(owner, External):
            if owner.name in WITHOUT_ARGUMENTS or owner.name.startswith("collections.abc."):
                continue
            reason = f"its base class '{owner.name}' is defined elsewhere, with its constructor"
            line = definition.node.lineno
            subject = f"{definition.name} constructor"
            reader.note(kinds.place(definition), subject, line, "", reason, left_out=True)
            return ()
        node = owner.node
        if not isinstance(node, ast.ClassDef):
            continue
        place = place_within(owner, kinds)
        written = {
            group[0].name: group for group in grouped(statements(node.body), place, reader)
        }  # fmt: skip
        name = "__init__" if "__init__" in written else "__new__"
        if name == "__new__" and kinds.makes_constructor(owner):
            return (_of_fields(owner, kinds, reader),)
        if name == "__new__" and (maker := _foreign_decorator(owner, kinds)):
            reason = f"its decorator '{maker}' is defined elsewhere, and may make a constructor"
            line = definition.node.lineno
            subject = f"{definition.name} constructor"
            reader.note(kinds.place(definition), subject, line, "", reason, left_out=True)
            return ()
        group = written.get(name, [])
        read = tuple(
            read_function(function, place, reader, owner=owner.name, binding="method", overload=number)
            for number, function in enumerate(group, 1 if len(group) > 1 else 0)
        )  # fmt: skip
        # A __new__(cls, *args, **kwargs) leaves the arguments to an __init__ further on.
        if name == "__new__" and [_takes_all(function) for function in read] == [True]:
            takes_all = takes_all or read
        elif read:
            return read
    return takes_all or (_made(definition, []),)


def _foreign_decorator(owner: Definition, kinds: Kinds) -> str:
    """A decorator of the class that neither the package nor Python defines, as attrs has them."""
    assert isinstance(owner.node, ast.ClassDef)  # noqa: S101 - the caller asked
    for item in owner.node.decorator_list:
        node = item.func if isinstance(item, ast.Call) else item
        try:
            found = kinds.resolver.target(node, kinds.place(owner))
        except MissingNameError:
            return ast.unparse(node)
        if isinstance(found, External) and found.name.partition(".")[0] not in KNOWN:
            return found.name
    return ""


def place_within(definition: Definition, kinds: Kinds) -> Place:
    """The scope inside a class; its type parameters may be anything."""
    node = definition.node
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - the callers ask
    outside = kinds.place(definition)
    bound: dict[str, Hint] = dict.fromkeys(
        kinds.resolver.parameter_names(node, outside), model.Plain("typing.Any")
    )
    named = model.Named(definition.source.name, definition.name)
    return replace(outside, within=(*outside.within, node), bound=bound, myself=named)


def _takes_all(function: Function) -> bool:
    return [parameter.kind for parameter in function.parameters] == ["args", "kwargs"]


def _made(definition: Definition, parameters: list[model.Parameter]) -> Function:
    line = definition.node.lineno
    name = definition.name.rpartition(".")[2]
    text = f"{name}({', '.join(parameter.name for parameter in parameters)})"
    nothing = model.Plain("None")
    return model.Function(
        "__init__", tuple(parameters), nothing, "", line, text, binding="method",
        module=definition.source.name,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Declared:
    """A field of a dataclass, as a parameter of the constructor that the decorator makes."""

    owner: Definition
    node: ast.AnnAssign
    kind: ParameterKind
    default: str | None
    is_passed: bool


def _of_fields(definition: Definition, kinds: Kinds, reader: HintReader) -> Function:
    """The constructor that the decorator of a dataclass generates."""
    parameters = []
    for name, item in _all_declared(definition, kinds).items():
        if item.is_passed:
            subject = f"{item.owner.name}.{name}"
            place = place_within(item.owner, kinds)
            hint = reader.read(item.node.annotation, place, subject, item.node.lineno)
            parameters.append(
                model.Parameter(name, item.kind, hint, item.node.lineno, item.default)
            )
    return _made(definition, sorted(parameters, key=lambda item: item.kind == "keyword"))


def _all_declared(
    definition: Definition, kinds: Kinds, known: dict[int, dict[str, _Declared]] | None = None
) -> dict[str, _Declared]:
    """The fields of a class. Each class above gives all that it has, those that it inherits included.

    Args:
        definition: the class.
        kinds: knows the classes above it.
        known: the fields of those that were asked before, so that each is asked once.
    """
    known = {} if known is None else known
    if id(definition.node) in known:
        return known[id(definition.node)]
    found = known[id(definition.node)] = {}
    # A field that a derived class declares again keeps its place.
    for owner in reversed(kinds.ancestors(definition)[1:]):
        if isinstance(owner, Definition) and kinds.has_dataclass_fields(owner):
            found.update(_all_declared(owner, kinds, known))
    if kinds.is_dataclass(definition):
        found.update(_declared(definition, kinds))
    return found


def _declared(owner: Definition, kinds: Kinds) -> Iterator[tuple[str, _Declared]]:
    node = owner.node
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - the caller asked
    place = kinds.place(owner)
    by_name = kinds.dataclass_option(owner, "kw_only") is True
    for statement in statements(node.body):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        wrapper = kinds.resolver.wrapper(statement.annotation, place)
        if wrapper == "dataclasses.KW_ONLY":
            by_name = True
            continue
        value = statement.value
        words: dict[str | None, ast.expr] = {}
        is_field = isinstance(value, ast.Call) and (
            kinds.resolver.called(value, place) == "dataclasses.field"
        )
        if is_field and isinstance(value, ast.Call):
            words = {word.arg: word.value for word in value.keywords}
            value = words.get("default", words.get("default_factory"))
        keyword = _flag(words.get("kw_only"), otherwise=by_name)
        yield (
            statement.target.id,
            _Declared(
                owner,
                statement,
                "keyword" if keyword else "either",
                ast.unparse(value) if value is not None else None,
                is_passed=wrapper != "typing.ClassVar" and _flag(words.get("init"), otherwise=True),
            ),
        )


def _flag(node: ast.expr | None, *, otherwise: bool) -> bool:
    return node.value is True if isinstance(node, ast.Constant) else otherwise
