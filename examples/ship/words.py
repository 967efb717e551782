"""What the program asks Python."""


def longest(text: str) -> str:
    """The longest word of a text; the first of several."""
    return max(text.split(), key=len, default="")
