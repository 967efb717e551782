"""The contenders: programs that print their times, and the compiler.

Runs a program once per call; computes no ratios.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pyholdfast.errors import HoldfastError
from pyholdfast.visible import visible_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdfast_bench.rows import Side

__all__ = ["Compilation", "Contender", "Effort", "Missing", "Program", "program_failed"]

DEADLINE_S = 300.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure.

    Attributes:
        sample_ms: length of one sample.
        samples: samples per run of a program.
        crowd: threads that are started and ended for the memory row.
    """

    sample_ms: float
    samples: int
    crowd: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A contender that cannot take part.

    Attributes:
        why: in half a line.
        failed: True if it should have worked.
    """

    why: str
    failed: bool = False


class Contender(Protocol):
    """Anything that can be measured."""

    @property
    def version(self) -> str:
        """Its own version, known after the first measure; may stay empty."""

    def take(self, side: Side, effort: Effort) -> list[float]:
        """Measure once: nanoseconds per call, or bytes.

        Raises:
            HoldfastError: HF146 if that fails.
        """


@dataclass(slots=True)
class Program:
    """A program built from ``benchmarks/programs``.

    Attributes:
        path: the program.
        environ: its whole environment.
        version: its version, as the program prints it.
        shows_version: False if that is the version of the Python itself.
    """

    path: Path
    environ: Mapping[str, str]
    shows_version: bool = True
    version: str = field(default="", init=False)

    def take(self, side: Side, effort: Effort) -> list[float]:
        """Run the program once."""
        return self.ask(
            [
                *("--measure", side.measure),
                *("--threads", str(side.threads)),
                *("--sample-ms", str(effort.sample_ms)),
                *("--samples", str(effort.samples)),
                *("--crowd", str(effort.crowd)),
            ]
        )

    def ask(self, arguments: Sequence[str], before: Sequence[str] = ()) -> list[float]:
        """Run the program, if necessary through another one, and read its samples.

        Args:
            arguments: options of the program.
            before: the words before it, e.g. those of strace.

        Raises:
            HoldfastError: HF146.
        """
        what = f"{self.path.name} {' '.join(arguments[:2])}"
        done = run_to_end(what, [*before, str(self.path), *arguments], self.environ)
        try:
            said = json.loads(done.stdout)
            samples = [float(sample) for sample in said["samples"]]
            if self.shows_version:
                self.version = str(said["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise program_failed(what, f"it printed {done.stdout[:80]!r}") from error
        return samples


@dataclass(frozen=True, slots=True)
class Compilation:
    """The compiler, timed on the small hosts among the programs.

    Attributes:
        command: the compiler and its options, without source and output.
        programs: the folder of the sources.
        suffix: of the sources.
    """

    command: Sequence[str]
    programs: Path
    suffix: str = ".cpp"
    version: str = ""

    def take(self, side: Side, effort: Effort) -> list[float]:
        """Compile once: nanoseconds."""
        del effort  # a compilation is as long as it is
        source = self.programs / f"{side.measure}{self.suffix}"
        with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
            out = Path(folder, "host.o")
            command = [*self.command, "-c", str(source), "-o", str(out)]
            begun = time.perf_counter_ns()
            run_to_end(source.name, command, None)
            return [float(time.perf_counter_ns() - begun)]


def run_to_end(
    what: str, command: Sequence[str], environ: Mapping[str, str] | None
) -> subprocess.CompletedProcess[str]:
    """Run a program that must succeed.

    Raises:
        HoldfastError: HF146 if it does not start, fails, or does not end in time.
    """
    try:
        done = subprocess.run(
            command,
            env=environ,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=DEADLINE_S,
        )
    except subprocess.TimeoutExpired as error:
        raise program_failed(what, f"no end within {DEADLINE_S:g} s") from error
    except OSError as error:
        raise program_failed(what, error.strerror or str(error)) from error
    if done.returncode != 0:
        sys.stderr.write(visible_lines(done.stderr))
        lines = done.stderr.strip().splitlines() or ["it printed nothing"]
        # A compiler's first error says more than what it prints last.
        telling = next((line for line in lines if "error:" in line), lines[-1])
        raise program_failed(what, f"exit status {done.returncode}: {telling}")
    return done


def program_failed(what: str, reason: str) -> HoldfastError:
    """The error for a benchmark program that did not finish."""
    return HoldfastError(
        "HF146", f"{what} failed: {reason}", "run holdfast doctor, which may name the cause"
    )
