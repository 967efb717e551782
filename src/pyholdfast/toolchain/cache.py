"""What need not be found out or compiled a second time.

Two tables under ``$XDG_CACHE_HOME/holdfast``: what Pythons said about themselves, and compiled
hosts. Both are safe to delete at any time, and safe to share between processes: entries
appear whole or not at all.
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
from pyholdfast.toolchain.elf import is_elf
from pyholdfast.toolchain.notice import say
from pyholdfast.toolchain.probe import PythonBuild, probe
from pyholdfast.toolchain.workplace import PASSING, make_private, sweep
from pyholdfast.trust import distrust, distrust_all
from pyholdfast.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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

    Programs in it are run without being made again. So where somebody else could have put them
    there, it is a private one instead, and stderr says so, once.

    Raises:
        ToolchainError: HF112 if there is no place for a private one.
    """
    environ = os.environ if environ is None else environ
    # The rules for XDG_CACHE_HOME say to ignore a relative path.
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
    """A folder for ``XDG_CACHE_HOME`` where the user's own cache cannot be written.

    The same one each time, so that nothing is compiled twice; a new one if somebody else has
    put something of his own in its place.
    """
    folder = Path(tempfile.gettempdir(), "holdfast-cache")
    with contextlib.suppress(OSError, AttributeError):  # Windows numbers no users
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
    """What `make` makes in the user's cache or, if that cannot be written, in a temporary one.

    Args:
        who: the command, for the line on stderr that names the temporary cache.
        make: takes the variables that say where the cache is.

    Raises:
        ToolchainError: as `make`; HF112 if no temporary cache can be made either.
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
    """The error for a file or folder of the cache that cannot be made."""
    return ToolchainError(
        "HF112",
        f"cannot write '{path}': {error.strerror or error}",
        "make room or permit writing there; XDG_CACHE_HOME moves the cache",
    )


def cached_probe(python: Path, *, environ: Mapping[str, str] | None = None) -> PythonBuild:
    """`probe`, remembered for as long as the interpreter's file does not change.

    An incomplete Python is asked again each time: its missing parts may have been
    installed meanwhile. So is one that is started by a script, for example a version
    manager's shim, because a script's answer depends on more than its own file.

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
        # A cache that cannot be written only makes the next start slower.
        with contextlib.suppress(OSError):
            sweep(entry.parent)
            _write(entry, {"stamps": _stamps(build), "build": build.to_dict()})
    return build


@dataclass(frozen=True, slots=True)
class HostStore:
    """Compiled hosts, found by what went into them.

    A recipe (source, options, compiler, Python) leads to the list of files that its last
    compilation read; the contents of those files lead to the program. So an edit of any
    header, however deep, is noticed, and going back to an earlier text finds the earlier program.

    Attributes:
        root: folder of the table.
        kept: how many programs stay; what was used last goes last.
    """

    root: Path
    kept: int = KEPT

    def find(self, recipe: str, name: str) -> Path | None:
        """The program made by `recipe` from files as they are now, if there is one."""
        try:
            files = json.loads(read_text(self._list(recipe)))
            program = self._program(recipe, files, name)
            if distrust(program) is not None:  # the folder was open to others once
                return None
            with contextlib.suppress(OSError):  # a cache that cannot be written serves as well
                os.utime(program)  # what was used last is removed last
        except (OSError, ValueError, TypeError):
            return None
        return program

    def add(
        self, recipe: str, name: str, program: Path, files: Iterable[Path], *, begun_ns: int
    ) -> Path:
        """Move `program`, which `recipe` has just made by reading `files`, into the table.

        Args:
            recipe: everything that went into the program but the contents of files.
            name: file name of the program in the table.
            program: what to move.
            files: what the compiler read.
            begun_ns: when it began to read, by the system's clock.

        Raises:
            ToolchainError: HF112 if the table cannot be written.
        """
        listed = sorted({str(file.absolute()) for file in files})
        try:
            # A file edited while the compiler ran may hold another text than it compiled. The
            # program is good for this once; nobody may find it by that text.
            settled = all(Path(file).stat().st_mtime_ns < begun_ns for file in listed)
            target = self._program(recipe if settled else f"{recipe} {begun_ns}", listed, name)
            make_private(target.parent)
            program.chmod(program.stat().st_mode & ~0o022)  # whatever the user's mask permits
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
        """Remove the programs beyond `kept` that were not used for longest, and their lists."""
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
    """What must not have changed for a remembered answer to hold."""
    library = build.library or Path()
    return [_stamp(library), *(_stamp(folder / "Python.h") for folder in build.include_dirs)]


def _write(path: Path, value: Any) -> None:  # noqa: ANN401 - anything JSON takes
    """Write JSON so that a reader sees the old file or the new one, never a part."""
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
