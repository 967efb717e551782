"""Text and bytes."""


def join(first: str, second: str) -> str:
    """One after the other."""
    return first + second


def encode(text: str) -> bytes:
    """In UTF-8."""
    return text.encode()


def decode(data: bytes) -> str:
    """From UTF-8."""
    return data.decode()


def grow(data: bytearray) -> bytearray:
    """With one more byte."""
    data.append(33)
    return data


def quoted() -> str:
    r"""Ends in a backslash \ and has a tab:	here, and "quotes" \
    """
    return "päth\\name"


def not_text() -> str:
    """Says str, and returns an int."""
    return 5  # type: ignore[return-value]
