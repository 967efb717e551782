"""Handles for classes: their declarations, and after all types, the bodies that call Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.codegen.context import wrapped
from pyholdfast.codegen.functions import constant, definition, described, signature_of
from pyholdfast.codegen.mapping import class_name
from pyholdfast.codegen.naming import comment, identifier, namespace, text_literal
from pyholdfast.hints import model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyholdfast.codegen.context import Context
    from pyholdfast.codegen.functions import Signature, Taken
    from pyholdfast.hints.model import Class, Field, Function

__all__ = ["write_class", "write_class_bodies"]

SPECIAL = {
    "__len__": "size",
    "__call__": "operator()",
    "__getitem__": "at",
    "__contains__": "contains",
}
# Names in the base class of all handles, and those that are added here.
TAKEN = frozenset(
    {"self", "create", "enter", "enter_async", "handle", "python_module", "python_name"}
)
SITE = "holdfast::call_site site"
NOW = f"{SITE} = holdfast::call_site::current()"


class _Method:
    """One member function: its declaration, its constant, its body."""

    def __init__(self, owner: Class, function: Function, context: Context) -> None:
        self.function = function
        self.owner = class_name(model.Named(owner.module, owner.name))
        self.signature: Signature = signature_of(
            function, context, owner.name, _overloads_of(function, owner.methods)
        )
        self.is_static = function.binding in ("staticmethod", "classmethod")
        self.name = _member(SPECIAL.get(function.name, function.name), self.owner)
        number = f"_{function.overload}" if function.overload else ""
        self.constant = identifier(f"{self.owner}_{function.name.strip('_')}{number}_")
        self.path = f"{owner.name}.{function.name}"
        self.expected = context.expectation(owner.module, self.path)

    def declaration(self) -> list[str]:
        before = "static " if self.is_static else ""
        after = ";" if self.is_static else " const;"
        head = f"{before}{self.signature.result} {self.name}("
        return wrapped(head, [*_parameters(self.signature), NOW], f"){after}", "    ")

    def definition(self, module: str) -> list[str]:
        kind = "function" if self.is_static else "method"
        made, values = constant(kind, self.signature, module, self.path, self.expected)
        return definition(f"inline const {made}", f"{self.constant}{values};")

    def body(self, *, result: str, qualified: str, member: str) -> list[str]:
        after = " {" if self.is_static else " const {"
        head = f"inline {result} {qualified}("
        passed = [] if self.is_static else ["self()"]
        passed += [f"{identifier(item.name)}_" for item in self.signature.taken]
        taken = [f"{_argument(item)} {identifier(item.name)}_" for item in self.signature.taken]
        return [
            *wrapped(head, [*taken, SITE], f"){after}"),
            f"    return calls_::{member}({', '.join([*passed, 'site'])});",
            "}",
        ]


def write_class(declaration: Class, context: Context) -> Iterator[str]:
    """The class, with its members declared."""
    name = class_name(model.Named(declaration.module, declaration.name))
    base = "holdfast::handle"
    if declaration.base is not None:
        base = context.mapper.name(declaration.base)
    yield from comment(declaration.doc)
    yield f"class {name} : public {base} {{"
    yield "public:"
    yield f"    static constexpr const char *python_module = {text_literal(declaration.module)};"
    yield f"    static constexpr const char *python_name = {text_literal(declaration.name)};"
    yield from _taken_over(declaration, name, base, context)
    for function in declaration.constructors:
        among = _overloads_of(function, declaration.constructors)
        signature = signature_of(function, context, declaration.name, among)
        yield ""
        yield from described(function, "    ")
        if _may_construct(signature, name):
            yield from wrapped(f"explicit {name}(", [*_parameters(signature), NOW], ");", "    ")
        yield from wrapped(f"static {name} create(", [*_parameters(signature), NOW], ");", "    ")
    for function in declaration.methods:
        yield ""
        yield from described(function, "    ")
        yield from _Method(declaration, function, context).declaration()
    for field in declaration.properties:
        yield ""
        yield from _property(field, declaration, context)
    for block in _blocks(declaration, context):
        yield ""
        yield f"    /// {block.doc}"
        yield from wrapped(f"[[nodiscard]] {block.result} {block.name}(", [NOW], ") const;", "    ")
    yield "};"


def write_class_bodies(declaration: Class, context: Context) -> Iterator[str]:
    """The constants that call Python, and the definitions of the members."""
    name = class_name(model.Named(declaration.module, declaration.name))
    module = declaration.module
    space = namespace(module)
    methods = [_Method(declaration, function, context) for function in declaration.methods]
    yield f"namespace {space}::calls_ {{"
    creators: list[tuple[str, Signature]] = []
    for function in declaration.constructors:
        among = _overloads_of(function, declaration.constructors)
        signature = signature_of(function, context, declaration.name, among)
        own = f"{name}_create_{function.overload}_" if function.overload else f"{name}_create_"
        creators.append((own, signature))
        expected = context.expectation(module, declaration.name)
        made, values = constant("function", signature, module, declaration.name, expected)
        made = made.replace(f"<{signature.result}(", "<holdfast::object(", 1)
        yield from definition(f"inline const {made}", f"{own}{values};")
    for method in methods:
        yield from method.definition(module)
    for field in declaration.properties:
        text = _field_type(field, declaration, context)
        path = f"{declaration.name}.{field.name}"
        values = f"{{{text_literal(module)}, {text_literal(path)}}};"
        own = identifier(f"{name}_{field.name}_")
        yield from definition(f"inline const holdfast::property<{text}>", f"{own}{values}")
    yield f"}}  // namespace {space}::calls_"
    yield ""
    yield f"namespace {space} {{"
    for own, signature in creators:
        yield from _construction(name, own, signature)
    for method in methods:
        yield from method.body(
            result=method.signature.result,
            qualified=f"{name}::{method.name}",
            member=method.constant,
        )
    for field in declaration.properties:
        yield from _property_bodies(name, field, declaration, context)
    for block in _blocks(declaration, context):
        yield from wrapped(f"inline {block.result} {name}::{block.name}(", [SITE], ") const {")
        yield f"    return {block.call}(self(), site);"
        yield "}"
    yield f"}}  // namespace {space}"


def _overloads_of(function: Function, all_of_them: Sequence[Function]) -> list[Function]:
    """The functions of the same name, if there are several."""
    return [other for other in all_of_them if other.name == function.name and other.overload]


def _taken_over(declaration: Class, name: str, base: str, context: Context) -> Iterator[str]:
    """The constructors of the base class, unless one of them would make an object of that class."""
    above = next(
        (
            item
            for item in context.module.types
            if isinstance(item, model.Class) and declaration.base == model.Named(item.module, item.name)
        ),
        None,
    )  # fmt: skip
    wanted, given = (
        [function.parameters for function in item.constructors] if item else []
        for item in (declaration, above)
    )
    if above is None or wanted == given:
        yield f"    using {base.rpartition('::')[2]}::{base.rpartition('::')[2]};"
        return
    yield f"    {name}() = default;"
    yield f"    explicit {name}(holdfast::object self) noexcept : {base}(std::move(self)) {{}}"


def _construction(name: str, own: str, signature: Signature) -> Iterator[str]:
    taken = [f"{_argument(item)} {identifier(item.name)}_" for item in signature.taken]
    passed = ", ".join([*(f"{identifier(item.name)}_" for item in signature.taken), "site"])
    yield from wrapped(f"inline {name} {name}::create(", [*taken, SITE], ") {")
    yield f"    return {name}(calls_::{own}({passed}));"
    yield "}"
    if _may_construct(signature, name):
        yield from wrapped(f"inline {name}::{name}(", [*taken, SITE], ")")
        yield f"    : {name}(calls_::{own}({passed})) {{}}"


def _property(field: Field, declaration: Class, context: Context) -> Iterator[str]:
    text = _field_type(field, declaration, context)
    owner = class_name(model.Named(declaration.module, declaration.name))
    yield from comment(field.doc, "    ")
    yield f"    [[nodiscard]] {text} {_member(field.name, owner)}({NOW}) const;"
    if _is_set(field, declaration):
        yield from wrapped(
            f"void set_{field.name}(",
            [f"holdfast::argument<{text}> value", NOW],
            ") const;",
            "    ",
        )


def _property_bodies(
    name: str, field: Field, declaration: Class, context: Context
) -> Iterator[str]:
    text = _field_type(field, declaration, context)
    own = identifier(f"{name}_{field.name}_")
    yield f"inline {text} {name}::{_member(field.name, name)}({SITE}) const {{"
    yield f"    return calls_::{own}.get(self(), site);"
    yield "}"
    if _is_set(field, declaration):
        head = f"inline void {name}::set_{field.name}("
        yield from wrapped(head, [f"holdfast::argument<{text}> value_", SITE], ") const {")
        yield f"    calls_::{own}.set(self(), value_, site);"
        yield "}"


def _is_set(field: Field, declaration: Class) -> bool:
    """Whether the attribute has a setter in C++; not if a method already has the setter's name."""
    names = {function.name for function in declaration.methods}
    return field.writable and f"set_{field.name}" not in names


def _field_type(field: Field, declaration: Class, context: Context) -> str:
    subject = f"{declaration.name}.{field.name}"
    return context.cpp(field.hint, "inside", subject, field.line, field.module)


@dataclass(frozen=True, slots=True)
class _Block:
    """A member function that enters a ``with`` block.

    Attributes:
        call: the function that its body calls.
    """

    name: str
    doc: str
    result: str
    call: str


def _blocks(declaration: Class, context: Context) -> Iterator[_Block]:
    if declaration.enters is not None:
        subject = f"{declaration.name}.__enter__() result"
        inner = context.cpp(declaration.enters, "inside", subject, declaration.line)
        block = f"holdfast::entered<{inner}>"
        yield _Block("enter", "A `with` block for the scope of the result.", block, block)
    if declaration.enters_async is not None:
        subject = f"{declaration.name}.__aenter__() result"
        inner = context.cpp(declaration.enters_async, "inside", subject, declaration.line)
        yield _Block(
            "enter_async",
            "An `async with` block for the scope of what the task gives.",
            f"holdfast::task<holdfast::async_entered<{inner}>>",
            f"holdfast::detail::enter_on_loop<{inner}>",
        )


def _argument(taken: Taken) -> str:
    return f"holdfast::argument<{taken.text}>"


def _parameters(signature: Signature) -> list[str]:
    """The parameters of a declaration; trailing ones may have defaults."""
    texts: list[str] = []
    optional = True
    for item in reversed(signature.taken):
        optional = optional and item.may_be_left_out
        unset = (
            "{}"
            if item.text.startswith(("holdfast::args", "holdfast::kwargs"))
            else "holdfast::use_default"
        )
        texts.insert(
            0, f"{_argument(item)} {identifier(item.name)}" + (f" = {unset}" if optional else "")
        )
    return texts


def _may_construct(signature: Signature, name: str) -> bool:
    """Whether a C++ constructor may have this signature.

    A constructor without required arguments would be the default constructor, which makes an empty
    handle. One that takes the class itself, or an object, would look like the copy constructor.
    """
    first: Sequence[Taken] = signature.taken[:1]
    if not first or all(item.may_be_left_out for item in signature.taken):
        return False
    text = first[0].text
    return text not in (name, "holdfast::object") and not text.startswith("holdfast::defaulted")


def _member(name: str, owner: str) -> str:
    """The name of a member function."""
    if name.startswith("operator"):
        return name
    made = identifier(name)
    return f"{made}_" if made in TAKEN or made == owner else made
