"""Makes the page of error codes from the table that ``holdfast explain`` prints."""

from __future__ import annotations

import re

from pyholdfast.codes import CODES

__all__ = ["code_page"]

_RANGES = (
    ("HF100", "HF139", "Finding a Python, building hosts, the command line"),
    ("HF140", "HF199", "`holdfast demo`, `bench`, `doctor` and `new`"),
    ("HF200", "HF299", "Attach, start and finalize"),
    ("HF300", "HF399", "Executors and pools"),
    ("HF400", "HF499", "Calling Python"),
    ("HF500", "HF519", "C++ headers from type hints, and tests based on the hints"),
    ("HF600", "HF639", "Findings and errors of `holdfast check`"),
    ("HF640", "HF659", "Why `holdfast migrate` leaves code as it is"),
    ("HF800", "HF829", "Traces, the watchdog and counters"),
)

_INTRODUCTION = """\
# Error codes

Every error of holdfast, from the C++ headers or from the command line, has the same form: a
code, what failed, including the value that caused it, and one remedy. In C++, `what()` has both
lines and `holdfast::error::code()` the code. `holdfast explain HFnnn` prints the entry of this
page."""


def code_page() -> str:
    """Make the page's text.

    Raises:
        ValueError: if a code is in no range.
    """
    parts = [_INTRODUCTION]
    listed = set()
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
                _prose(entry.cause, code),
                f"```text\n{entry.example}\n```",
                f"Do: {_prose(entry.remedy, code)}",
            ]
        listed.update(chosen)
    if missing := CODES.keys() - listed:
        message = f"no range contains {', '.join(sorted(missing))}"
        raise ValueError(message)
    return "\n\n".join(parts) + "\n"


def _prose(text: str, own: str) -> str:
    """`text` for Markdown; codes other than the entry's `own` become links."""
    parts = text.split("`")
    parts[::2] = [  # the others are code
        part.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_") for part in parts[::2]
    ]
    return re.sub(
        r"\bHF\d{3}\b",
        lambda found: f"[{found[0]}](#{found[0].lower()})" if found[0] != own else found[0],
        "`".join(parts),
    )
