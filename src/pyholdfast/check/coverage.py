"""What was named and yet not read: a check must not look like a proof where it saw nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pyholdfast import paths
from pyholdfast.check.clang_tidy import Trouble, Unit
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.outline import outline
from pyholdfast.check.tokens import read_source
from pyholdfast.inputs import read_text

__all__ = ["note_unread"]

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)
_ERRORS = frozenset({"HF620", "HF623", "HF629"})


def note_unread(units: Sequence[Unit], root: Path) -> list[Trouble]:
    """Add a trouble to each file of which nothing was read; returns those of the whole run.

    Args:
        units: what was read of each file.
        root: the folder to name if there is no file at all.
    """
    if not units:
        return [Trouble("HF629", Place(str(root), 0, 0), "no file is left to check")]
    _explain_fragments(units)
    # What CMake compiles for a project includes nothing but our headers, which we check ourselves.
    others = [unit for unit in units if not unit.command.file.is_relative_to(paths.include_dir())]
    for unit in others or units:
        if not any(trouble.code in _ERRORS for trouble in unit.troubles):
            why = _nothing_of_its_own(unit)
            if why:
                unit.troubles.append(Trouble("HF629", _whole(unit), why))
    silent = not any(unit.facts.functions or unit.unchecked or unit.troubles for unit in units)
    texts = [unit for unit in units if read_source(str(unit.command.file)).tokens]
    if silent and texts:
        where = "it" if len(units) == 1 else f"the {len(units)} files"
        return [Trouble("HF629", _whole(texts[0]), f"no function was found in {where}")]
    return []


def _nothing_of_its_own(unit: Unit) -> str:
    """Why nothing of a file was read; empty if something was, or if there is nothing in it."""
    file = str(unit.command.file)
    source = read_source(file)
    written = outline(source)
    if any(function.body.file == file for function in unit.facts.functions.values()):
        return ""
    if written:
        its = (
            f"any of its {len(written)} functions"
            if len(written) > 1
            else f"its {written[0].name}()"
        )
        return f"the compiler did not see {its}: an #if leaves out what is there"
    includes = any("include" in token.text for token in source.tokens if token.kind == "directive")
    alone = all(token.kind == "directive" for token in source.tokens)
    if includes and alone and not unit.facts.functions:
        return "it holds nothing but #include of libraries, which are not checked"
    return ""


def _explain_fragments(units: Sequence[Unit]) -> None:
    """One line for a file that another one includes, instead of the errors that it has alone."""
    included: dict[Path, Path] = {}
    for unit in units:
        file = unit.command.file
        try:
            text = read_text(file, errors="replace")
        except OSError:
            continue
        for name in _INCLUDE.findall(text):
            included.setdefault((file.parent / name).resolve(), file)
    for unit in units:
        includer = included.get(unit.command.file.resolve())
        if includer is None or not any(t.code == "HF620" for t in unit.troubles):
            continue
        text = f"it is a part of '{includer.name}', which includes it, and does not compile alone"
        unit.troubles = [t for t in unit.troubles if t.code != "HF620"]
        unit.troubles.append(Trouble("HF629", _whole(unit), text))
        unit.unchecked.clear()


def _whole(unit: Unit) -> Place:
    return Place(str(unit.command.file), 0, 0)
