"""Follows the instructions of a page, in an empty folder."""

from __future__ import annotations

import importlib.util
import re
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from compiled_files import CACHE
from docs.pages import CHECKOUT, Fence
from harness import Outcome, environment_for, run_command
from matrix import MatrixPython, default_python, usable
from program_build import build_program
from program_text import Program
from pyholdfast.check.clang_tidy import find_clang_tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Story", "installs", "is_there", "matches", "needs_of", "reader_python"]

DEADLINE_S = 120.0
_CALLER = """\
#!{python}
import sys
sys.path.insert(0, {source!r})
from pyholdfast.cli import main
sys.exit(main())
"""


@dataclass(slots=True)
class Story:
    """One reading of a page.

    Attributes:
        folder: where the reader is; emptied first. The same at every run, so that what did not
            change is not compiled again.
    """

    folder: Path
    _python: MatrixPython = field(init=False)
    _printed: str = field(init=False, default="")
    _environ: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Put `holdfast` and `python3` on PATH, both of one Python that can be embedded."""
        self._python = reader_python()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        tools = self.folder.with_suffix(".bin")
        tools.mkdir(exist_ok=True)
        caller = tools / "holdfast"
        caller.write_text(_CALLER.format(python=self._python.path, source=str(CHECKOUT / "src")))
        caller.chmod(caller.stat().st_mode | stat.S_IXUSR)
        environ = environment_for(self._python)
        self._environ = {
            **{name: text for name, text in environ.items() if name != "PYTEST_ADDOPTS"},
            "PATH": f"{tools}:{environ['PATH']}",
            "XDG_CACHE_HOME": str(CACHE / "xdg"),
            # As if holdfast were installed, in whatever environment the reader makes.
            "PYTHONPATH": str(CHECKOUT / "src"),
        }
        if is_there("clang_tidy"):  # the tests' own, as if the reader had installed [check]
            self._environ["HOLDFAST_CLANG_TIDY"] = str(find_clang_tidy())

    def provide(self, packages: list[str]) -> bool:
        """Fetch packages, so that `pip install` finds them without a network; False if they are unavailable."""
        wheels = self.folder.with_suffix(".wheels")
        command = [str(self._python.path), "-m", "pip", "download", "--quiet",
                   "--dest", str(wheels), *packages]  # fmt: skip
        outcome = run_command(command, environ=self._environ, deadline_s=DEADLINE_S)
        self._environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
        return outcome.code == 0

    def follow(self, page: Iterable[Fence]) -> list[str]:
        """Do what every fence of the page says, in order.

        Returns:
            What some of them need and this machine lacks; those are left out, and what they print.

        Raises:
            AssertionError: if something does not come out as the page says.
        """
        missing: list[str] = []
        left_out = False
        for fence in page:
            if fence.verb != "output":
                lacking = [name for name in needs_of(fence) if not is_there(name)]
                left_out = bool(lacking)
                missing += lacking
            if not left_out:
                self._do(fence)
        return missing

    def _do(self, fence: Fence) -> None:
        if fence.verb == "file":
            self._write(fence.argument, fence.text)
        elif fence.verb == "program":
            self._program(fence)
        elif fence.verb == "run":
            self._run(fence, ["bash", "-euo", "pipefail", "-c", fence.text], 0)
        elif fence.verb == "output":
            assert matches(fence.text, self._printed), (
                f"{fence.place}: the page shows\n{fence.text}\n"
                f"and this was printed\n{self._printed}"
            )

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def _program(self, fence: Fence) -> None:
        wanted = re.search(r"status (\d+)", fence.argument)
        status = int(wanted[1]) if wanted else 0
        if fence.language == "python":
            self._write("program.py", fence.text)
            code = f"import sys, runpy; sys.path.insert(0, {str(CHECKOUT / 'src')!r}); runpy.run_path('program.py')"
            self._run(fence, [str(self._python.path), "-c", code], status)
            return
        # In a place of its own that stays, so that it is compiled anew only if it changed.
        place = re.sub(r"\W+", "_", fence.place)
        source = CACHE / "docs" / place / "host.cpp"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(f'#line 1 "host.cpp"\n{fence.text}', encoding="utf-8")
        flags = ("-std=c++20",) if "c++20" in fence.argument else ()
        program = Program(source=source, promise=fence.place, needs=needs_of(fence), flags=flags)
        self._run(fence, [str(build_program(program, self._python))], status)

    def _run(self, fence: Fence, command: list[str], status: int) -> None:
        outcome = run_command(
            command,
            environ=self._environ,
            deadline_s=DEADLINE_S,
            promise=fence.place,
            cwd=self.folder,
        )
        assert outcome.code == status, outcome.explain()
        self._printed = printed(outcome)


def needs_of(fence: Fence) -> tuple[str, ...]:
    """What must be installed for a fence: packages for a program, commands for a shell."""
    found = re.search(r"needs ([\w-]+)", fence.argument)
    return (found[1],) if found else ()


def is_there(name: str) -> bool:
    """Whether a command, or a Python package, is installed."""
    return shutil.which(name) is not None or importlib.util.find_spec(name) is not None


def installs(page: Iterable[Fence]) -> list[str]:
    """The packages that the page tells the reader to install."""
    found = [re.search(r"installs ([\w-]+)", fence.argument) for fence in page]
    return [match[1] for match in found if match]


def printed(outcome: Outcome) -> str:
    """What a terminal would show, errors last; but not that something is compiled the first time."""
    return outcome.out + outcome.complaints


def matches(shown: str, happened: str) -> bool:
    r"""Whether the page shows the actual output; three dots stand for any text.

    >>> matches("thread ... is inside\n", "thread 4711 is inside\n")
    True
    >>> matches("thread is inside", "thread is outside")
    False
    """
    pattern = ".*".join(re.escape(part) for part in shown.strip().split("..."))
    return re.fullmatch(pattern, happened.strip(), re.DOTALL) is not None


def reader_python() -> MatrixPython:
    """A Python like a reader's: with a GIL, and started by the system's own loader."""
    usual = [p for p in usable() if p.build.loader is None and not p.build.free_threaded]
    return usual[-1] if usual else default_python()
