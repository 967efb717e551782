"""What a source file has: its functions and the events in them, as clang-tidy reports them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pyholdfast.check.clang_tidy_output import Place

__all__ = [
    "OF_BINDINGS",
    "OF_LIBRARIES",
    "OR",
    "PYTHON_OBJECT",
    "Event",
    "Function",
    "Global",
    "Handed",
    "KeptObject",
    "UnitFacts",
]

# In place of a class of a binding library, whose objects drop a reference.
PYTHON_OBJECT = "a Python object"
OR = " or "  # between the names of variables of which a call may call any
OF_BINDINGS = re.compile(r"/(?:pybind11|nanobind|boost/python)/")
OF_LIBRARIES = re.compile(r"/(?:pybind11|nanobind|boost/python|numpy|python3\.\d+t?)/")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a function does.

    Attributes:
        kind: ``api``, ``call``, ``construct``, ``block``, ``slow``, ``binding``, ``bindingnew``,
            ``pointer`` (a call through one), ``storedcall`` (of a std::function), ``named`` (by the configuration), ``noreturn``; for a
            variable ``attach``, ``detach``, ``local``, ``bindinglocal``, ``contained`` (in a
            container), ``plainlocal``, ``deferred`` (a lambda called at its end), ``starter``
            (Python runs for its lifetime), ``startercontained``; for objects that end here
            ``destroy``; for exceptions ``throw`` (outside of a try block) and ``tried`` (a call in a
            try block that may throw).
        name: the function that is called, or the variable's class.
        place: where it happens.
        target: the declaration of the called function, or the variable's class.
        order: a key that sorts events of the same place.
    """

    kind: str
    name: str
    place: Place
    target: Place
    order: tuple[Place, ...] = ()


@dataclass(slots=True)
class Function:
    """A function with a body.

    Attributes:
        body: the place of its ``{``, which identifies the function.
        place: the start of its definition.
        owner: the class of a method, else empty.
        name: without the class.
        local: whether it is visible in its file only.
        marks: properties: ``signature`` (its types are Python's), ``holder`` (its class holds
            Python objects), ``marked`` (annotated), ``lambda``, ``thread`` (passed to a thread),
            ``call_guard``, ``table`` (its address is in a table), ``method`` (in a table of
            methods or slots, which Python calls attached), ``bound`` (a binding library calls it
            for Python), ``nothrow``.
        events: what it does, in the order of the text.
        passed: where it is passed to a thread.
        shared: attaches and detaches whose result is kept in a static variable; the target is that
            variable.
        by_value: a parameter that owns a binding library's object.
    """

    body: Place
    place: Place
    owner: str
    name: str
    local: bool
    marks: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    passed: Place | None = None
    spawner: str = ""
    shared: list[Event] = field(default_factory=list)
    by_value: Place | None = None

    @property
    def shown(self) -> str:
        """The function's name in messages."""
        if self.name == "(lambda)":
            return f"the lambda at line {self.place.line}"
        if self.name.endswith(")") and not self.name.startswith("operator"):
            return self.name  # a macro that makes the whole function
        return f"{self.owner}::{self.name}()" if self.owner else f"{self.name}()"


@dataclass(frozen=True, slots=True)
class Global:
    """A call or a destructor that runs before or after main."""

    kind: str
    name: str
    place: Place
    target: Place


@dataclass(frozen=True, slots=True)
class Handed:
    """A function that is an argument of a call.

    Attributes:
        target: its declaration.
        by: the function that makes the call.
        place: of the argument.
        call: the place of the call.
        to: the declaration of the called function.
        owner: its class; empty for a function, or if it is not known.
    """

    target: Place
    by: Place
    place: Place
    call: Place
    to: Place
    owner: str = ""


@dataclass(frozen=True, slots=True)
class KeptObject:
    """A Python object that something keeps which is given to a library.

    Attributes:
        place: of the lambda, or of the call of ``bind``.
        function: its declaration; of a lambda, the same place.
        to: the declaration of the function that gets it.
        name: of the variable for the object.
    """

    place: Place
    function: Place
    to: Place
    name: str


@dataclass(slots=True)
class UnitFacts:
    """One source file and what it includes.

    Attributes:
        functions: by the place of their body.
        declared: class and name of each declaration that is used.
        referred: functions whose address is taken: the function, the place of the function or
            variable that takes it, and where.
        handed: functions that are arguments of a call.
        lambdas: lambdas that are arguments of a call.
        stored: lambdas that a std::function is given, each with that variable or member.
        stored_by_call: lambdas that a parameter of that type is given, each with the parameter and
            the function that has it.
        stored_moves: variables whose std::function goes to another one, each with the function that
            moves it, and with the other one.
        keepers: names of the pointers that may get a function, by the place of the function's name.
        overrides: virtual methods, each with the class whose method it overrides.
        members: what the objects of a class contain: classes by the name of the class.
        globals: what runs outside of main.
        statements: places at which statements begin.
        begins: those at which a statement of a block begins.
        controls: places at which control flow changes in a macro: how, and where in the macro.
        class_of: where the class of a method is declared, by the method's place.
        guard_fields: classes that have a guard as a member: ``attach`` or ``detach``.
        presets: classes that call a function of CPython to initialise a member where it is declared.
        bound: classes whose objects a binding library destroys for Python.
        bound_waits: functions that may wait, and are bound without a guard that detaches.
        kept_objects: Python objects that something keeps which is given to a library.
        guarding: functions that bind what they are given, with a guard that detaches.
        started_elsewhere: whether a global variable or a member runs Python for its lifetime.
    """

    functions: dict[Place, Function] = field(default_factory=dict)
    declared: dict[Place, tuple[str, str]] = field(default_factory=dict)
    referred: list[tuple[Place, Place, Place]] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    lambdas: list[Handed] = field(default_factory=list)
    stored: list[tuple[Place, Place]] = field(default_factory=list)
    stored_by_call: list[tuple[Place, Place, Place]] = field(default_factory=list)
    stored_moves: list[tuple[Place, Place, Place]] = field(default_factory=list)
    keepers: dict[Place, frozenset[str]] = field(default_factory=dict)
    overrides: list[tuple[Place, str]] = field(default_factory=list)
    members: dict[str, set[str]] = field(default_factory=dict)
    globals: list[Global] = field(default_factory=list)
    statements: set[Place] = field(default_factory=set)
    begins: set[Place] = field(default_factory=set)
    controls: dict[Place, dict[str, tuple[Place, ...]]] = field(default_factory=dict)
    class_of: dict[Place, Place] = field(default_factory=dict)
    guard_fields: dict[str, str] = field(default_factory=dict)
    presets: dict[str, str] = field(default_factory=dict)
    by_place: dict[Place, Place] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    bound_waits: list[Event] = field(default_factory=list)
    kept_objects: list[KeptObject] = field(default_factory=list)
    guarding: set[Place] = field(default_factory=set)
    started_elsewhere: bool = False

    def function_of(self, place: Place) -> Function | None:
        """The function whose definition, or lambda, begins at a place."""
        body = self.by_place.get(place)
        return self.functions.get(body) if body is not None else None
