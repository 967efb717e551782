"""The part of Protocol Buffers that writing a trace needs.

A message is a sequence of fields; a field is a key and a value.

Source:
    https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

__all__ = ["message", "number", "text", "varint"]

_SMALL = tuple(bytes((value,)) for value in range(128))
VARINT, LENGTH_DELIMITED = 0, 2
MOST_BITS = 64


def varint(value: int) -> bytes:
    """An unsigned number, seven bits per byte, the low bits first.

    >>> varint(300).hex()
    'ac02'
    """
    if value < len(_SMALL):
        return _SMALL[value]
    if value >> MOST_BITS:
        message = f"{value} does not fit into {MOST_BITS} bits"
        raise OverflowError(message)
    parts = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def number(field: int, value: int) -> bytes:
    """A field that is an unsigned number, a truth value or an enum.

    >>> number(1, 150).hex()
    '089601'
    """
    return varint(field << 3 | VARINT) + varint(value)


def text(field: int, value: str) -> bytes:
    """A field that is text.

    >>> text(2, "testing").hex()
    '120774657374696e67'
    """
    return message(field, value.encode("utf-8", "replace"))


def message(field: int, *parts: bytes) -> bytes:
    """A field that is a message: the bytes of its own fields."""
    body = b"".join(parts)
    return varint(field << 3 | LENGTH_DELIMITED) + varint(len(body)) + body
