#!/usr/bin/env python3
"""Tries the README's commands on fresh machines: minimal Debian trees with an ordinary user.

Only the packages that our own messages ask for are installed. The table of steps and expected
outcomes is in fresh_machines/steps.py. --first-use follows the README to a bundle, which is moved to
a machine without a Python (fresh_machines/first_use.py), and prints the seconds of each step. Needs
root, and Debian for its archive.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from fresh_machines.first_use import (
    BUNDLE,
    FOLDER,
    MOVED,
    first_use,
    packages_named,
    program_of,
)
from fresh_machines.root import Root, demand_root
from fresh_machines.steps import PLAIN, STEPS, Step, asked_for, judged
from python_matrix.apt import ensure_installed
from python_matrix.apt_sources import debian_archive, read_archives
from python_matrix.catalog import Cache
from python_matrix.steps import Steps, UnavailableError

__all__ = ["main", "try_out"]

CHECKOUT = Path(__file__).resolve().parent.parent
RELEASES = ("bookworm", "trixie")
SHOWN = 40


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return 1 if any step has an unexpected outcome."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "releases", nargs="*", metavar="RELEASE", help="default: " + " ".join(RELEASES)
    )
    parser.add_argument("--quick", action="store_true", help="all but the tests themselves")
    parser.add_argument(
        "--first-use", action="store_true", help="only what the README leads to, up to a bundle"
    )
    parser.add_argument("--require", action="store_true", help="exit with 1 if it cannot be tried")
    asked = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place = Cache.of_user().root.parent / "machines"
    wrong = 0
    try:
        demand_root()
        for release in () if asked.first_use else asked.releases or RELEASES:
            wrong += _try_release(release, place, quick=asked.quick)
        if asked.first_use or not asked.releases:
            wrong += _try_first_use(place)
    except UnavailableError as error:
        print(f"fresh machines skipped: {error.reason}\n  do: {error.remedy}", file=sys.stderr)
        return 1 if asked.require or wrong else 0
    print(
        f"fresh machines: {wrong} steps are wrong" if wrong else "fresh machines: all as it must be"
    )
    return 1 if wrong else 0


def _try_release(release: str, place: Path, *, quick: bool) -> int:
    """Try one release; return the number of wrong steps."""
    with _machine(release, place) as root:
        rows = [row for row in STEPS if not row.releases or release in row.releases]
        return try_out(root, [row for row in rows if not (quick and row.is_long)])


def _try_first_use(place: Path) -> int:
    """Follow the README on the oldest release, and move the bundle to the newest."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    with _machine(RELEASES[0], place) as root, _machine(RELEASES[-1], place) as other:
        root.install(packages_named(readme))
        root.move_in(CHECKOUT, PLAIN, read_only_home=False)
        for one in (root, other):
            one.own(FOLDER)
        root.write(f"{FOLDER}/host.cpp", program_of(readme))
        wrong = try_out(root, first_use(readme))
        if wrong:
            return wrong
        shutil.copytree(root.home / BUNDLE, other.home / BUNDLE, symlinks=True)
        return try_out(other, MOVED)


@contextlib.contextmanager
def _machine(release: str, place: Path) -> Iterator[Root]:
    """A tree of a release, which is removed at the end."""
    # Two runs at the same time must not share a tree.
    name = f"{release}-{os.getpid()}"
    steps = Steps(release, place / "logs" / f"{release}.log")
    steps.log.parent.mkdir(parents=True, exist_ok=True)
    steps.log.write_bytes(b"")
    ensure_installed(steps, ["debootstrap"])
    archives = read_archives()
    root = Root(release, archives, debian_archive(archives), place / name, steps)
    try:
        yield root
    finally:
        root.remove()


def try_out(root: Root, rows: Sequence[Step]) -> int:
    """Run the steps one after the other; return the number of wrong ones."""
    wrong = 0
    packages: list[str] = []
    for row in rows:
        if row.install:
            root.install([name for name in packages if name not in row.but])
        elif row.but:
            root.uninstall(row.but)
        if row.stays:
            folder = root.own(row.place)
        else:
            folder = root.move_in(CHECKOUT, row.place, read_only_home=row.read_only_home)
        begun_s, used_s = time.monotonic(), _processor_s()
        status, output = root.run(
            row.command, folder, offline=row.offline, limit_s=row.minutes * 60
        )
        packages += [name for name in asked_for(output) if name not in packages]
        faults = judged(row, status, output, environment=root.has(f"{folder}/.venv"))
        word = "WRONG" if faults else "right"
        took = (
            f"{time.monotonic() - begun_s:.1f} s, {_processor_s() - used_s:.1f} s of processor time"
        )
        print(f"{root.release}: {row.name}: {word}, {took}", flush=True)
        lines = output.splitlines()
        if faults:
            wrong += 1
            print("\n".join(f"  | {line}" for line in lines[-SHOWN:]))
            print("\n".join(f"  {fault}" for fault in faults), flush=True)
        elif row.is_long and lines:
            print(f"  {lines[-1]}", flush=True)
    return wrong


def _processor_s() -> float:
    """Of all commands so far: on a busy machine it says more than the time that passed."""
    used = os.times()
    return used.children_user + used.children_system


if __name__ == "__main__":
    sys.exit(main())
