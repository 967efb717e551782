"""Reads functions and methods: parameters, result, overloads."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pyholdfast.hints import model
from pyholdfast.hints.lookup import Place

if TYPE_CHECKING:
    from pyholdfast.hints.hint_errors import HintReader
    from pyholdfast.hints.model import Function, Hint, Parameter, ParameterKind

__all__ = ["FunctionNode", "decorators", "docstring", "grouped", "is_public", "read_function"]

ANY = model.Plain("typing.Any")
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Binding = Literal["function", "method", "classmethod", "staticmethod"]

# Decorators whose result does not have the hints that are written.
REPLACING = {
    "contextlib.contextmanager": "contextlib.AbstractContextManager",
    "contextlib.asynccontextmanager": "contextlib.AbstractAsyncContextManager",
}


def is_public(name: str) -> bool:
    """Whether a name is public."""
    return not name.startswith("_")


def docstring(node: ast.Module | ast.ClassDef | FunctionNode) -> str:
    """The docstring without its indentation; empty if there is none."""
    return ast.get_docstring(node, clean=True) or ""


def decorators(node: FunctionNode | ast.ClassDef, place: Place, reader: HintReader) -> list[str]:
    """The dotted names of the decorators; ``@name.setter`` is kept as written."""
    names = []
    for decorator in node.decorator_list:
        found = reader.resolver.called(decorator, place)
        names.append(found or ast.unparse(decorator))
    return names


def grouped(
    nodes: Iterable[ast.stmt], place: Place, reader: HintReader
) -> Iterator[list[FunctionNode]]:
    """The functions in a body, by name; if a function has overloads, only these.

    A later definition of a name replaces an earlier one.
    """
    found: dict[str, list[FunctionNode]] = {}
    overloaded: set[str] = set()
    for node in nodes:
        if not isinstance(node, FunctionNode):
            continue
        names = decorators(node, place, reader)
        if any(name.rpartition(".")[2] in ("setter", "deleter") for name in names):
            continue
        if "typing.overload" in names:
            overloaded.add(node.name)
            found.setdefault(node.name, []).append(node)
        elif node.name not in overloaded:
            found[node.name] = [node]
    yield from found.values()


def read_function(
    node: FunctionNode,
    place: Place,
    reader: HintReader,
    *,
    owner: str = "",
    binding: Binding = "function",
    overload: int = 0,
) -> Function:
    """Read a function's declaration.

    Args:
        node: its statement.
        place: the scope around it.
        reader: collects problems.
        owner: dotted name of its class; empty for a function.
        binding: the kind of method.
        overload: number of the overload.
    """
    shown = f"{owner}.{node.name}" if owner else node.name
    inner = replace(place, bound=reader.resolver.type_parameters(node, place))
    parameters = list(_parameters(node, inner, reader, shown))
    if binding in ("method", "classmethod") and parameters and parameters[0].kind != "args":
        parameters = parameters[1:]
    result: Hint = model.Plain("None")
    if (
        node.name not in ("__init__", "__new__") or not owner
    ):  # a constructor's result is known and rarely written
        result = reader.read(node.returns, inner, f"{shown}() result", node.lineno)
    generates = _generates(node)
    for name in decorators(node, place, reader):
        if name in REPLACING:
            given = result.arguments[:1] if isinstance(result, model.Applied) else (ANY,)
            result = model.Applied(REPLACING[name], given)
            generates = True
    return model.Function(
        name=node.name,
        parameters=tuple(parameters),
        result=result,
        doc=docstring(node),
        line=node.lineno,
        text=_as_written(node, shown),
        is_async=isinstance(node, ast.AsyncFunctionDef) and not generates,
        binding=binding,
        overload=overload,
        module=place.source.name,
    )


def _parameters(
    node: FunctionNode, place: Place, reader: HintReader, shown: str
) -> Iterator[Parameter]:
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    defaults += arguments.defaults

    def one(argument: ast.arg, kind: ParameterKind, default: ast.expr | None = None) -> Parameter:
        subject = f"{shown}() parameter '{argument.arg}'"
        hint = reader.read(argument.annotation, place, subject, argument.lineno)
        text = ast.unparse(default) if default is not None else None
        return model.Parameter(argument.arg, kind, hint, argument.lineno, text)

    # Before Python had the slash, stubs marked positional parameters by two leading underscores.
    for index, argument in enumerate(plain):
        hidden = argument.arg.startswith("__") and not argument.arg.endswith("__")
        by_position = index < len(arguments.posonlyargs) or hidden
        yield one(argument, "positional" if by_position else "either", defaults[index])
    if arguments.vararg:
        yield one(arguments.vararg, "args")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield one(argument, "keyword", default)
    if arguments.kwarg:
        yield one(arguments.kwarg, "kwargs")


def _generates(node: FunctionNode) -> bool:
    """Whether the function's own body contains a ``yield``."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(inner)
    return False


def _as_written(node: FunctionNode, shown: str) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    result = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    text = f"{word} {shown}({', '.join(_arguments_as_written(node.args))}){result}"
    return " ".join(text.split())


def _arguments_as_written(arguments: ast.arguments) -> Iterator[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    for index, (argument, default) in enumerate(
        zip(plain, [*defaults, *arguments.defaults], strict=True), 1
    ):
        yield _argument_as_written(argument, default)
        if index == len(arguments.posonlyargs):
            yield "/"
    if arguments.vararg:
        yield "*" + _argument_as_written(arguments.vararg, None)
    elif arguments.kwonlyargs:
        yield "*"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _argument_as_written(argument, default)
    if arguments.kwarg:
        yield "**" + _argument_as_written(arguments.kwarg, None)


def _argument_as_written(argument: ast.arg, default: ast.expr | None) -> str:
    text = argument.arg
    if argument.annotation is not None:
        text += f": {ast.unparse(argument.annotation)}"
    if default is not None:
        space = " " if argument.annotation is not None else ""
        text += f"{space}={space}{ast.unparse(default)}"
    return text
