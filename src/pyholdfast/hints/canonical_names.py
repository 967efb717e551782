"""Other names of types, each with the canonical one."""

from __future__ import annotations

import collections.abc

__all__ = ["FLATTENED", "canonical"]

# Types that typing exports under another name than the module that defines them.
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

# Further names in numpy's own modules and stubs.
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

# Wrappers that describe a name, not its type.
FLATTENED = frozenset({"typing.Final", "typing.ClassVar", "typing.Required", "typing.ReadOnly",
                       "typing.NotRequired", "dataclasses.InitVar"})  # fmt: skip


def canonical(name: str) -> str:
    """The defining module's name for `name`, a dotted name after imports.

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
