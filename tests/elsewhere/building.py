"""Builds test programs for a target, and runs them there."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from compiled_files import CACHE, compile_object, link, store_at
from harness import Outcome, run_command
from program_build import may_be_precompiled
from program_text import PROGRAMS
from pyholdfast import paths
from pyholdfast.toolchain.prebuilt_runtime import COMPILED
from shared_parts import shared_parts

if TYPE_CHECKING:
    from pathlib import Path

    from elsewhere.targets import Target
    from program_text import Program

__all__ = ["build_for", "run_on"]

# An emulator is slower than the processor, and several run at once.
SLOWER = 6


def build_for(target: Target, program: Program) -> Path:
    """The program for a target.

    Raises:
        CompileError: if it does not build, or with a warning.
    """
    options = [
        *target.compiling, f"-I{PROGRAMS}", f'-DHOLDFAST_DEFAULT_PYTHON="{target.home_python}"',
    ]  # fmt: skip
    if may_be_precompiled(program) and not target.compiler.is_zig:
        options, runtime = shared_parts(target.compiler, options, target.headers)
    else:
        options.append(COMPILED)
        bodies = paths.include_dir() / "holdfast" / "compiled.cpp"
        runtime = compile_object(target.compiler, bodies, options)
    own = [flag for flag in program.flags if not flag.startswith("-Wl,")]
    object_file = compile_object(target.compiler, program.source, [*options, *own])
    objects = [object_file, runtime]
    linking = [*map(str, objects), *program.flags, *target.linking]
    name = f"{program.name}{target.suffix}"
    return link(target.compiler, linking, name, objects, store_at(CACHE))


def run_on(target: Target, program: Program, folder: Path) -> Outcome:
    """Run a program that was built for a target; `folder` is empty.

    Raises:
        CompileError: if it does not build.
    """
    binary = build_for(target, program)
    ours = ("PYTHON", "HOLDFAST_", "VIRTUAL_ENV", "CONDA_", "PYENV_")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    deadline_s = program.deadline_s * SLOWER
    command = target.run(binary, folder)
    if target.needs_pipes:
        return _run_with_pipes(command, environ, deadline_s, program.promise)
    return run_command(
        command, environ=environ, deadline_s=deadline_s, promise=program.promise, with_stacks=False
    )


def _run_with_pipes(
    command: list[str], environ: dict[str, str], deadline_s: float, promise: str
) -> Outcome:
    """The same for wine: Python for Windows does not start if its output is a file without a name.

    No process of the sandbox is left to keep a pipe open.
    """
    code: int | None
    try:
        done = subprocess.run(
            command, input=b"", capture_output=True, env=environ, timeout=deadline_s, check=False
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as late:
        code, out, err = None, late.stdout or b"", late.stderr or b""
    said = (out.decode(errors="replace"), err.decode(errors="replace"))
    return Outcome(code, *said, tuple(command), deadline_s, "", promise)
