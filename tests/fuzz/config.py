#!/usr/bin/env python3
"""Starts Python with random configurations and environments: it must start, or report a code.

Each case is a process of config.cpp, in a folder of its own. A crash, a hang or an argument that
arrives changed ends the run with the case's seed, which gives the same case again:

    tests/fuzz/config.py --python 3.12 --seconds 60
    tests/fuzz/config.py --python 3.12 --seed 4711 --cases 1
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests"), str(CHECKOUT / "src")]

from harness import Outcome, environment_for, run_command  # noqa: E402
from matrix import MatrixPython, python_asked_for, usable  # noqa: E402
from pyholdfast.toolchain.compile import cached_host, find_compiler  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Case", "run_cases"]

DEADLINE_S = 30
MOST_FIELDS = 6
TEXT_FIELDS = ("program_name", "argv", "module_search_paths", "executable", "home", "trace")
NUMBER_FIELDS = ("switch_interval", "watchdog")
FLAGS = ("isolated", "install_signal_handlers")
VARIABLES = (
    "HOLDFAST_PYTHON", "VIRTUAL_ENV", "HOLDFAST_TRACE", "HOLDFAST_TRACE_EVENTS", "HOLDFAST_WATCHDOG",
    "HOLDFAST_COUNTERS", "HOLDFAST_EXIT_LIMIT_MS", "PYTHONPATH", "PYTHONUTF8", "LC_ALL",
)  # fmt: skip
# What goes wrong somewhere: no text, no file, not this kind of file, cut off by a NUL, not UTF-8.
WORDS = (
    b"", b" ", b".", b"..", b"-c", b"-", b"a\0b", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f\x90\x8d",
    b"a\nb", b"%p%p%s%n", b"no/such/file", b"folder", b"file", b"pipe", b"loop", b"x" * 300, b"y/" * 2100,
    b"file/below", b"C.UTF-8", b"POSIX", b"0", b"1", b"2s", b"-5", b"1e300s", b"nan", b"inf", b"0x10",
)  # fmt: skip
NUMBERS = (
    b"0",
    b"1",
    b"-1",
    b"5000",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"2147483648",
)


class Case:
    """One start: fields of interpreter_config and variables of the environment.

    Attributes:
        seed: gives this case again.
        fields: name and bytes of each.
        environ: variables in addition to the tests' own.
    """

    def __init__(self, seed: int, python: MatrixPython) -> None:
        choose = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.seed = seed
        self.fields: list[tuple[str, bytes]] = []
        self.environ: dict[str, str] = {}
        for _ in range(choose.randint(0, MOST_FIELDS)):
            kind = choose.random()
            if kind < 0.5:
                self.fields.append((choose.choice(TEXT_FIELDS), _text(choose, python)))
            elif kind < 0.6:
                self.fields.append((choose.choice(NUMBER_FIELDS), choose.choice(NUMBERS)))
            elif kind < 0.7:
                self.fields.append((choose.choice(FLAGS), b""))
            else:
                value = _text(choose, python).replace(b"\0", b"")
                self.environ[choose.choice(VARIABLES)] = os.fsdecode(value)

    def text(self) -> str:
        """In a form for people."""
        return f"--seed {self.seed}: {self.fields} {self.environ}"

    def write(self, file: Path) -> None:
        """In the form that config.cpp reads."""
        file.write_text("".join(f"{name} {value.hex()}\n" for name, value in self.fields))


def _text(choose: random.Random, python: MatrixPython) -> bytes:
    """An invalid word, a valid one, random bytes, or several of these."""
    kind = choose.random()
    if kind < 0.2:
        right = (python.path, python.path.parent, python.build.base_prefix, Path("environment"))
        return os.fsencode(choose.choice(right))
    if kind < 0.4:
        # Never a slash: what is made from it stays in the case's folder.
        return choose.randbytes(choose.randint(0, 40)).replace(b"/", b"_")
    return b"".join(choose.choices(WORDS, k=choose.randint(1, 2))).lstrip(b"/")


def furnish(folder: Path) -> None:
    """Make the files that the words name."""
    (folder / "folder").mkdir()
    (folder / "file").write_bytes(b"\0\xff no program")
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "environment" / "bin").mkdir(parents=True)
    (folder / "environment" / "bin" / "python").write_text("")
    (folder / "environment" / "pyvenv.cfg").write_bytes(b"version = \xff.12\nhome\n= =\n" * 9)


def run_case(host: Path, case: Case, python: MatrixPython) -> Outcome:
    """Run one process in its own folder."""
    folder = Path(tempfile.mkdtemp(prefix="holdfast-fuzz-"))
    try:
        furnish(folder)
        case.write(folder / "case")
        return run_command(
            [str(host), "case"],
            environ={**environment_for(python), **case.environ},
            deadline_s=DEADLINE_S,
            promise=case.text(),
            cwd=folder,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_host(python: MatrixPython) -> Path:
    """Compile config.cpp for this Python."""
    return cached_host(Path(__file__).with_name("config.cpp"), python.build, find_compiler())


def run_cases(
    python: MatrixPython, first: int, *, seconds: float, most: int | None = None
) -> tuple[Counter[str], Outcome | None]:
    """Run seed after seed until the time is over, or one fails.

    Returns:
        How often each end was met, and the outcome of the one that failed.
    """
    host = make_host(python)
    ends: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end and (most is None or ends.total() < most):
        outcome = run_case(host, Case(first + ends.total(), python), python)
        if outcome.code != 0:
            return ends, outcome
        ends[outcome.out.strip()] += 1
    return ends, None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="config.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", default=usable()[-1].name, help="a name, like 3.12 or 3.13t")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--cases", type=int, help="no more than these")
    asked = parser.parse_args(argv)
    python = python_asked_for(parser, asked.python)
    print(f"{python.name} --seed {asked.seed}", flush=True)
    ends, failed = run_cases(python, asked.seed, seconds=asked.seconds, most=asked.cases)
    print(f"{ends.total()} cases: {', '.join(f'{n} {what}' for what, n in ends.most_common())}")
    if failed is not None:
        print(failed.explain())
    return 0 if failed is None else 1


if __name__ == "__main__":
    sys.exit(main())
