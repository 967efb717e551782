"""Reads a module: its declarations, and what its hints use of other modules."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.hints import model
from pyholdfast.hints.class_kinds import Kinds
from pyholdfast.hints.classes import read_class
from pyholdfast.hints.cycles import value_of
from pyholdfast.hints.enumerations import read_enumeration
from pyholdfast.hints.fingerprint import Fingerprints
from pyholdfast.hints.functions import docstring, grouped, is_public, read_function
from pyholdfast.hints.hint_errors import HintReader
from pyholdfast.hints.lookup import Definition, Place
from pyholdfast.hints.records import read_record
from pyholdfast.hints.scope import Defined, statements
from pyholdfast.hints.sources import Source, Sources, module_of
from pyholdfast.hints.target import reading_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyholdfast.hints.model import Declaration, Hint

__all__ = ["hints_of", "parts_of", "read_module"]


def read_module(
    path: Path, *, root: Path | None = None, version: tuple[int, ...] | None = None
) -> model.Module:
    """Read what a module declares, for C++ to call; it is neither imported nor run.

    Args:
        path: the file.
        root: the folder on ``sys.path``; see `module_of`.
        version: of the Python that will run it, for what the module asks of it; by default, of the
            one that runs holdfast.

    Raises:
        HoldfastError: HF501 a file cannot be read, HF502 a file is not valid Python, HF505 the
            file's name is not a module's.
    """
    with reading_for(version):
        return _read(path, root)


def _read(path: Path, root: Path | None) -> model.Module:
    name, folder = module_of(path, root)
    sources = Sources(folder)
    source = sources.open(name, path)
    kinds = Kinds(sources)
    reader = HintReader(kinds.resolver)
    module = model.Module(name, docstring(source.tree))
    body = list(statements(source.tree.body))
    wanted = _exported(body)
    place = Place(source)
    for group in grouped(body, place, reader):
        if wanted(group[0].name):
            for number, node in enumerate(group, 1 if len(group) > 1 else 0):
                module.functions.append(read_function(node, place, reader, overload=number))
    # By name: where several branches have one, the last counts
    constants = {item.name: item for item in _constants(body, place, kinds, wanted)}
    module.constants = list(constants.values())
    _Types(module, kinds, reader).collect(source, wanted)
    module.hashes = _hashes(module, sources)
    module.places = sources.places()
    module.problems = sorted(reader.problems, key=lambda problem: (problem.file, problem.line))
    return module


class _Types:
    """Finds the types of a module, and the types that these and its functions use."""

    def __init__(self, module: model.Module, kinds: Kinds, reader: HintReader) -> None:
        self.module = module
        self.kinds = kinds
        self.reader = reader
        self.seen: set[model.Named] = set()

    def collect(self, source: Source, wanted: _Wanted) -> None:
        for name, binding in self.kinds.resolver.scope(source).names.items():
            if wanted(name) and isinstance(binding, Defined):
                self._own(Definition(source, name, binding.node))
        for function in self.module.functions:
            for hint in hints_of(function):
                self._of(hint)

    def _own(self, definition: Definition) -> None:
        kind = self.kinds.kind(definition)
        node = definition.node
        if kind == "alias":  # any assignment may look like one: hints show which are types
            return
        if kind == "exception" and isinstance(node, ast.ClassDef):
            made = model.ExceptionClass(definition.name, docstring(node), node.lineno)
            # A class of another module may have one, and a generic one is met more than once
            if definition.source.name == self.module.name and made not in self.module.exceptions:
                self.module.exceptions.append(made)
        named = self.kinds.as_type(definition)
        # A generic record is a type only with arguments, which are found in hints.
        if not isinstance(named, model.Named) or self._is_open(definition):
            return
        self._add(named)

    def _is_open(self, definition: Definition) -> bool:
        if self.kinds.kind(definition) == "class" or not isinstance(definition.node, ast.ClassDef):
            return False
        place = self.kinds.place(definition)
        return bool(self.kinds.resolver.parameter_names(definition.node, place))

    def _of(self, hint: Hint) -> None:
        for part in parts_of(hint):
            if isinstance(part, model.Named):
                self._add(part)

    def _add(self, named: model.Named) -> None:
        plain = model.Named(named.module, named.name)
        definition = self.kinds.definitions[plain]
        if self.kinds.kind(definition) in ("class", "enum", "alias"):
            named = plain
        if named in self.seen:
            return
        self.seen.add(named)
        declaration = self._read(named, definition)
        for hint in hints_of(declaration):
            self._of(hint)
        for function in declaration.methods if isinstance(declaration, model.Record) else ():
            for hint in hints_of(function):
                self._of(hint)
        if isinstance(declaration, model.Class) and declaration.base is not None:
            self._add(declaration.base)
        self.module.types.append(declaration)
        for inner in ast.iter_child_nodes(definition.node):
            if isinstance(inner, ast.ClassDef) and is_public(inner.name):
                self._own(Definition(definition.source, f"{named.name}.{inner.name}", inner))

    def _read(self, named: model.Named, definition: Definition) -> Declaration:
        kind = self.kinds.kind(definition)
        if kind == "enum":
            return read_enumeration(definition, self.kinds)
        if kind == "class":
            return read_class(definition, self.kinds, self.reader)
        if kind == "alias":
            return self._alias(definition)
        own = named.module == self.module.name
        return read_record(named, definition, self.kinds, self.reader, own=own)

    def _alias(self, definition: Definition) -> model.Alias:
        node = definition.node
        value = value_of(node)
        hint = self.reader.read(value, Place(definition.source), definition.name, node.lineno)
        text = ast.unparse(value) if value is not None else ""
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            text = " ".join(value.value.split())
        return model.Alias(definition.source.name, definition.name, hint, text, node.lineno)


def parts_of(hint: Hint) -> Iterator[Hint]:
    """The hint, and every hint that it contains."""
    yield hint
    inner: tuple[Hint, ...] = ()
    if isinstance(hint, (model.Applied, model.Named)):
        inner = hint.arguments
    elif isinstance(hint, model.Choice):
        inner = hint.members
    elif isinstance(hint, model.Callback):
        inner = (*(hint.parameters or ()), hint.result)
    elif isinstance(hint, model.Annotated):
        inner = (hint.hint,)
    for part in inner:
        yield from parts_of(part)


def hints_of(thing: Declaration | model.Function) -> Iterator[Hint]:
    """The hints in a declaration."""
    if isinstance(thing, model.Function):
        yield from (parameter.hint for parameter in thing.parameters)
        yield thing.result
    elif isinstance(thing, model.Record):
        yield from (field.hint for field in thing.fields)
    elif isinstance(thing, model.Alias):
        yield thing.hint
    elif isinstance(thing, model.Class):
        for function in (*thing.constructors, *thing.methods):
            yield from hints_of(function)
        yield from (field.hint for field in thing.properties)
        yield from (hint for hint in (thing.enters, thing.enters_async) if hint is not None)


class _Wanted:
    """Tells which names of a module are public: those in ``__all__``, else those without ``_``."""

    def __init__(self, listed: frozenset[str] | None) -> None:
        self.listed = listed

    def __call__(self, name: str) -> bool:
        return is_public(name) if self.listed is None else name in self.listed


def _exported(body: Iterable[ast.stmt]) -> _Wanted:
    found: list[ast.expr] = []
    for node in body:
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(item, ast.Name) and item.id == "__all__" for item in targets):
                found = [*(found if isinstance(node, ast.AugAssign) else []), node.value]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called, given = ast.unparse(node.value.func), node.value.args
            found += given if called == "__all__.extend" else []
            found += [ast.List(given)] if called == "__all__.append" else []
    listed = [_listed(value) for value in found]
    if not listed or None in listed:
        return _Wanted(None)
    return _Wanted(frozenset().union(*(names for names in listed if names is not None)))


def _listed(node: ast.expr) -> frozenset[str] | None:
    """The names in a list, and in lists that are added; None if they are not known without running code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return frozenset({node.value})
    if isinstance(node, ast.Attribute) and node.attr == "__all__":
        return frozenset()  # names of another module, which are not defined here
    if isinstance(node, ast.Starred):
        return _listed(node.value)
    inside: list[ast.expr] = []
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        inside = node.elts
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        inside = [node.left, node.right]
    else:
        return None
    parts = [_listed(item) for item in inside]
    known = [part for part in parts if part is not None]
    return frozenset().union(*known) if len(known) == len(parts) else None


def _constants(
    body: list[ast.stmt], place: Place, kinds: Kinds, wanted: _Wanted
) -> Iterator[model.Constant]:
    for node in body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        final = kinds.resolver.wrapper(node.annotation, place) == "typing.Final"
        if not final or node.value is None or not wanted(node.target.id):
            continue
        try:
            value = ast.literal_eval(node.value)
        except ValueError:
            continue
        if isinstance(value, (bool, int, float, str)):
            yield model.Constant(node.target.id, value, node.lineno)


def _hashes(module: model.Module, sources: Sources) -> dict[tuple[str, str], str]:
    prints: dict[str, Fingerprints] = {}
    wanted = [(module.name, function.name) for function in module.functions]
    for declaration in module.types:
        wanted.append((declaration.module, declaration.name))
        if isinstance(declaration, (model.Class, model.Record)):
            names = [f"{declaration.name}.{function.name}" for function in declaration.methods]
            wanted += [(declaration.module, name) for name in names]
    found = {}
    for owner, name in wanted:
        source = sources.find(owner)
        if source is not None and owner not in prints:
            prints[owner] = Fingerprints(source.text)
        if owner in prints and (number := prints[owner].of(name)):
            found[owner, name] = number
    return found
