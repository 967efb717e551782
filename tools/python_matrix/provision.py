"""The command line of what is made once in the user's cache: Pythons, and other platforms.

A store says what it has and how the rest is made. Imports the steps only.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from .steps import Steps, UnavailableError

__all__ = ["Store", "run_command_line", "user_cache"]


class Store(Protocol):
    """A folder of the user's cache with things that have names."""

    @property
    def root(self) -> Path:
        """The folder; it need not exist yet."""

    def title(self, name: str) -> str:
        """Return what progress lines call `name`."""

    def log(self, name: str) -> Path:
        """Return the log file of the recipe that makes `name`."""

    def facts(self, name: str) -> dict[str, Any] | None:
        """Return what --list says of `name`; None if it is not ready to use."""

    def product(self, name: str) -> Path:
        """Return what the user looks for, made or not."""

    def make(self, name: str, steps: Steps) -> None:
        """Make `name`; called by one process at a time, and only if `name` is not ready.

        Raises:
            UnavailableError: if this machine cannot.
        """


def user_cache(kind: str) -> Path:
    """Return the folder for `kind` in the user's cache: ``$XDG_CACHE_HOME``, else ``~/.cache``."""
    # The XDG rules say to ignore a relative path.
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = named if named.is_absolute() else Path.home() / ".cache"
    return base / "holdfast" / kind


def run_command_line(
    store: Store, argv: Sequence[str] | None, parser: argparse.ArgumentParser,
    *, names: Sequence[str], default: Sequence[str],
) -> int:  # fmt: skip
    """Provide what `argv` asks for, or list it; return the exit status.

    Args:
        store: what has and makes the things.
        argv: the arguments; None for those of this process.
        parser: describes the names; the options are added here.
        names: all names, in the order of --list.
        default: what is made if no name is given.
    """
    parser.add_argument("--require", action="store_true", help="exit with 1 if any is skipped")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--list", action="store_true", help="print those that are there, as JSON lines"
    )
    instead.add_argument("--where", action="store_true", help="print the cache folder")
    asked = parser.parse_args(argv)
    unknown = [name for name in asked.names if name not in names]
    if unknown:
        parser.error(f"unknown name {unknown[0]!r}; known are {', '.join(names)}")
    if asked.where:
        print(store.root)
        return 0
    if asked.list:
        for name in names:
            if (facts := store.facts(name)) is not None:
                print(json.dumps({"name": name, **facts}))
        return 0
    # SIGINT and SIGTERM both end the running command before the lock is released.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        ready = [_provide(name, store) for name in asked.names or default]
    except KeyboardInterrupt:
        print("interrupted; what is half made will be made again", file=sys.stderr)
        return 130
    return 1 if asked.require and not all(ready) else 0


def _provide(name: str, store: Store) -> bool:
    """Make `name` unless it exists; print the result on stdout, and tell whether it is ready."""
    steps = Steps(store.title(name), store.log(name))
    try:
        if store.facts(name) is None:
            with _only_one(store.root, steps):
                # Another run may have made it meanwhile.
                if store.facts(name) is None:
                    store.make(name, steps)
    except UnavailableError as error:
        _skip(name, error.reason, error.remedy)
        return False
    except OSError as error:
        _skip(name, str(error), f"make {store.root} writable, with 3 GB free")
        return False
    print(f"{name} ready: {store.product(name)}", flush=True)
    return True


def _skip(name: str, reason: str, remedy: str) -> None:
    print(f"{name} skipped: {reason}\n  do: {remedy}", flush=True)


@contextmanager
def _only_one(root: Path, steps: Steps) -> Iterator[None]:
    """Hold the cache's lock; the kernel releases it if this process dies."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.say("waiting for another run to leave the cache")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
