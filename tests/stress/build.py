"""Compiles the stress host, with the unchanged headers or with a copy that has pauses.

The pauses are before every access to an atomic, and before every call that attaches, detaches or
deletes a thread state, in the headers that decide which threads may be inside.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from compiled_files import CACHE, CompileError
from header_texts import with_our_warnings
from program_build import STRICT, build_library
from program_text import find_source
from pyholdfast import paths
from pyholdfast.toolchain.compile import find_compiler
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matrix import MatrixPython

__all__ = ["SOURCES", "build_host", "with_pauses"]

SOURCES = Path(__file__).resolve().parent
LIBRARY = find_source("interop_library_one.cpp")
PAUSED_HEADERS = (
    "gate/gate.hpp",
    "gate/interpreter_record.hpp",
    "gate/registry.hpp",
    "gate/thread_record.hpp",
    "process/shared_records.hpp",
    "process/shared_records.ipp",
    "attach/deferred.ipp",
    "attach/register_interpreter.exits.ipp",
    "attach/register_interpreter.ipp",
    "attach/attach_guard.common.ipp",
    "attach/attach_guard.hpp",
    "attach/attach_guard.ipp",
    "attach/cached_state.hpp",
    "attach/cached_state.ipp",
    "lifecycle/drain.hpp",
    "attach/view.ipp",
)
ACCESS = re.compile(r"(?<![\w.>:])([A-Za-z_][\w.]*(?:->[\w.]+)?)\.(load|store|exchange)\(")
CALL = re.compile(
    r"(?<![\w.>:])(PyEval_RestoreThread|restore_or_hang|PyEval_SaveThread|PyThreadState_Clear"
    r"|PyThreadState_DeleteCurrent|PyThreadState_Swap|new_state)\((?!PyInterpreterState)"
)
KEPT = 28  # for seven Pythons: both kinds, of this text of the headers and of the one before


def with_pauses(text: str) -> str:
    """A header's text with pauses in it.

    >>> with_pauses("return state_.load() && PyEval_SaveThread();").splitlines()[-1]
    'return (::stress::pause_here(), state_).load() && (::stress::pause_here(), PyEval_SaveThread)();'
    """
    text = ACCESS.sub(r"(::stress::pause_here(), \1).\2(", text)
    text = CALL.sub(r"(::stress::pause_here(), \1)(", text)
    return f'#include "pause.hpp"\n{text}'


def build_host(source: str, python: MatrixPython, *, paused: bool) -> Path:
    """Compile a source of this folder, unless that has been done.

    Raises:
        CompileError: if it does not compile or link.
    """
    compiler = find_compiler()
    flags = flags_for(python.build, optimise="-O1")
    library = build_library(LIBRARY, python)
    include = paths.include_dir()
    options = [
        *with_our_warnings(flags.cflags), *STRICT, f"-I{SOURCES}", f'-DHOLDFAST_DEFAULT_PYTHON="{python.path}"',
        f'-DTEST_LIBRARIES="{library.parent}"', "-DHOLDFAST_DEBUG=1",
    ]  # fmt: skip
    linking = [*flags.ldflags, *flags.libs, "-ldl", "-rdynamic"]  # names in a backtrace
    digest = hashlib.sha256("\n".join([compiler.identity(), *options, *linking]).encode())
    for file in [*sorted(include.rglob("*.?p*")), *sorted(SOURCES.glob("*.?pp")), Path(__file__)]:
        digest.update(file.read_bytes())
    folder = CACHE / "stress" / digest.hexdigest()[:24]
    out = folder / f"{Path(source).stem}{'_paused' if paused else ''}"
    if out.exists():
        return out
    _forget_old(folder.parent)
    if paused:
        copy = folder / "include"
        shutil.copytree(include, copy, dirs_exist_ok=True)
        for name in PAUSED_HEADERS:
            header = copy / "holdfast" / name
            header.write_text(
                with_pauses((include / "holdfast" / name).read_text("utf-8")), "utf-8"
            )
        options = [option.replace(str(include), str(copy)) for option in options]
    folder.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(f".{python.name}.part")
    _run([*compiler.command, *options, str(SOURCES / source), "-o", str(partial), *linking])
    partial.replace(out)
    return out


def _forget_old(root: Path) -> None:
    if not root.is_dir():
        return
    folders = sorted(root.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = f"{' '.join(command)}\n{done.stderr[-6000:]}"
        raise CompileError(message)
