"""Handles for classes: their declarations, and after all types, the bodies that call Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.codegen.context import wrapped
from pyholdfast.codegen.functions import constant, definition, described, signature_of
from pyholdfast.codegen.member_names import MemberNames
from pyholdfast.codegen.naming import comment, namespace, text_literal, unique
from pyholdfast.hints import model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyholdfast.codegen.context import Context
    from pyholdfast.codegen.functions import Signature, Taken
    from pyholdfast.hints.model import Class, Field, Function

__all__ = ["write_class", "write_class_bodies"]

SITE = "holdfast::call_site site"
NOW = f"{SITE} = holdfast::call_site::current()"


class _Method:
    """One member function: its declaration, its constant, its body."""

    def __init__(
        self, owner: Class, function: Function, context: Context, names: MemberNames
    ) -> None:
        self.signature: Signature = signature_of(
            function, context, owner.name, _overloads_of(function, owner.methods)
        )
        self.is_static = function.binding in ("staticmethod", "classmethod")
        self.name = names.methods[function.name]
        self.constant = names.method(function)
        self.path = f"{owner.name}.{function.name}"
        self.expected = context.expectation(owner.module, self.path, names.expected[function.name])

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
        passed += [f"{name}_" for name in _names(self.signature)]
        taken = _in_body(self.signature)
        return [
            *wrapped(head, [*taken, SITE], f"){after}"),
            f"    return calls_::{member}({', '.join([*passed, 'site'])});",
            "}",
        ]


def write_class(declaration: Class, context: Context) -> Iterator[str]:
    """The class, with its members declared."""
    names = MemberNames(declaration)
    name = names.owner
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
        yield from _Method(declaration, function, context, names).declaration()
    for field in declaration.properties:
        yield ""
        yield from _property(field, declaration, context, names)
    for block in _blocks(declaration, context):
        yield ""
        yield f"    /// {block.doc}"
        yield from wrapped(f"[[nodiscard]] {block.result} {block.name}(", [NOW], ") const;", "    ")
    yield "};"


def write_class_bodies(declaration: Class, context: Context) -> Iterator[str]:
    """The constants that call Python, and the definitions of the members."""
    names = MemberNames(declaration)
    name = names.owner
    module = declaration.module
    space = namespace(module)
    methods = [_Method(declaration, function, context, names) for function in declaration.methods]
    yield f"namespace {space}::calls_ {{"
    creators: list[tuple[str, Signature]] = []
    for function in declaration.constructors:
        among = _overloads_of(function, declaration.constructors)
        signature = signature_of(function, context, declaration.name, among)
        own = names.creator(function)
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
        own = names.property_constant(field)
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
        yield from _property_bodies(field, declaration, context, names)
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
        # In full: the class itself may have the name that its base has in another module
        yield f"    using {base}::{base.rpartition('::')[2]};"
        return
    yield f"    {name}() = default;"
    yield f"    explicit {name}(holdfast::object self) noexcept : {base}(std::move(self)) {{}}"


def _construction(name: str, own: str, signature: Signature) -> Iterator[str]:
    taken = _in_body(signature)
    passed = ", ".join([*(f"{item}_" for item in _names(signature)), "site"])
    yield from wrapped(f"inline {name} {name}::create(", [*taken, SITE], ") {")
    yield f"    return {name}(calls_::{own}({passed}));"
    yield "}"
    if _may_construct(signature, name):
        yield from wrapped(f"inline {name}::{name}(", [*taken, SITE], ")")
        yield f"    : {name}(calls_::{own}({passed})) {{}}"


def _property(
    field: Field, declaration: Class, context: Context, names: MemberNames
) -> Iterator[str]:
    text = _field_type(field, declaration, context)
    yield from comment(field.doc, "    ")
    yield f"    [[nodiscard]] {text} {names.properties[field.name]}({NOW}) const;"
    if setter := names.setters.get(field.name):
        taken = [f"holdfast::argument<{text}> value", NOW]
        yield from wrapped(f"void {setter}(", taken, ") const;", "    ")


def _property_bodies(
    field: Field, declaration: Class, context: Context, names: MemberNames
) -> Iterator[str]:
    text = _field_type(field, declaration, context)
    own = names.property_constant(field)
    yield f"inline {text} {names.owner}::{names.properties[field.name]}({SITE}) const {{"
    yield f"    return calls_::{own}.get(self(), site);"
    yield "}"
    if setter := names.setters.get(field.name):
        head = f"inline void {names.owner}::{setter}("
        yield from wrapped(head, [f"holdfast::argument<{text}> value_", SITE], ") const {")
        yield f"    calls_::{own}.set(self(), value_, site);"
        yield "}"


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


def _names(signature: Signature) -> list[str]:
    """The names of the parameters, beside the one that the generator adds."""
    made = unique([item.name for item in signature.taken], ["site"])
    return [made[item.name] for item in signature.taken]


def _in_body(signature: Signature) -> list[str]:
    """The parameters of a definition, whose names are no member's."""
    return [
        f"{_argument(item)} {name}_"
        for item, name in zip(signature.taken, _names(signature), strict=True)
    ]


def _parameters(signature: Signature) -> list[str]:
    """The parameters of a declaration; trailing ones may have defaults.

    For one of a class that derives from this one, callers write ``holdfast::use_default``.
    """
    texts: list[str] = []
    optional = True
    for item, name in reversed(list(zip(signature.taken, _names(signature), strict=True))):
        optional = optional and item.may_be_left_out and not item.waits
        unset = (
            "{}"
            if item.text.startswith(("holdfast::args", "holdfast::kwargs"))
            else "holdfast::use_default"
        )
        texts.insert(0, f"{_argument(item)} {name}" + (f" = {unset}" if optional else ""))
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
