"""The output formats of a trace, and writing them."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.outputs import cannot_write_output
from pyholdfast.trace.html import page
from pyholdfast.trace.perfetto import packets
from pyholdfast.trace.speedscope import waits
from pyholdfast.trace.svg import still
from pyholdfast.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyholdfast.errors import HoldfastError
    from pyholdfast.trace.model import Trace

__all__ = ["SUFFIXES", "Wish", "demand_free", "free_outputs", "outputs", "write"]

SUFFIXES: Mapping[str, str] = {
    "html": ".html",
    "svg": ".svg",
    "perfetto": ".pftrace",
    "speedscope": ".speedscope.json",
}
UNLESS_ASKED = ("html", "perfetto")


@dataclass(frozen=True, slots=True)
class Wish:
    """Options for showing a trace.

    Attributes:
        title: the first line; None for the command.
        span: the nanoseconds that a still picture shows; None for the whole trace.
    """

    title: str | None = None
    span: tuple[int, int] | None = None


def outputs(formats: Sequence[str], output: Path | None, stem: str = "trace") -> dict[str, Path]:
    """The output file for each format.

    Without a format, the file's suffix decides; without a known suffix, it is a page and a file for
    Perfetto. The first format goes into `output`, by default named `stem`; the others are written
    beside it.

    >>> {key: str(path) for key, path in outputs((), None).items()}
    {'html': 'trace.html', 'perfetto': 'trace.pftrace'}
    >>> {key: str(path) for key, path in outputs((), Path("run.svg")).items()}
    {'svg': 'run.svg'}
    """
    chosen = tuple(dict.fromkeys(formats)) or _by_suffix(output) or UNLESS_ASKED
    first = output or Path(f"{stem}{SUFFIXES[chosen[0]]}")
    own = SUFFIXES[chosen[0]]
    stem = first.name.removesuffix(own) if first.name.endswith(own) else first.stem
    beside = {name: first.with_name(stem + SUFFIXES[name]) for name in chosen[1:]}
    return {chosen[0]: first, **beside}


def free_outputs(formats: Sequence[str], output: Path | None) -> dict[str, Path]:
    """`outputs`; without `output`, the first unused name of trace, trace-2, trace-3 ..."""
    stems = itertools.chain(("trace",), (f"trace-{number}" for number in itertools.count(2)))
    made = (outputs(formats, output, stem) for stem in stems)
    return next(
        files
        for files in made
        if output is not None or not any(os.path.lexists(file) for file in files.values())
    )


def _by_suffix(output: Path | None) -> tuple[str, ...]:
    found = (name for name, suffix in SUFFIXES.items() if output and output.name.endswith(suffix))
    name = next(found, "html")
    return () if name == "html" else (name,)


def demand_free(files: Iterable[Path]) -> None:
    """Check before a long recording that no file exists, and that each file's folder does.

    Raises:
        UsageError: HF807 if one of them exists, or its folder does not.
    """
    for file in files:
        if file.is_dir():
            raise _cannot_write(file, OSError(0, "it is a folder"))
        if os.path.lexists(file):  # a dangling link counts, too
            raise _cannot_write(file, OSError(0, "File exists"))
        if not file.parent.is_dir():
            raise _cannot_write(file, OSError(0, "No such file or directory"))


def write(trace: Trace, files: Mapping[str, Path], wish: Wish) -> None:
    """Write all of the files, or none.

    Raises:
        HoldfastError: HF807 if one exists by now, or cannot be written.
    """
    texts = {file: _text(trace, name, wish) for name, file in files.items()}
    made: list[Path] = []
    for file, text in texts.items():
        try:
            with file.open("xb") as stream:
                made.append(file)
                stream.write(text)
        except OSError as error:
            for mine in made:
                mine.unlink()
            raise _cannot_write(file, error) from error


def _text(trace: Trace, name: str, wish: Wish) -> bytes:
    title = None if wish.title is None else visible(wish.title)
    if name == "perfetto":
        return packets(trace)
    if name == "speedscope":
        return waits(trace, title).encode()
    if name == "svg":
        return still(trace, title, wish.span).encode()
    return page(trace, title).encode()


def _cannot_write(file: Path, error: OSError) -> HoldfastError:
    remedy = "name another file, or remove this one; without -o the next free name is taken"
    return cannot_write_output(file, error, code="HF807", remedy=remedy)
