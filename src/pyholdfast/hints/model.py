"""What a module declares, with every hint resolved: plain data, compared by value.

Types have the name of the place that defines them (`list`, `datetime.date`, `numpy.float64`),
whatever the module calls them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

__all__ = [
    "Alias",
    "Annotated",
    "Applied",
    "Callback",
    "Choice",
    "Class",
    "Constant",
    "Declaration",
    "Enumeration",
    "ExceptionClass",
    "Field",
    "Function",
    "Hint",
    "LiteralOf",
    "Module",
    "Named",
    "Parameter",
    "Plain",
    "Problem",
    "Record",
    "Unmapped",
    "Value",
]

Value = bool | int | float | complex | str | bytes | None


@dataclass(frozen=True, slots=True)
class Plain:
    """A type without arguments: ``int``, ``None``, ``datetime.date``, ``typing.Any``."""

    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A type with arguments, e.g. ``list`` of ``int``.

    ``tuple`` has a fixed length; ``tuple[int, ...]`` is called ``tuple...``.
    """

    name: str
    arguments: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A union: flat, without duplicates, in the order written."""

    members: tuple[Hint, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LiteralOf:
    """``Literal[...]``, in the order written; with the name of its alias, if it has one."""

    values: tuple[Value, ...]
    module: str = ""
    name: str = ""

    def __eq__(self, other: object) -> bool:
        """Whether both have the same values; True is not 1."""
        return isinstance(other, LiteralOf) and self._parts() == other._parts()

    def __hash__(self) -> int:
        """Of what is compared."""
        return hash(self._parts())

    def _parts(self) -> tuple[object, ...]:
        return self.module, self.name, *((type(value), value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Named:
    """A type of the user's: a record, an enumeration, a class, or an alias that contains itself.

    Attributes:
        module: dotted name of the module that defines it.
        name: dotted if nested.
        arguments: the arguments of a generic class.
    """

    module: str
    name: str
    arguments: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class Callback:
    """``Callable[[...], result]``; `parameters` is None for ``Callable[..., result]``."""

    parameters: tuple[Hint, ...] | None
    result: Hint


@dataclass(frozen=True, slots=True)
class Annotated:
    """``Annotated[hint, ...]`` with metadata that is used: an element type or a shape."""

    hint: Hint
    notes: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A hint without a C++ equivalent, and why."""

    text: str
    reason: str


Hint = Plain | Applied | Choice | LiteralOf | Named | Callback | Annotated | Unmapped


@dataclass(frozen=True, slots=True)
class Problem:
    """A hint that could not be mapped, or an error.

    Attributes:
        line: from 1.
        subject: what it is about, e.g. ``price() parameter 'book'``.
        text: the hint as written.
        reason: why it could not be mapped.
        code: HFnnn for an error, which stops the module; else empty.
        left_out: whether the header lacks the subject; otherwise it is there as an object.
    """

    file: str
    line: int
    subject: str
    text: str
    reason: str
    code: str = ""
    left_out: bool = False


ParameterKind = Literal["positional", "either", "keyword", "args", "kwargs"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function.

    Attributes:
        kind: positional only, positional or by keyword, keyword only, ``*args``, ``**kwargs``.
        default: as written; None if there is none.
    """

    name: str
    kind: ParameterKind
    hint: Hint
    line: int
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method.

    Attributes:
        name: its name in the module or class.
        parameters: without ``self`` and ``cls``.
        result: for a coroutine function, the awaited result.
        text: the signature as written, on one line.
        is_async: declared by ``async def``, and not an asynchronous generator.
        binding: the kind of method, for a member of a class.
        overload: the number of the overload, from 1; 0 if there is only one.
        module: dotted name of the module that defines it.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Hint
    doc: str
    line: int
    text: str
    is_async: bool = False
    binding: Literal["function", "method", "classmethod", "staticmethod"] = "function"
    overload: int = 0
    module: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record, or a property or attribute of a class.

    Attributes:
        has_default: whether it may be left out when the record is created.
        default: its value, if `literal_default` is set.
        member_default: the name of an enumeration's member, if that is the default.
        empty_default: whether the default is an empty container.
        computed: whether it is never passed, because the class sets it itself.
        required: False for a key that a TypedDict may lack.
        writable: False for a property without a setter, and for a frozen field.
        module: dotted name of the module that defines it; for an inherited one, the base's.
    """

    name: str
    hint: Hint
    line: int
    doc: str = ""
    has_default: bool = False
    default: Value = None
    literal_default: bool = False
    member_default: str = ""
    empty_default: bool = False
    computed: bool = False
    required: bool = True
    writable: bool = True
    module: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A dataclass, NamedTuple or TypedDict.

    Attributes:
        name: dotted if nested.
        arguments: the arguments of a generic record.
        methods: its own public methods, if it belongs to the module that is read.
    """

    kind: Literal["dataclass", "namedtuple", "typeddict"]
    module: str
    name: str
    fields: tuple[Field, ...]
    doc: str
    line: int
    arguments: tuple[Hint, ...] = ()
    methods: tuple[Function, ...] = ()


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An Enum; `members` are names and values, None for a value that is not a literal.

    Attributes:
        base: ``Enum``, ``IntEnum``, ``StrEnum``, ``Flag`` or ``IntFlag``.
    """

    base: str
    module: str
    name: str
    members: tuple[tuple[str, Value], ...]
    doc: str
    line: int


@dataclass(frozen=True, slots=True)
class Class:
    """Any other class: its objects stay in Python, and C++ has a handle.

    Attributes:
        constructors: ``__init__`` or ``__new__``, or its overloads; none if it is not known.
        properties: properties, and attributes with a hint.
        enters: the value of ``with``, if it is a context manager.
        enters_async: the value of ``async with``, if it is an asynchronous one.
        base: the user's class that it derives from, if there is one.
    """

    module: str
    name: str
    constructors: tuple[Function, ...]
    methods: tuple[Function, ...]
    properties: tuple[Field, ...]
    doc: str
    line: int
    enters: Hint | None = None
    enters_async: Hint | None = None
    base: Named | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """An alias that contains itself, and therefore needs a name.

    Attributes:
        hint: the type that it stands for, in which the alias is a `Named`.
        text: the same, as written.
    """

    module: str
    name: str
    hint: Hint
    text: str
    line: int


Declaration = Record | Enumeration | Class | Alias


@dataclass(frozen=True, slots=True)
class ExceptionClass:
    """An exception that the module defines."""

    name: str
    doc: str
    line: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A ``Final`` with a literal value."""

    name: str
    value: Value
    line: int


@dataclass(slots=True)
class Module:
    """A module, and what it uses of other modules.

    Attributes:
        name: dotted, as in ``import``.
        functions: in the order of the file.
        types: those of the module in the order of the file, and those of other modules that its
            hints use, each after the types that it consists of.
        constants: in the same order.
        exceptions: in the same order.
        places: the file of each module that was read, its own first.
        hashes: the fingerprint of each function, method and type, by module and name.
    """

    name: str
    doc: str
    functions: list[Function] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    exceptions: list[ExceptionClass] = field(default_factory=list)
    types: list[Declaration] = field(default_factory=list)
    hashes: dict[tuple[str, str], str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    places: dict[str, Path] = field(default_factory=dict)
