#!/usr/bin/env python3
"""Provides extra CPythons for the test matrix, in a cache outside the repository.

Each is made once. A Python that cannot be made on this machine is skipped with a reason; that is an
error only with --require.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from python_matrix import debian_tree, source_build
from python_matrix.catalog import DEFAULT, TREE_PYTHONS, Cache, known_names
from python_matrix.steps import Steps, UnavailableError


def provide(name: str, cache: Cache) -> bool:
    """Make `name` unless it exists; print the result on stdout.

    Returns:
        True if it is ready to use.
    """
    steps = Steps(cache.prefix(name).name, cache.log(name))
    try:
        if not cache.has(name):
            with _only_one(cache, steps):
                _make(name, cache, steps)
    except UnavailableError as error:
        _skip(name, error.reason, error.remedy)
        return False
    except OSError as error:
        _skip(name, str(error), f"make {cache.root} writable, with 3 GB free")
        return False
    print(f"{name} ready: {cache.python(name)}", flush=True)
    return True


def _make(name: str, cache: Cache, steps: Steps) -> None:
    """Run the recipe of `name`, unless another run has done so meanwhile."""
    if not cache.is_complete(name):
        steps.log.parent.mkdir(parents=True, exist_ok=True)
        steps.log.write_bytes(b"")
        if name in TREE_PYTHONS:
            debian_tree.build(cache, steps)
        else:
            source_build.build(name, cache, steps)
        cache.mark_complete(name)
    if not cache.has(name):
        raise UnavailableError(
            f"'{cache.prefix(name)}' was made without {cache.python(name).name}",
            f"delete that folder and run again, once {name} is available",
        )


def _skip(name: str, reason: str, remedy: str) -> None:
    print(f"{name} skipped: {reason}\n  do: {remedy}", flush=True)


@contextmanager
def _only_one(cache: Cache, steps: Steps) -> Iterator[None]:
    """Hold the cache's lock; the kernel releases it if this process dies."""
    cache.root.mkdir(parents=True, exist_ok=True)
    with (cache.root / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.say("waiting for another run to leave the cache")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def list_ready(cache: Cache) -> None:
    """Print a JSON line for each Python that is ready."""
    for name in known_names():
        if cache.has(name):
            print(json.dumps({"name": name, "python": str(cache.python(name))}))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="pythons.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of {', '.join(known_names())}; without any: {', '.join(DEFAULT)}",
    )
    parser.add_argument("--require", action="store_true", help="exit with 1 if any is skipped")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--list", action="store_true", help="print those that are there, as JSON lines"
    )
    instead.add_argument("--where", action="store_true", help="print the cache folder")
    asked = parser.parse_args(argv)
    unknown = [name for name in asked.names if name not in known_names()]
    if unknown:
        parser.error(f"unknown name {unknown[0]!r}; known are {', '.join(known_names())}")
    cache = Cache.of_user()
    if asked.where:
        print(cache.root)
        return 0
    if asked.list:
        list_ready(cache)
        return 0
    # SIGINT and SIGTERM both end the running command before the lock is released.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        ready = [provide(name, cache) for name in asked.names or DEFAULT]
    except KeyboardInterrupt:
        print("interrupted; what is half made will be made again", file=sys.stderr)
        return 130
    return 1 if asked.require and not all(ready) else 0


if __name__ == "__main__":
    sys.exit(main())
