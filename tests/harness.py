"""Runs a test program in a process group of its own, with a deadline.

A program that hangs is an outcome like any other: it is reported with the native stacks of its
threads, if gdb is there, and the whole group is killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from matrix import MatrixPython, default_python
from own_home import COMPILERS
from program_build import build_program
from pyholdfast.process_end import end_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from program_text import Program
    from pyholdfast.toolchain.compiler import Compiler

__all__ = ["Outcome", "environment_for", "run_built", "run_command", "run_holdfast"]

SOURCES = Path(__file__).resolve().parents[1] / "src"
STACKS_LIMIT_S = 60
SHOWN = 6000
COMPILING = "holdfast: compiling "


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended.

    Attributes:
        code: its exit status; negative: the signal that ended it; None: it hung.
        out: what it wrote to stdout.
        err: what it wrote to stderr.
        command: what was run.
        deadline_s: how long it was given.
        stacks: of its threads when the deadline passed, as gdb prints them.
        promise: what the program shows, if it is one of ours.
    """

    code: int | None
    out: str
    err: str
    command: tuple[str, ...]
    deadline_s: float
    stacks: str = ""
    promise: str = ""

    @property
    def ending(self) -> str:
        """How it ended: ``exit``, ``crash`` or ``hang``."""
        if self.code is None:
            return "hang"
        return "crash" if self.code < 0 else "exit"

    @property
    def complaints(self) -> str:
        """What it wrote to stderr, but for the line that something is compiled for the first time.

        Whether that is said depends on what another test has compiled before.
        """
        lines = self.err.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(COMPILING))

    def explain(self) -> str:
        """Everything that the reader of a failure needs."""
        if self.code is None:
            how = f"hung: still running after {self.deadline_s:g} s"
        else:
            how = end_of(self.code)
        parts = [f"{Path(self.command[0]).name} {how}", f"command: {' '.join(self.command)}"]
        if self.promise:
            parts.insert(0, f"promise: {self.promise}")
        for title, text in (("stdout", self.out), ("stderr", self.err), ("stacks", self.stacks)):
            if text:
                parts.append(f"--- {title}\n{text[-SHOWN:]}")
        return "\n".join(parts)


def run_built(
    program: Program,
    python: MatrixPython,
    *,
    arguments: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    deadline_s: float | None = None,
    sanitize: Sequence[str] = (),
    compiler: Compiler | None = None,
) -> Outcome:
    """Compile a program if need be, with the options `sanitize` besides its own, and run it.

    `compiler` is used in place of the machine's.

    Raises:
        CompileError: if it does not build.
    """
    binary = build_program(program, python, sanitize, compiler=compiler)
    return run_command(
        [str(binary), *arguments],
        environ={**environment_for(python), **(environ or {})},
        deadline_s=program.deadline_s if deadline_s is None else deadline_s,
        promise=program.promise,
    )


def environment_for(python: MatrixPython) -> dict[str, str]:
    """Variables for a program on this Python: those of the tests, without any other Python.

    `python` goes first on PATH as ``python3``, because that is where CPython looks for itself
    when a program starts it by plain Py_Initialize().
    """
    ours = ("PYTHON", "HOLDFAST_", "VIRTUAL_ENV", "CONDA_", "PYENV_")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    folder = python.build.base_executable.parent
    if not (folder / "python3").exists() or python.build.loader is not None:
        folder = _folder_with_link(python)
    # The system's Python lies beside the compilers that those of the tests stand before.
    environ["PATH"] = f"{COMPILERS}:{folder}:{environ.get('PATH', '')}"
    return environ


def run_command(
    command: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    deadline_s: float,
    promise: str = "",
    stdin: str = "",
    cwd: Path | None = None,
    with_stacks: bool = True,
) -> Outcome:
    """Run a command in a process group of its own; nothing of the group outlives the call.

    `with_stacks`: of a command that hangs, which takes gdb some seconds.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        # Files, not pipes: a grandchild that keeps a pipe open would keep us waiting.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=err, env=environ, cwd=cwd,
            start_new_session=True,
        )  # fmt: skip
        stacks = ""
        code: int | None = None
        try:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(stdin.encode())
                process.stdin.close()
            code = process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            stacks = _native_stacks(process.pid) if with_stacks else ""
        finally:
            _kill_group(process)
        return Outcome(code, _text(out), _text(err), tuple(command), deadline_s, stacks, promise)


def run_holdfast(
    *words: object,
    python: MatrixPython | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    deadline_s: float = 120,
) -> Outcome:
    """The command of this checkout in a process of its own.

    Args:
        words: behind ``holdfast``.
        python: whose variables it gets, see `environment_for`; by default the newest.
        environ: further variables.
        cwd: where it runs.
        deadline_s: as for `run_command`.
    """
    return run_command(
        [sys.executable, "-m", "pyholdfast", *map(str, words)],
        environ={
            **environment_for(python or default_python()),
            "PYTHONPATH": str(SOURCES),
            **(environ or {}),
        },
        deadline_s=deadline_s,
        cwd=cwd,
    )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the group: the program itself, or children that it left running."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _native_stacks(pid: int) -> str:
    gdb = shutil.which("gdb")
    if gdb is None:
        return "(install gdb to see them)"
    command = [gdb, "-p", str(pid), "-nx", "-batch", "-iex", "set debuginfod enabled off",
               "-ex", "thread apply all backtrace 25"]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=STACKS_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return "(gdb did not end in time)"
    start = done.stdout.find("\nThread ")
    return done.stdout[max(start, 0) :]


def _folder_with_link(python: MatrixPython) -> Path:
    folder = Path(tempfile.gettempdir(), f"holdfast-tests-{os.getuid()}", f"python{python.name}")
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "python3"
    if not link.is_symlink() or link.readlink() != python.path:
        fresh = folder / f".{os.getpid()}"
        fresh.symlink_to(python.path)
        fresh.replace(link)
    return folder


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
