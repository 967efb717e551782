"""The table of types: the C++ type for each hint. The docs page is generated from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["BY_NAME", "TABLE", "WIDTHS", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        hints: as people write them; the first word of each names the type.
        cpp: the type as an element, a field or a result; ``{0}``, ``{1}`` are its arguments.
        argument: the type as a parameter, if that differs.
        result: the type as a result, if that differs from an element.
        header: the header that defines or converts it.
        only: "result" if it cannot be passed to Python.
        can: what C++ can do with two values, if it can do that with their parts: "order" for
            ``<``, so that it can be a key, "compare" for ``==``, or nothing.
        names: names of the types, as `hints` uses them.
    """

    hints: str
    cpp: str
    header: str = "calls/function.hpp"
    argument: str = ""
    result: str = ""
    only: Literal["", "result"] = ""
    can: Literal["order", "compare", ""] = "order"
    names: tuple[str, ...] = ()


def row(
    hints: str, cpp: str, header: str = "calls/function.hpp", names: str = "", **words: str
) -> Row:
    """A row; `names` defaults to the words of `hints`."""
    return Row(hints, cpp, header, names=tuple((names or hints).split()), **words)  # type: ignore[arg-type]


# fmt: off
_ABC = "collections.abc."
TABLE = (
    row("bool", "bool", names="bool numpy.bool"),
    row("int", "std::int64_t"),
    row("float", "double", names="float numpy.float64 numpy.float16"),
    row("complex", "std::complex<double>", "convert/complex.hpp", "complex numpy.complex128", can="compare"),
    row("str", "std::string", names="str typing.LiteralString", argument="std::string_view"),
    row("bytes", "holdfast::bytes", argument="holdfast::bytes_view"),
    row("bytearray", "holdfast::byte_array", "convert/uuid_decimal_bytes.hpp", can="compare"),
    row("memoryview, Buffer", "holdfast::memory_view", "convert/buffer.hpp", f"memoryview {_ABC}Buffer", can=""),
    row("None", "std::nullptr_t", result="void", names="None typing.NoReturn typing.Never", can="compare"),
    row("Any, object, and hints without a C++ equivalent", "holdfast::object", names="typing.Any object", can=""),
    row("datetime.datetime", "holdfast::date_time", "convert/time.hpp"),
    row("datetime.date", "holdfast::date", "convert/time.hpp"),
    row("datetime.time", "holdfast::time_of_day", "convert/time.hpp"),
    row("datetime.timedelta", "std::chrono::microseconds", "convert/time.hpp"),
    row("decimal.Decimal", "holdfast::decimal", "convert/uuid_decimal_bytes.hpp"),
    row("uuid.UUID", "holdfast::uuid", "convert/uuid_decimal_bytes.hpp"),
    row("pathlib.Path, PurePath, os.PathLike[str]", "std::filesystem::path", "convert/path.hpp",
        "pathlib.Path pathlib.PurePath pathlib.PosixPath pathlib.PurePosixPath os.PathLike"),
    row("list[T], MutableSequence[T], Sequence[T], Collection[T]", "std::vector<{0}>",
        names=f"list {_ABC}MutableSequence {_ABC}Sequence {_ABC}Collection"),
    row("tuple[A, B]", "std::tuple<{*}>", names="tuple"),
    row("tuple[T, ...]", "holdfast::variadic_tuple<{0}>", "convert/sets_and_arrays.hpp", "tuple...",
        result="std::vector<{0}>"),
    row("dict[K, V], MutableMapping[K, V], Mapping[K, V]", "std::map<{0}, {1}>",
        names=f"dict {_ABC}MutableMapping {_ABC}Mapping collections.OrderedDict collections.defaultdict"),
    row("set[T], MutableSet[T], collections.abc.Set[T]", "std::set<{0}>", "convert/sets_and_arrays.hpp",
        f"set {_ABC}MutableSet {_ABC}Set"),
    row("frozenset[T]", "holdfast::frozen_set<{0}>", "convert/sets_and_arrays.hpp", "frozenset"),
    row("T | None, Optional[T]", "std::optional<{0}>", names="typing.Optional"),
    row("A | B, Union[A, B]", "std::variant<{*}>", "convert/variant.hpp", "typing.Union"),
    row("Literal['a', 5, True]", "an enum class, from the header", "calls/enumeration.hpp", "typing.Literal"),
    row("Enum, IntEnum, StrEnum, Flag", "an enum class, from the header", "calls/enumeration.hpp", "enum.Enum"),
    row("dataclass, NamedTuple, TypedDict", "a struct, from the header", "calls/record.hpp", "dataclass"),
    row("itself within a record", "holdfast::boxed<{0}>", "calls/record.hpp", "boxed", can="compare"),
    row("Json = dict[str, 'Json'] | str | None", "a struct around that, from the header", "calls/recursive.hpp", "recursive"),
    row("other classes", "a class with methods, from the header", "calls/handle.hpp", "class"),
    row("class with __enter__, __exit__", "holdfast::entered<{0}>", "calls/handle.hpp", "with", only="result", can=""),
    row("class with __aenter__, __aexit__", "holdfast::async_entered<{0}>",
        "async/context_manager.hpp", "async with", only="result", can=""),
    row("@contextmanager, AbstractContextManager[T]", "holdfast::context_manager<{0}>",
        "calls/context_manager.hpp", "contextlib.AbstractContextManager", can=""),
    row("@asynccontextmanager, AbstractAsyncContextManager[T]", "holdfast::async_context_manager<{0}>",
        "async/context_manager.hpp", "contextlib.AbstractAsyncContextManager", can=""),
    row("Callable[[A, B], R]", "std::function<R({*})>", "calls/std_function.hpp", f"{_ABC}Callable", can=""),
    row("Iterable[T]", "std::vector<{0}>", names=f"{_ABC}Iterable", result="holdfast::range<{0}>"),
    row("Iterator[T]", "holdfast::range<{0}>", "calls/range.hpp", f"{_ABC}Iterator", can=""),
    row("Generator[T, None, None]", "holdfast::range<{0}>", "calls/range.hpp", "Generator", only="result", can=""),
    row("Generator[T, S, R]", "holdfast::generator<{0}, {1}, {2}>", "calls/range.hpp",
        f"{_ABC}Generator", only="result", can=""),
    row("async def -> T, Awaitable[T], Coroutine[Any, Any, T]", "holdfast::task<{0}>", "async.hpp",
        f"{_ABC}Awaitable {_ABC}Coroutine asyncio.Future asyncio.Task", only="result", can=""),
    row("AsyncIterator[T], AsyncIterable[T], AsyncGenerator[T, None]", "holdfast::async_range<{0}>",
        "async.hpp", f"{_ABC}AsyncIterator {_ABC}AsyncIterable {_ABC}AsyncGenerator", only="result", can=""),
    row("npt.NDArray[np.float64]", "holdfast::array_view<{*}>", "convert/buffer.hpp", "numpy.ndarray", can=""),
    row("*args: T", "holdfast::args<{0}>", "calls/variadic.hpp", "*"),
    row("**kwargs: T", "holdfast::kwargs<{0}>", "calls/variadic.hpp", "**"),
)

# Annotated[int, "uint8"], Annotated[int, np.uint8], numpy's scalars, and elements of arrays.
WIDTHS = {
    **{f"{sign}int{bits}": f"std::{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "float32": "float", "float64": "double", "bool": "bool",
    "complex64": "std::complex<float>", "complex128": "std::complex<double>",
}
# fmt: on

BY_NAME = {name: entry for entry in TABLE for name in entry.names}
