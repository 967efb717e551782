"""The command line: runs a command and turns its errors into an exit status.

Each command is a module of `pyholdfast.commands` with two functions, ``add_arguments(parser)``
and ``run(args) -> int``. Only the requested one is imported: `run` and `config` are used in build
scripts, where start-up time matters.
"""

from __future__ import annotations

import argparse
import codecs
import errno
import importlib
import io
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from pyholdfast import paths
from pyholdfast.errors import HoldfastError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMMANDS", "Command", "config_main", "main"]

DONE, FINDINGS, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
# Of paths that cannot exist: even asking whether a file exists fails.
WRONG_PATH = frozenset({errno.ENAMETOOLONG, errno.ELOOP})


@dataclass(frozen=True, slots=True)
class Command:
    """One row of ``holdfast --help``.

    Attributes:
        name: the word on the command line; also the module's name in `pyholdfast.commands`.
        usage: the text after the name.
        summary: half a line, lower case.
        takes_program_arguments: whether the command accepts words after ``--``; it finds them
            in ``args.program_arguments``.
    """

    name: str
    usage: str
    summary: str
    takes_program_arguments: bool = False


COMMANDS = (
    Command("demo", "[FOLDER]", "see it at work, on Python's own sources or a folder of yours"),
    Command("run", "HOST.cpp [-- ARGS]", "compile a host and run it", takes_program_arguments=True),
    Command("build", "HOST.cpp -o OUT", "compile a host"),
    Command(
        "debug",
        "HOST [-- ARGS]",
        "start a host that waits for a debugger, e.g. VS Code",
        takes_program_arguments=True,
    ),
    Command("bundle", "HOST.cpp -o DIST", "make a folder that runs on machines without a Python"),
    Command("bind", "MODULE.py -o OUT.hpp", "typed C++ for a Python module, from its type hints"),
    Command(
        "check",
        "FILES...",
        "find Python calls that are made detached, and pairs left open",
        takes_program_arguments=True,
    ),
    Command(
        "migrate",
        "FILES...",
        "replace manual pairs with guards, and removed calls with current ones",
        takes_program_arguments=True,
    ),
    Command(
        "backend", "[--all]", "make what C programs need for a Python that they find at run time"
    ),
    Command("new", "DIR", "start a project: CMake, a host, a Python module, a test"),
    Command(
        "doctor", "[BINARY | DIST]", "find out what is wrong with a Python, a compiler or a host"
    ),
    Command(
        "trace",
        "[FILE | -- HOST ARGS]",
        "record which threads wait, and which hold Python",
        takes_program_arguments=True,
    ),
    Command("top", "[PID]", "watch a running host: which threads wait, and which are attached"),
    Command("config", "--cflags ...", "print options and folders for other build systems"),
    Command("bench", "", "measure holdfast against its peers, as ratios"),
    Command("explain", "HFnnn", "cause, example and remedy of an error code"),
)


class _Parser(argparse.ArgumentParser):
    """Reports a wrong command line like every other error: with a code and a remedy."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of ending the process.

        Raises:
            UsageError: HF116.
        """
        problem = f"{self.prog}: {message.removeprefix('argument ')}"
        remedy = f"see {self.prog} --help"
        words = message.removeprefix("unrecognized arguments: ")
        if words != message and not words.startswith("-") and "[-- ARGS]" in (self.usage or ""):
            remedy = f"put -- before the host's own arguments: -- {words}"
        raise UsageError("HF116", problem, remedy)


class _Module(Protocol):
    """The interface of a module in `pyholdfast.commands`."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    0: done. 1: it failed, or found something. 2: wrong use: the command raised `UsageError`.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _let_streams_take_all()
    try:
        return _dispatch(words)
    except HoldfastError as error:
        print(error, file=sys.stderr)
        return WRONG_USE if isinstance(error, UsageError) else FINDINGS
    except PermissionError as error:
        # In a folder that we may not search, even asking whether a file exists fails.
        print(_may_not_look(error), file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        return INTERRUPTED
    except FileNotFoundError as error:
        if error.filename is not None:
            raise
        print(_no_current_folder(error), file=sys.stderr)
        return WRONG_USE
    except BrokenPipeError:
        # The reader stopped, e.g. `| head`. Without this, Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except OSError as error:
        if error.errno not in WRONG_PATH or error.filename is None:
            raise
        print(_may_not_look(error), file=sys.stderr)
        return WRONG_USE


def _let_streams_take_all() -> None:
    """Make stdout and stderr accept any text: raw bytes of file names, and any character."""
    codecs.register_error("holdfast.all", _as_byte_or_escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="holdfast.all")


def _as_byte_or_escape(error: UnicodeError) -> tuple[str | bytes, int]:
    # Undecodable bytes pass through unchanged: config's output is passed to compilers.
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    try:
        return letter.encode("ascii", "surrogateescape"), error.start + 1
    except UnicodeEncodeError:
        return letter.encode("ascii", "backslashreplace"), error.start + 1


def _no_current_folder(error: FileNotFoundError) -> UsageError:
    return UsageError(
        "HF119", f"cannot look at the current folder: {error.strerror}", "go to one that exists"
    )


def _may_not_look(error: OSError) -> UsageError:
    return UsageError(
        "HF119",
        f"cannot look at '{error.filename}': {error.strerror}",
        "allow access, e.g. with chmod, or name another file",
    )


def config_main() -> int:
    """The ``holdfast-config`` command: ``holdfast config`` in the form build systems expect."""
    return main(["config", *sys.argv[1:]])


def _dispatch(words: list[str]) -> int:
    status = _answer(words)
    sys.stdout.flush()  # here, where a reader that went away can still be handled
    return status


def _answer(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return DONE if words else WRONG_USE
    if words == ["--version"]:
        print(paths.version())
        return DONE
    words = _command_first(words)
    if words[0].startswith("-"):
        # Like `python -m pybind11 --includes` and `python -m nanobind --include_dir`.
        words = ["config", *words]
    command = next((row for row in COMMANDS if row.name == words[0]), None)
    if command is None:
        raise UsageError(
            "HF116",
            f"there is no command '{words[0]}'",
            f"use one of {', '.join(row.name for row in COMMANDS)}",
        )
    return _run(command, words[1:])


def _command_first(words: list[str]) -> list[str]:
    """The same words, with ``--python PATH`` moved behind the command if it came first."""
    count = 2 if words[0] == "--python" else 1 if words[0].startswith("--python=") else 0
    if count and any(row.name == word for row in COMMANDS for word in words[count : count + 1]):
        return [words[count], *words[:count], *words[count + 1 :]]
    return words


def _run(command: Command, words: list[str]) -> int:
    # Split here, because argparse treats -- differently from version to version.
    own, program_arguments = words, []
    if "--" in words:
        cut = words.index("--")
        own, program_arguments = words[:cut], words[cut + 1 :]
    module = cast("_Module", importlib.import_module(f"pyholdfast.commands.{command.name}"))
    parser = _Parser(
        prog=f"holdfast {command.name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    args = parser.parse_args(own)
    if program_arguments and not command.takes_program_arguments:
        raise UsageError(
            "HF116",
            f"'{command.name}' takes no arguments after --: '{program_arguments[0]}'",
            f"leave them out; see holdfast {command.name} --help",
        )
    args.program_arguments = program_arguments
    return module.run(args)


def _overview() -> str:
    rows = [(f"{row.name} {row.usage}".rstrip(), row.summary) for row in COMMANDS]
    width = max(len(left) for left, _ in rows) + 2
    lines = [f"  {left:<{width}}{right}" for left, right in rows]
    return "\n".join(
        [
            "holdfast: run Python from the native threads of a C or C++ program",
            "",
            "usage: holdfast COMMAND [OPTIONS]",
            "",
            *lines,
            "",
            "  --version, --help; holdfast COMMAND --help shows the options of one command",
            "",
            "In every command, --python PATH or HOLDFAST_PYTHON chooses the Python; by default it",
            "is the active environment's, that of a nearby .venv, or the one that runs holdfast.",
            "With CMake: -Dholdfast_ROOT=$(holdfast config --cmake-dir), find_package(holdfast)",
        ]
    )
