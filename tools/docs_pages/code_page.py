"""The page of error codes, made from the table that ``holdfast explain`` prints."""

from __future__ import annotations

from pyholdfast.codes import CODES

__all__ = ["code_page"]

_RANGES = (
    ("HF100", "HF139", "Finding a Python, building hosts, the command line"),
    ("HF140", "HF199", "What `holdfast doctor` and `holdfast new` say"),
    ("HF200", "HF299", "Attach, start and finalize"),
    ("HF300", "HF399", "Executors and pools"),
    ("HF400", "HF499", "Calling Python"),
    ("HF500", "HF519", "C++ headers from type hints, and tests by them"),
    ("HF600", "HF639", "The proof: `holdfast check`"),
    ("HF640", "HF659", "What `holdfast migrate` leaves"),
    ("HF800", "HF829", "Traces, the watchdog and counters"),
)

_INTRODUCTION = """\
# Error codes

Every error of holdfast, from the C++ headers or from the command line, has the same form: a
code, what failed with the value that made it fail, and one remedy. In C++ the code is
`holdfast::error::code()`, and the two lines are `what()`. On a terminal,
`holdfast explain HFnnn` prints what stands here."""


def code_page() -> str:
    """The text of the page.

    Raises:
        ValueError: if a code lies in no range.
    """
    parts = [_INTRODUCTION]
    told = set()
    for first, last, title in _RANGES:
        chosen = [code for code in sorted(CODES) if first <= code <= last]
        if not chosen:
            continue
        parts.append(f"## {title}")
        for code in chosen:
            entry = CODES[code]
            parts += [
                f"### {code}",
                f"**{entry.title}**",
                _prose(entry.cause),
                f"```text\n{entry.example}\n```",
                f"Do: {_prose(entry.remedy)}",
            ]
        told.update(chosen)
    if forgotten := CODES.keys() - told:
        message = f"no range holds {', '.join(sorted(forgotten))}"
        raise ValueError(message)
    return "\n\n".join(parts) + "\n"


def _prose(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
