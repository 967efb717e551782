"""Caches answers of interpreters and compiled hosts.

Two tables under ``$XDG_CACHE_HOME/holdfast``: what Pythons reported about themselves, and compiled
hosts. Both may be deleted at any time and shared between processes: an entry appears whole or not
at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pyholdfast import paths
from pyholdfast.errors import ToolchainError
from pyholdfast.inputs import read_bytes, read_text
from pyholdfast.toolchain.cache_folders import PASSING, make_private, sweep, workplace
from pyholdfast.toolchain.elf import is_elf
from pyholdfast.toolchain.notice import say
from pyholdfast.toolchain.probe import PythonBuild, probe
from pyholdfast.trust import distrust, distrust_all
from pyholdfast.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "HostStore",
    "cache_folder",
    "cached_probe",
    "cannot_write",
    "in_cache",
    "temporary_cache",
]

KEPT = 100
Made = TypeVar("Made")


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Holdfast's folder in the user's cache; it may not exist yet.

    Programs in the cache are run without being rebuilt. If another user could have changed the
    folder, a private one is used instead, and stderr says so, once.

    Raises:
        ToolchainError: HF112 if a private folder cannot be created either.
    """
    environ = os.environ if environ is None else environ
    # The specification of XDG_CACHE_HOME says to ignore a relative path.
    named = Path(environ.get("XDG_CACHE_HOME", ""))
    base = named if named.is_absolute() else Path(environ.get("HOME") or Path.home()) / ".cache"
    return _ours(base / "holdfast")


@cache
def _ours(folder: Path) -> Path:
    fault = distrust_all(folder)
    if fault is None:
        return folder
    private = temporary_cache() / "holdfast"
    say(
        f"holdfast: HF131 the cache '{visible(str(folder))}' is not used: {visible(fault)};"
        f" using '{visible(str(private))}' instead\n"
    )
    return private


def temporary_cache() -> Path:
    """A folder for ``XDG_CACHE_HOME`` if the user's own cache is not writable.

    It is the same folder each time, so that nothing is compiled twice, unless another user has
    occupied its name; then it is a new one.
    """
    folder = Path(tempfile.gettempdir(), "holdfast-cache")
    with contextlib.suppress(OSError, AttributeError):  # Windows has no user numbers
        folder = Path(f"{folder}-{os.getuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
        if private and status.st_uid == os.getuid() and os.access(folder, os.W_OK):
            return folder
    try:
        return Path(tempfile.mkdtemp(prefix="holdfast-cache-"))
    except OSError as error:
        raise cannot_write(folder, error) from error


def in_cache(who: str, make: Callable[[Mapping[str, str]], Made]) -> Made:
    """Call `make` with the user's cache; if that is not writable, with a temporary one.

    Args:
        who: the command, for the line on stderr that names the temporary cache.
        make: receives the environment variables that locate the cache.

    Raises:
        ToolchainError: as `make`; HF112 if no temporary cache can be created either.
    """
    try:
        return make(os.environ)
    except ToolchainError as error:
        if error.code != "HF112":
            raise
        folder = temporary_cache()
        say(f"{who}: {visible(error.problem)}; using '{folder}' instead\n")
        return make({**os.environ, "XDG_CACHE_HOME": str(folder)})


def cannot_write(path: Path, error: OSError) -> ToolchainError:
    """The error for a file or folder of the cache that cannot be created."""
    return ToolchainError(
        "HF112",
        f"cannot write '{path}': {error.strerror or error}",
        "free some space or make the folder writable; XDG_CACHE_HOME moves the cache",
    )


def cached_probe(python: Path, *, environ: Mapping[str, str] | None = None) -> PythonBuild:
    """`probe`, cached until the interpreter's file changes.

    An incomplete Python is asked again each time, because its missing parts may have been installed
    since. So is a Python that a script starts, such as a version manager's shim, because the
    script's answer depends on more than its own file.

    Raises:
        FindingError: as `probe`.
    """
    if not is_elf(python):
        return probe(python)
    environment = python.parent.parent / "pyvenv.cfg"
    key = _digest([paths.version(), str(python), *_stamp(python), *_stamp(environment)])
    entry = cache_folder(environ) / "probes" / f"{key}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(read_text(entry))
        build = PythonBuild.from_dict(known["build"])
        if known["stamps"] == _stamps(build):
            return build
    build = probe(python)
    if build.library is not None and build.include_dirs:
        # Without a writable cache, only the next start is slower.
        with contextlib.suppress(OSError):
            sweep(entry.parent)
            _write(entry, {"stamps": _stamps(build), "build": build.to_dict()})
    return build


@dataclass(frozen=True, slots=True)
class HostStore:
    """Compiled hosts, looked up by their inputs.

    A recipe (source, options, compiler, Python) leads to the list of files that its last
    compilation read; the contents of those files lead to the program. An edit of any header is
    noticed, and undoing the edit finds the earlier program again.

    Attributes:
        root: folder of the table.
        kept: maximum number of programs; the least recently used are removed.
    """

    root: Path
    kept: int = KEPT

    def find(self, recipe: str, name: str) -> Path | None:
        """The program that `recipe` made from the files' current contents, or None."""
        try:
            files = json.loads(read_text(self._list(recipe)))
            program = self._program(recipe, files, name)
            if distrust(program) is not None:  # the folder was once writable for others
                return None
            with contextlib.suppress(OSError):  # a read-only cache is still usable
                os.utime(program)  # what was used last is removed last
        except (OSError, ValueError, TypeError):
            return None
        return program

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder beside the programs to build in; it is removed at the end of the block.

        Raises:
            ToolchainError: HF112 if it cannot be made.
        """
        with contextlib.ExitStack() as stack:
            try:
                folder = stack.enter_context(workplace(self.root))
            except OSError as error:
                raise cannot_write(self.root, error) from error
            yield folder

    def add(
        self, recipe: str, name: str, program: Path, files: Iterable[Path], *, begun_ns: int
    ) -> Path:
        """Move `program`, which `recipe` has just made from `files`, into the table.

        Args:
            recipe: all inputs of the program except the contents of files.
            name: file name of the program in the table.
            program: the file to move.
            files: what the compiler read.
            begun_ns: when the compiler started to read, by the system's clock.

        Raises:
            ToolchainError: HF112 if the table cannot be written.
        """
        listed = sorted({str(file.absolute()) for file in files})
        try:
            # A file edited during the compilation may differ from what was compiled. Use the
            # program this once, but do not store it under the new contents.
            settled = all(Path(file).stat().st_mtime_ns < begun_ns for file in listed)
            target = self._program(recipe if settled else f"{recipe} {begun_ns}", listed, name)
            make_private(target.parent)
            program.chmod(program.stat().st_mode & ~0o022)  # whatever the user's umask allows
            program.replace(target)
            if settled:
                _write(self._list(recipe), listed)
            self._trim(keep=target.parent)
        except OSError as error:
            raise cannot_write(self.root, error) from error
        return target

    def _list(self, recipe: str) -> Path:
        return self.root / f"{_digest([recipe])}.json"

    def _program(self, recipe: str, files: list[str], name: str) -> Path:
        contents = [hashlib.sha256(read_bytes(Path(file))).hexdigest() for file in files]
        return self.root / _digest([recipe, *files, *contents]) / name

    def _trim(self, keep: Path) -> None:
        """Remove the least recently used programs beyond `kept`, and their lists."""
        entries = [entry for entry in os.scandir(self.root) if not entry.name.startswith(".")]
        for kind in (os.DirEntry.is_dir, os.DirEntry.is_file):
            alike = [Path(entry.path) for entry in entries if kind(entry)]
            if len(alike) <= self.kept:
                continue
            alike.sort(key=_last_used, reverse=True)
            for path in alike[self.kept :]:
                if path.is_dir() and path != keep:
                    shutil.rmtree(path, ignore_errors=True)
                elif path.is_file():
                    path.unlink(missing_ok=True)


def _last_used(entry: Path) -> float:
    """When a program, or a list of files, was last written or found; 0 if it just vanished."""
    try:
        inside = list(entry.iterdir()) if entry.is_dir() else [entry]
        return max((file.stat().st_mtime for file in inside), default=0.0)
    except OSError:
        return 0.0


def _digest(facts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(facts).encode(errors="surrogateescape")).hexdigest()[:40]


def _stamp(file: Path) -> list[str]:
    try:
        status = file.stat()
    except OSError:
        return ["missing"]
    return [str(status.st_mtime_ns), str(status.st_size)]


def _stamps(build: PythonBuild) -> list[list[str]]:
    """The facts that must be unchanged for a cached answer to be valid."""
    library = build.library or Path()
    return [_stamp(library), *(_stamp(folder / "Python.h") for folder in build.include_dirs)]


def _write(path: Path, value: Any) -> None:  # noqa: ANN401 - anything JSON takes
    """Write JSON so that a reader sees either the old file or the new one."""
    make_private(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=PASSING)
    try:
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor, not a path
            json.dump(value, file)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
