"""Other names of types, each with the one that the rest of holdfast uses."""

from __future__ import annotations

import collections.abc

__all__ = ["FLATTENED", "canonical"]

# What typing calls otherwise than the place where it is defined.
_RENAMED = {
    "Tuple": "tuple",
    "List": "list",
    "Dict": "dict",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Type": "type",
    "Text": "str",
    "DefaultDict": "collections.defaultdict",
    "OrderedDict": "collections.OrderedDict",
    "Counter": "collections.Counter",
    "Deque": "collections.deque",
    "ChainMap": "collections.ChainMap",
    "ContextManager": "contextlib.AbstractContextManager",
    "AsyncContextManager": "contextlib.AbstractAsyncContextManager",
    "AbstractSet": "collections.abc.Set",
}
_ABSTRACT = frozenset(collections.abc.__all__) | {"Buffer", "ByteString"}

# What numpy's own modules and stubs call by further names.
_NUMPY = {
    "numpy.typing.NDArray": "numpy.ndarray",
    "numpy.bool_": "numpy.bool",
    "numpy.double": "numpy.float64",
    "numpy.single": "numpy.float32",
    "numpy.byte": "numpy.int8",
    "numpy.ubyte": "numpy.uint8",
    "numpy.short": "numpy.int16",
    "numpy.ushort": "numpy.uint16",
    "numpy.intc": "numpy.int32",
    "numpy.uintc": "numpy.uint32",
    "numpy.int_": "numpy.int64",
    "numpy.intp": "numpy.int64",
    "numpy.uint": "numpy.uint64",
    "numpy.uintp": "numpy.uint64",
    "numpy.cdouble": "numpy.complex128",
    "numpy.csingle": "numpy.complex64",
}

# Wrappers that say something about a name, nothing about its type.
FLATTENED = frozenset({"typing.Final", "typing.ClassVar", "typing.Required", "typing.ReadOnly",
                       "typing.NotRequired", "dataclasses.InitVar"})  # fmt: skip


def canonical(name: str) -> str:
    """The name of the place that defines what `name`, a dotted name after imports, stands for.

    >>> canonical("typing.List"), canonical("typing_extensions.Sequence"), canonical("builtins.int")
    ('list', 'collections.abc.Sequence', 'int')
    """
    for prefix in ("builtins.", "typing_extensions."):
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            if prefix == "builtins.":
                return name
            name = f"typing.{name}"
    if name.startswith("typing."):
        short = name.removeprefix("typing.")
        if short in _RENAMED:
            return _RENAMED[short]
        return f"collections.abc.{short}" if short in _ABSTRACT else name
    return _NUMPY.get(name, name)
