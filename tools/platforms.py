#!/usr/bin/env python3
"""Provides what the tests of other systems need: compilers, emulators, Pythons; in the user's cache.

Each is made once. A platform that cannot be provided on this machine is skipped with a reason; that
is an error only with --require. Distribution packages are installed as root.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from platform_recipes import compilers, debian_root, musl, windows, zig
from platform_recipes.catalog import PURPOSES, PlatformCache
from python_matrix.steps import Steps, UnavailableError

RECIPES: Mapping[str, Callable[[PlatformCache, Steps], dict[str, Any]]] = {
    "windows": windows.build,
    "zig": zig.build,
    "libc++": compilers.build_libcxx,
    "aarch64": debian_root.recipe(debian_root.AARCH64),
    "i386": debian_root.recipe(debian_root.I386),
    "compilers": compilers.build,
    "musl": musl.build,
}


def provide(name: str, cache: PlatformCache) -> bool:
    """Make `name` unless it exists; print the result on stdout.

    Returns:
        True if it is ready to use.
    """
    steps = Steps(name, cache.log(name))
    try:
        if cache.facts(name) is None:
            with _only_one(cache, steps):
                if cache.facts(name) is None:
                    _make(name, cache, steps)
    except UnavailableError as error:
        _skip(name, error.reason, error.remedy)
        return False
    except OSError as error:
        _skip(name, str(error), f"make {cache.root} writable, with 3 GB free")
        return False
    print(f"{name} ready: {cache.folder(name)}", flush=True)
    return True


def _make(name: str, cache: PlatformCache, steps: Steps) -> None:
    steps.log.parent.mkdir(parents=True, exist_ok=True)
    steps.log.write_bytes(b"")
    cache.folder(name).mkdir(parents=True, exist_ok=True)
    cache.record(name, RECIPES[name](cache, steps))


def _skip(name: str, reason: str, remedy: str) -> None:
    print(f"{name} skipped: {reason}\n  do: {remedy}", flush=True)


@contextmanager
def _only_one(cache: PlatformCache, steps: Steps) -> Iterator[None]:
    """Hold the cache's lock; the kernel releases it if this process dies."""
    cache.root.mkdir(parents=True, exist_ok=True)
    with (cache.root / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.say("waiting for another run to leave the cache")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def list_ready(cache: PlatformCache) -> None:
    """Print a JSON line for each platform that is ready, with what its tests need to know."""
    for name in PURPOSES:
        if (facts := cache.facts(name)) is not None:
            print(json.dumps({"name": name, **facts}))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    known = "\n".join(f"  {name:10} {purpose}" for name, purpose in PURPOSES.items())
    parser = argparse.ArgumentParser(
        prog="platforms.py",
        description=(__doc__ or "").splitlines()[0],
        epilog=f"the platforms:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="provide only these")
    parser.add_argument("--require", action="store_true", help="exit with 1 if any is skipped")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--list", action="store_true", help="print those that are there, as JSON lines"
    )
    instead.add_argument("--where", action="store_true", help="print the cache folder")
    asked = parser.parse_args(argv)
    unknown = [name for name in asked.names if name not in PURPOSES]
    if unknown:
        parser.error(f"unknown name {unknown[0]!r}; known are {', '.join(PURPOSES)}")
    cache = PlatformCache.of_user()
    if asked.where:
        print(cache.root)
        return 0
    if asked.list:
        list_ready(cache)
        return 0
    # SIGINT and SIGTERM both end the running command before the lock is released.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        ready = [provide(name, cache) for name in asked.names or PURPOSES]
    except KeyboardInterrupt:
        print("interrupted; what is half made will be made again", file=sys.stderr)
        return 130
    return 1 if asked.require and not all(ready) else 0


if __name__ == "__main__":
    sys.exit(main())
