"""Shared by `run` and `debug`: compiling a host, its environment, and becoming it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

from pyholdfast.commands.binding import bind_beside
from pyholdfast.find_python import WINDOWS
from pyholdfast.process_end import own_status
from pyholdfast.toolchain.cache import in_cache
from pyholdfast.toolchain.flags import finding_library
from pyholdfast.toolchain.host import cached_program

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["become", "compiled_host"]


def compiled_host(args: argparse.Namespace, build: PythonBuild) -> tuple[Path, dict[str, str]]:
    """The program, compiled or from the cache, and the environment to run it with."""

    def compiled(environ: Mapping[str, str]) -> tuple[Path, dict[str, str]]:
        return cached_program(
            args.source,
            build,
            standard=args.std,
            optimise=args.optimise,
            extra=bind_beside(args.source, build, environ),
            environ=environ,
        )

    host, more = in_cache("holdfast run", compiled)
    return host, {**_environment(args.source, build), **more}


def become(host: Path, words: list[str], environ: Mapping[str, str]) -> NoReturn:
    """Replace this process with the host; on Windows, wait for it and end as it does.

    Args:
        host: the program.
        words: its name and arguments.
        environ: its environment.

    Raises:
        OSError: the system does not start it.
        SystemExit: on Windows, with the host's exit status.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if WINDOWS:  # whose execve() is the end of this process while the host runs on
        raise SystemExit(_status_of(host, words, environ))
    # Python ignores them, and what is ignored stays so in the program that replaces it.
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    os.execve(host, words, environ)  # noqa: S606


def _status_of(host: Path, words: list[str], environ: Mapping[str, str]) -> int:
    """Run the host to its end; return what ends this process as it. Ctrl+C reaches it as well, and it decides what that means."""
    with subprocess.Popen(words, executable=host, env=environ) as running:
        while True:
            try:
                return own_status(running.wait())
            except KeyboardInterrupt:
                continue


def _environment(source: Path, build: PythonBuild) -> dict[str, str]:
    """The host's environment: this Python, and for child processes the modules beside the host."""
    beside = str(source.absolute().parent)
    # Python would take a folder with the separator in its name for two.
    folders = ["" if os.pathsep in beside else beside, os.environ.get("PYTHONPATH", "")]
    return {
        **finding_library(os.environ, build),
        "HOLDFAST_PYTHON": str(build.executable),
        "PYTHONPATH": os.pathsep.join(folder for folder in folders if folder),
    }
