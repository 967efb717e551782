"""What a module declares, with every hint resolved: plain data, compared by value.

Types are named by the place that defines them (`list`, `datetime.date`, `numpy.float64`), whatever
name the module gave them.
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

    ``tuple`` is the one of fixed length; ``tuple[int, ...]`` is called ``tuple...``.
    """

    name: str
    arguments: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A union; flat, without doubles, in the order written."""

    members: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class LiteralOf:
    """``Literal[...]``, in the order written; with its name, if it was met under one."""

    values: tuple[Value, ...]
    module: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A type of the user's: a record, an enumeration, a class, or an alias that contains itself.

    Attributes:
        module: dotted, where it is defined.
        name: dotted, where it is nested.
        arguments: what a generic class is applied to.
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
    """``Annotated[hint, ...]`` with something that matters here: an element type or a shape."""

    hint: Hint
    notes: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A hint without an equal in C++, and why."""

    text: str
    reason: str


Hint = Plain | Applied | Choice | LiteralOf | Named | Callback | Annotated | Unmapped


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be mapped, or is wrong.

    Attributes:
        line: from 1.
        subject: what it is about, e.g. ``price() parameter 'book'``.
        text: the hint as written.
        reason: why it could not be mapped.
        code: HFnnn where it is an error, which stops the module; else empty.
        left_out: whether the thing itself is not in the header; else it is there as an object.
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
        kind: passed by position only, either way, by keyword only; or ``*args``, ``**kwargs``.
        default: as written; None where there is none.
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
        name: as in its module or class.
        parameters: without ``self`` and ``cls``.
        result: of a coroutine function, what awaiting it gives.
        text: the signature as written, on one line.
        is_async: declared by ``async def``, but no asynchronous generator.
        binding: what stands before it in a class.
        overload: which one of several this is, from 1; 0 where there is only one.
        module: dotted, where it is written.
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
        has_default: whether it may be left out when the record is made.
        default: its value, where `literal_default` says that it is a literal.
        member_default: the name of a member of an enumeration, where that is the default.
        empty_default: whether the default is an empty container.
        computed: whether it is never passed, because the class sets it itself.
        required: False for a key that a TypedDict may lack.
        writable: False for a property without a setter, and in what is frozen.
        module: dotted, where it is written: an inherited one in that of the base.
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
        name: dotted where it is nested.
        arguments: what a generic record is applied to.
        methods: its own public ones, of a record of the module that is read.
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
    """An Enum; `members` are names and values, None where the value is no literal.

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
    """Any other class: it stays in Python, and C++ holds a handle.

    Attributes:
        constructors: ``__init__``, or its overloads; named ``__init__``.
        properties: also attributes with a hint.
        enters: what ``with`` gives, if it is a context manager.
        enters_async: what ``async with`` gives, if it is an asynchronous one.
        base: the class of the user's that it derives from, if there is one.
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
    """An alias that contains itself, and so needs a name of its own.

    Attributes:
        hint: what it stands for; it is a `Named` in there.
        text: that, as written.
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
    """A ``Final`` whose value is a literal."""

    name: str
    value: Value
    line: int


@dataclass(slots=True)
class Module:
    """A module, and what it needs of others.

    Attributes:
        name: dotted, as in ``import``.
        functions: in the order of the file.
        types: those of the module in the order of the file, and those of its neighbours that its
            hints name, each behind those it is made of.
        constants: likewise.
        exceptions: likewise.
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
