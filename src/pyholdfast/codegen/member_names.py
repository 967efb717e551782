"""The C++ names of a class's members, and of the constants that these call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.codegen.mapping import class_name
from pyholdfast.codegen.naming import free_name, identifier, unique
from pyholdfast.hints import model

if TYPE_CHECKING:
    from pyholdfast.hints.model import Class, Field, Function, Module

__all__ = ["MemberNames", "hidden_names"]

SPECIAL = {
    "__len__": "size",
    "__call__": "operator()",
    "__getitem__": "at",
    "__contains__": "contains",
}
# Names in the base class of all handles, and those that the generator adds.
TAKEN = frozenset(
    {"self", "create", "enter", "enter_async", "handle", "python_module", "python_name"}
)


def hidden_names(module: Module) -> frozenset[str]:
    """The names that classes have for something of their own: a member, a parameter, a base.

    A base counts where another module has a type of its name, too.
    """
    found = set(TAKEN)
    types = {(item.module, item.name) for item in module.types}
    for declaration in module.types:
        if not isinstance(declaration, model.Class):
            continue
        names = MemberNames(declaration)
        found |= {*names.methods.values(), *names.properties.values(), *names.setters.values()}
        for function in (*declaration.constructors, *declaration.methods):
            taken = (parameter.name for parameter in function.parameters)
            found |= set(unique(taken, ["site"]).values())
        base = declaration.base
        if base is not None and any(n == base.name and m != base.module for m, n in types):
            found.add(class_name(base))
    return frozenset(found)


class MemberNames:
    """One table for each scope that the members' names are in, so that no two are the same.

    Attributes:
        methods: by the name in Python.
        properties: likewise.
        setters: likewise, for those that have one.
        expected: the expectations of the methods, likewise.
    """

    def __init__(self, declaration: Class) -> None:
        """Name all members of a class."""
        self.owner = class_name(model.Named(declaration.module, declaration.name))
        methods = list(dict.fromkeys(function.name for function in declaration.methods))
        fields = [field.name for field in declaration.properties]
        used = {*TAKEN, self.owner}
        plain = [name for name in methods if name not in SPECIAL]
        made = unique([*plain, *(name for name in fields if name not in plain)], used)
        used |= set(made.values())
        self.methods = {name: made[name] for name in plain}
        self.properties: dict[str, str] = {}
        for name in fields:
            both = name in self.methods
            self.properties[name] = free_name(made[name], used) if both else made[name]
            used.add(self.properties[name])
        for name in (name for name in methods if name in SPECIAL):
            self.methods[name] = free_name(SPECIAL[name], used)
            used.add(self.methods[name])
        self.setters: dict[str, str] = {}
        for field in declaration.properties:
            # A method that already has the setter's name is the setter.
            if field.writable and f"set_{field.name}" not in methods:
                self.setters[field.name] = free_name(f"set_{field.name}", used)
                used.add(self.setters[field.name])
        self._name_constants(declaration)
        self.expected: dict[str, str] = {}
        for name in methods:
            wanted = identifier(f"{declaration.name}.{name}")
            self.expected[name] = free_name(wanted, (self.owner, *self.expected.values()))

    def _name_constants(self, declaration: Class) -> None:
        wanted: dict[tuple[str, str, int], str] = {}
        for function in declaration.constructors:
            number = f"{function.overload}_" if function.overload else ""
            wanted["create", function.name, function.overload] = f"{self.owner}_create_{number}"
        for function in declaration.methods:
            number = f"_{function.overload}" if function.overload else ""
            wanted["method", function.name, function.overload] = identifier(
                f"{self.owner}_{function.name.strip('_')}{number}_"
            )
        for field in declaration.properties:
            wanted["property", field.name, 0] = identifier(f"{self.owner}_{field.name}_")
        self._constants: dict[tuple[str, str, int], str] = {}
        for key, name in wanted.items():
            self._constants[key] = free_name(name, self._constants.values())

    def creator(self, function: Function) -> str:
        """The constant that makes an object."""
        return self._constants["create", function.name, function.overload]

    def method(self, function: Function) -> str:
        """The constant of a method."""
        return self._constants["method", function.name, function.overload]

    def property_constant(self, field: Field) -> str:
        """The constant of a property."""
        return self._constants["property", field.name, 0]
