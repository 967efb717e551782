"""A project's configuration: ``[tool.holdfast.check]`` in pyproject.toml, or .holdfast.toml."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from pyholdfast.check.clang_tidy_queries import Vocabulary
from pyholdfast.check.vocabulary import vocabulary
from pyholdfast.errors import UsageError
from pyholdfast.inputs import read_text
from pyholdfast.trust import distrust
from pyholdfast.visible import visible

__all__ = ["FILES", "Settings", "read_settings"]

FILES = (".holdfast.toml", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Settings:
    """The lists in a project's configuration; each adds to the built-in names.

    Attributes:
        attached: functions that are called attached: ``name`` or ``Class::name``.
        detached: functions that are called detached.
        attaching: guard classes, functions, macros and function pointers that attach, e.g.
            ``::app::python_lock``, ``TAKE_GIL``, ``Hooks::take``.
        detaching: those that detach.
        blocking: functions, macros and function pointers that may block, e.g.
            ``::app::wait_for_event``, ``Box::wait``.
        spawning: functions that run another one on a new thread.
        exclude: patterns of paths to leave out, e.g. ``third_party/*``.
        root: the folder of the configuration file; without a file, the current folder.
    """

    attached: tuple[str, ...] = ()
    detached: tuple[str, ...] = ()
    attaching: tuple[str, ...] = ()
    detaching: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()
    spawning: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    root: Path = Path()

    def vocabulary(self) -> Vocabulary:
        """The names for the queries."""
        return vocabulary(
            attaching=self.attaching,
            detaching=self.detaching,
            blocking=self.blocking,
            spawning=self.spawning,
            entering=self.attaching,
            leaving=self.detaching,
        )

    def roles(self) -> dict[str, str]:
        """What each configured name does: ``enter``, ``leave`` or ``block``."""
        lists = (("enter", self.attaching), ("leave", self.detaching), ("block", self.blocking))
        return {name.removeprefix("::"): role for role, names in lists for name in names}


def read_settings(start: Path) -> Settings:
    """The settings of the project that a folder belongs to.

    Settings can hide findings, so the search stops at a folder that other users may write to.

    Raises:
        UsageError: HF625 if the file cannot be read or contains unknown keys or values.
    """
    folder = start.absolute()
    for above in (folder, *folder.parents):
        if _is_of_others(above):
            break
        own = above / ".holdfast.toml"
        if own.is_file():
            return _checked(own, _section(_parse(own), ("check",)))
        project = above / "pyproject.toml"
        if project.is_file():
            try:
                mentioned = "tool.holdfast.check" in read_text(project)
            except (OSError, UnicodeDecodeError):
                mentioned = False
            if mentioned:
                table = _section(_parse(project), ("tool", "holdfast", "check"))
                return _checked(project, table)
            return Settings(root=above)
    return Settings(root=folder)


def _is_of_others(folder: Path) -> bool:
    try:
        fault = distrust(folder)
    except OSError:
        return True
    if fault is not None and any((folder / name).exists() for name in FILES):
        sys.stderr.write(
            f"holdfast: the settings in '{visible(str(folder))}' are passed over: {visible(fault)}\n"
        )
    return fault is not None


def _parse(file: Path) -> Mapping[str, object]:
    parser = None
    # tomllib is part of Python from 3.11 on; the extra [check] brings tomli.
    for name in ("tomllib", "tomli"):
        try:
            parser = importlib.import_module(name)
        except ImportError:
            continue
        break
    if parser is None:
        raise UsageError(
            "HF625",
            f"'{file}' cannot be read: Python 3.10 has no TOML parser, and tomli is not installed",
            "pip install 'pyholdfast[check]', which brings tomli, or run holdfast with Python 3.11 or later",
        )
    try:
        parsed = parser.loads(read_text(file))
    except (OSError, ValueError) as error:
        raise UsageError("HF625", f"'{file}' cannot be read: {error}", "fix it") from error
    return parsed if isinstance(parsed, dict) else {}


def _section(parsed: Mapping[str, object], path: tuple[str, ...]) -> Mapping[str, object]:
    table: object = parsed
    for name in path:
        table = table.get(name, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def _checked(file: Path, table: Mapping[str, object]) -> Settings:
    known = [field.name for field in fields(Settings) if field.name != "root"]
    lists: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
        if key not in known or texts != value:
            raise UsageError(
                "HF625",
                f"'{file}' says '{key} = {value!r}', which means nothing to holdfast check",
                f"give lists of names for {', '.join(known)}",
            )
        lists[key] = tuple(texts)
    return Settings(**lists, root=file.parent)
