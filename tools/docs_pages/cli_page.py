"""Makes the command-line page from the commands' parsers."""

from __future__ import annotations

import argparse
import importlib
from typing import TYPE_CHECKING

from pyholdfast.cli import COMMANDS, Command

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["cli_page"]

_INTRODUCTION = """\
# Command line

`holdfast COMMAND`, or `python -m pyholdfast COMMAND`. Exit status: 0 done, 1 findings or a failed
host, 2 wrong use, 130 interrupted. Errors go to stderr as a [code](errors.md) with a remedy.

Wrong use is the same for all commands: a word that is not understood, an input file or process that
does not exist or is not accessible, an output that cannot be placed, an unusable Python. No command
overwrites a file that it reads, not even through a link: [HF118](errors.md#hf118).

Every command chooses the Python in this order: `--python PATH`, the variable `HOLDFAST_PYTHON`, an
active environment (`VIRTUAL_ENV`, `CONDA_PREFIX`), a folder `.venv` beside the source or above it,
the interpreter that runs `holdfast`. If a named Python does not exist, that is an error; `holdfast`
does not choose another one.

## Files of others

- A `.venv` that `holdfast` finds by itself is run. So it must belong to you or to root, with every folder above it, and
  other users must not be able to write there ([HF130](errors.md#hf130)). The search upwards stops at a folder that other
  users own or may write to, e.g. `/tmp`; a `.venv` in that folder is skipped, and stderr says so. The same holds for the
  settings of `holdfast check` in `pyproject.toml` and `.holdfast.toml`. A Python that you name is used whoever owns it.
- Programs in the cache are run, so the same holds for the cache folder ([HF131](errors.md#hf131)). Otherwise `holdfast`
  uses a private folder in the temporary folder.
- A regular output file is replaced as a whole or not at all, also behind a link. A device, or a FIFO that has a reader, is
  written to. A FIFO without a reader is an error; `holdfast` does not wait for one.
- Only regular files are read: a FIFO, a device or a socket is an error at once.
- Names of files and threads, command lines and quoted lines are shown with escapes made visible (`\\x1b`), in every
  message and picture. Output for programs, e.g. that of `holdfast config`, is exact."""


def cli_page() -> str:
    """Make the page's text."""
    parts = [_INTRODUCTION]
    for command in COMMANDS:
        parts += _section(command)
    return "\n\n".join(parts) + "\n"


def _section(command: Command) -> Iterable[str]:
    module = importlib.import_module(f"pyholdfast.commands.{command.name}")
    parser = argparse.ArgumentParser(prog=f"holdfast {command.name}", add_help=False)
    module.add_arguments(parser)
    yield f"## `holdfast {command.name}`"
    yield f"```text\nholdfast {command.name} {command.usage}".rstrip() + "\n```"
    yield from _paragraphs(module.__doc__ or "")
    # Public API of argparse prints help in a form that changes from version to version.
    rows = [_row(action) for action in parser._actions if action.help != argparse.SUPPRESS]  # noqa: SLF001
    if rows:
        yield "\n".join(["| argument | meaning |", "| --- | --- |", *rows])


def _paragraphs(text: str) -> Iterable[str]:
    """The paragraphs of the module's help; indented lines are code."""
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith(" "):
            body = "\n".join(line.removeprefix("  ") for line in paragraph.splitlines())
            yield f"```text\n{body}\n```"
        else:
            yield paragraph.replace("<", "&lt;")


def _row(action: argparse.Action) -> str:
    metavar = action.metavar
    value = metavar if isinstance(metavar, str) else action.dest.upper()
    text = action.help or ""
    if action.choices and action.option_strings:
        text = f"{', '.join(action.choices)}: {text}"
    if not action.option_strings:
        shown = f"`{value}`"
    else:
        # An option that is a switch takes no value.
        suffix = "" if action.nargs == 0 else f" {value}"
        if action.nargs == "?":
            suffix = f" [{value}]"
        shown = ", ".join(f"`{option}{suffix}`" for option in action.option_strings)
    text = text.replace("|", "\\|").replace("<", "&lt;")
    return f"| {shown} | {text} |"
