"""The C type of each hint, and the text that defines, frees, reads and writes it.

A type is defined once in a program, although several headers may contain it: it has a guard. What
writes an argument belongs to one header, because it uses the classes that the header has looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.codegen.naming import free_name, identifier
from pyholdfast.hints import model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.hints.model import Field, Hint, Record

__all__ = ["CType", "CTypes", "c_name"]

_ABC = "collections.abc."
_LISTS = frozenset({"list", "tuple...", f"{_ABC}MutableSequence", f"{_ABC}Sequence", f"{_ABC}Collection"})  # fmt: skip
_ANYTHING = frozenset({"typing.Any", "object"})
_NOTHING = frozenset({"None", "typing.NoReturn", "typing.Never"})
_WORDS = frozenset({"restrict", "inline", "bool", "true", "false"})


def c_name(*parts: str) -> str:
    """A name in C.

    >>> c_name("shop.pricing", "Outer.Level"), c_name("restrict")
    ('shop_pricing_Outer_Level', 'restrict_')
    """
    name = identifier("_".join(part.replace(".", "_") for part in parts))
    return f"{name}_" if name in _WORDS or name.startswith("hf_") else name


@dataclass(frozen=True, slots=True)
class CType:
    """A type in C.

    Attributes:
        kind: "scalar", "text", "bytes" and "value" are defined by the prelude; "list" and
            "optional" contain `inner`; "pointer" is a record or NULL.
        name: how it is written.
        key: part of the names of what is made from it.
    """

    kind: str
    name: str
    key: str
    inner: CType | None = None
    record: Record | None = None

    @property
    def content(self) -> CType:
        """What a list, an optional or a pointer contains."""
        if self.inner is None:
            raise TypeError(self.key)
        return self.inner

    @property
    def dataclass(self) -> Record:
        """What a struct stands for."""
        if self.record is None:
            raise TypeError(self.key)
        return self.record

    @property
    def owns(self) -> bool:
        """Whether a result of this type must be freed."""
        if self.kind == "optional":
            return self.content.owns
        return self.kind != "scalar"

    @property
    def constant(self) -> str:
        """The type of what a parameter points to."""
        return f"{self.name}const" if self.name.endswith("*") else f"const {self.name}"

    def declared(self, name: str) -> str:
        """A declaration of a variable or field."""
        return f"{self.name}{'' if self.name.endswith('*') else ' '}{name}"

    def pointed(self, name: str) -> str:
        """A parameter that points to constant values of this type."""
        return f"{self.constant} *{name}"

    def freed(self, address: str) -> str:
        """The statement that frees it; empty if it owns nothing."""
        if not self.owns:
            return ""
        by = {"value": "hf_value_clear", "text": "hf_bound_text_free"}.get(self.kind)
        return f"{by or f'{self.key}_free'}({address});"


BOOL = CType("scalar", "bool", "hf_bound_bool")
INT = CType("scalar", "int64_t", "hf_bound_int64")
FLOAT = CType("scalar", "double", "hf_bound_double")
TEXT = CType("text", "const char *", "hf_bound_text")
TEXT_OPTIONAL = CType("text", "const char *", "hf_bound_text_optional")
BYTES = CType("bytes", "hf_bound_bytes", "hf_bound_bytes")
VALUE = CType("value", "hf_value", "hf_bound_value")
_PLAIN = {
    "bool": BOOL, "int": INT, "float": FLOAT, "str": TEXT, "typing.LiteralString": TEXT,
    "bytes": BYTES,
}  # fmt: skip


class CTypes:
    """The types that one header uses, in the order in which they were first needed."""

    def __init__(self, module: model.Module) -> None:
        """Begin with none."""
        self.module = module
        self.records = {
            (item.module, item.name): item
            for item in module.types
            if isinstance(item, model.Record)
        }
        self.used: dict[str, CType] = {}
        # What would be one in C: a record, and the other record, or the kind of the other type
        self.of_one_name: list[tuple[Record, str]] = []
        self._open: dict[str, Record] = {}

    def of(self, hint: Hint) -> tuple[CType, str]:
        """The type of a hint; and if there is none, why, and it is taken as an hf_value."""
        if isinstance(hint, model.Plain):
            return self._plain(hint.name)
        if isinstance(hint, model.Annotated):
            return self.of(hint.hint)
        if isinstance(hint, model.LiteralOf):
            kinds = {type(value) for value in hint.values}
            if len(kinds) == 1 and (name := kinds.pop().__name__) in _PLAIN:
                return _PLAIN[name], ""
            return VALUE, "its values are not of one type"
        if isinstance(hint, model.Applied) and hint.name in _LISTS and len(hint.arguments) == 1:
            return self._list(hint.arguments[0])
        if isinstance(hint, model.Choice):
            return self._choice(hint)
        if isinstance(hint, model.Named):
            return self._named(hint)
        if isinstance(hint, model.Unmapped):
            return VALUE, hint.reason
        return VALUE, "C has no type for it"

    def is_nothing(self, hint: Hint) -> bool:
        """Whether a function with this result returns nothing."""
        return isinstance(hint, model.Plain) and hint.name in _NOTHING

    @staticmethod
    def _plain(name: str) -> tuple[CType, str]:
        if name in _PLAIN:
            return _PLAIN[name], ""
        return VALUE, "" if name in _ANYTHING or name in _NOTHING else "C has no type for it"

    def _use(self, made: CType) -> CType:
        known = self.used.setdefault(made.key, made)
        if known.kind != made.kind:
            one, other = (known, made) if known.record is not None else (made, known)
            self._note_one_name(one.dataclass, f"the name of a {other.kind}")
        return made

    def _list(self, item: Hint) -> tuple[CType, str]:
        inner, why = self.of(item)
        key = f"{inner.key}_list"
        return self._use(CType("list", key, key, inner)), why

    def _choice(self, hint: model.Choice) -> tuple[CType, str]:
        others = [item for item in hint.members if item != model.Plain("None")]
        if len(others) != 1 or len(others) == len(hint.members):
            return VALUE, "C has no type for a choice of several"
        inner, why = self.of(others[0])
        if inner.kind in ("value", "pointer") or inner is TEXT_OPTIONAL:
            return inner, why
        if inner is TEXT:
            return TEXT_OPTIONAL, why
        key = f"{inner.key}_optional"
        if inner.kind == "record":
            return self._use(CType("pointer", f"{inner.name} *", key, inner)), why
        return self._use(CType("optional", key, key, inner)), why

    def _named(self, hint: model.Named) -> tuple[CType, str]:
        record = self.records.get((hint.module, hint.name))
        if record is None:
            return VALUE, "only dataclasses become structs in C"
        if record.kind != "dataclass" or hint.arguments or record.arguments:
            what = "generic classes do" if hint.arguments or record.arguments else "it does"
            return VALUE, f"only dataclasses become structs in C, {what} not"
        name = c_name(record.module, record.name)
        made = CType("record", name, name, None, record)
        known = self._open.get(name)
        if known is None and name in self.used:
            known = self.used[name].record
        if known is not None and known is not record:
            self._note_one_name(record, f"also '{known.name}'")
        elif known is None:
            self._open[name] = record
            for item in record.fields:
                self.of(item.hint)
            del self._open[name]
            self._use(made)
        return made, ""

    def _note_one_name(self, record: Record, what: str) -> None:
        if (record, what) not in self.of_one_name:
            self.of_one_name.append((record, what))

    # --- the order of definitions --------------------------------------------------------------

    def structs(self) -> list[CType]:
        """The records, each after those that it contains by value."""
        ordered: list[CType] = []
        seen: set[str] = set()

        def visit(one: CType) -> None:
            if one.key in seen:
                return
            seen.add(one.key)
            for item in one.dataclass.fields:
                inner, _ = self.of(item.hint)
                if inner.kind == "record":
                    visit(inner)
            ordered.append(one)

        for one in [item for item in self.used.values() if item.kind == "record"]:
            visit(one)
        return ordered

    def containers(self) -> list[CType]:
        """Lists and optionals, each after those that it contains."""
        ordered: list[CType] = []

        def visit(one: CType) -> None:
            if one.inner is not None and one.inner.kind in ("list", "optional"):
                visit(one.inner)
            if one not in ordered:
                ordered.append(one)

        for one in self.used.values():
            if one.kind in ("list", "optional"):
                visit(one)
        return ordered

    def pointers(self) -> list[CType]:
        """Records that may be absent."""
        return [one for one in self.used.values() if one.kind == "pointer"]

    def fields_of(self, record: Record) -> Iterator[tuple[Field, str, CType]]:
        """Each field, its name in C and its type."""
        used: set[str] = set()
        for item in record.fields:
            name = free_name(c_name(item.name), used)
            used.add(name)
            yield item, name, self.of(item.hint)[0]
