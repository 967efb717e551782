"""Makes a bundle beside its final place first, so that an old one is replaced as a whole."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pyholdfast import paths
from pyholdfast.bundle.manifest import (
    FORMAT,
    MARKER,
    hash_files,
    is_bundle,
    names_added,
    read_manifest,
)
from pyholdfast.bundle.packages import packages_in
from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.outputs import cannot_write_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyholdfast.bundle.target import Target

__all__ = ["demand_place", "put", "stage_for", "write_manifest"]

SHOWN = 5


def demand_place(place: Path, name: str, *, is_taken: bool) -> None:
    """Check that a bundle of a program of this name can be put there.

    Args:
        place: the folder to make.
        name: the program's name in it.
        is_taken: whether a bundle has this name for something else.

    Raises:
        UsageError: HF122; HF190 if the bundle that is there is damaged.
    """
    remedy = "name a folder that does not exist, or one that holdfast bundle made"
    if is_taken:
        raise UsageError(
            "HF122",
            f"a program cannot be called '{name}' in a bundle: it has something else of this name",
            "rename the program",
        )
    if place.name in ("", ".."):  # it cannot be replaced as a whole
        raise UsageError(
            "HF122",
            f"cannot make a bundle at '{place}': a bundle needs a folder with a name",
            "name a new folder, e.g. dist",
        )
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise UsageError("HF122", f"cannot make a bundle at '{place}': it is not a folder", remedy)
    if not place.is_dir() or not any(place.iterdir()):
        return
    if not is_bundle(place):
        raise UsageError(
            "HF122", f"cannot make a bundle at '{place}': other files are in it", remedy
        )
    if added := names_added(place, read_manifest(place)):
        more = f" and {len(added) - SHOWN} more" if len(added) > SHOWN else ""
        raise UsageError(
            "HF122",
            f"cannot make a bundle at '{place}': files were added to the one that is there:"
            f" {', '.join(added[:SHOWN])}{more}",
            "move them elsewhere: the folder is replaced as a whole",
        )


@contextlib.contextmanager
def stage_for(place: Path) -> Iterator[Path]:
    """A folder beside the final place, removed if the bundle does not get there."""
    parent = place.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=parent)).resolve()
        stage.chmod(0o755)
    except OSError as error:
        raise cannot_write_output(place, error) from error
    with _ended_by_exceptions():
        try:
            yield stage
        except OSError as error:
            raise _failed(place, stage, error) from error
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _failed(place: Path, stage: Path, error: OSError) -> HoldfastError:
    """What could not be read is named; all else is about what is written."""
    name = None if error.filename is None else Path(os.fsdecode(error.filename)).absolute()
    if name is None or name.is_relative_to(stage) or error.filename2 is not None:
        return cannot_write_output(place, error)
    return UsageError(
        "HF111",
        f"cannot read '{name}': {error.strerror or error}",
        "remove it, or make it readable",
    )


@contextlib.contextmanager
def _ended_by_exceptions() -> Iterator[None]:
    """Let signals that end the process clean up first."""

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    before: dict[signal.Signals, Any] = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Who ignores a signal, as nohup does, keeps that
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with contextlib.suppress(ValueError):  # in another thread than the main one
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def put(stage: Path, place: Path) -> None:
    """Move the finished bundle to its place, readable by all users. An old one is in use until then."""
    for path in (stage, *stage.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    if not place.exists():
        stage.rename(place)
        return
    old = stage.with_name(f"{stage.name}.old")
    place.rename(old)
    try:
        stage.rename(place)
    except OSError:
        old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_manifest(
    stage: Path,
    name: str,
    target: Target,
    facts: Mapping[str, Any],
    licences: Sequence[Mapping[str, str]],
    left_out: Sequence[tuple[str, str]],
) -> Mapping[str, Any]:
    """Mark a finished folder as a bundle.

    Args:
        stage: the folder.
        name: the program's.
        target: its Python.
        facts: which machines it is for.
        licences: their parts and texts.
        left_out: what is not in it, with reasons.
    """
    manifest = {
        "format": FORMAT,
        "holdfast": paths.version(),
        "program": name,
        "python": target.build.version_text,
        **facts,
        "packages": packages_in(stage / target.layout.site),
        "licences": licences,
        "left_out": [{"what": what, "why": why} for what, why in left_out],
        "files": hash_files(stage),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (stage / MARKER).write_text(text, encoding="utf-8", errors="surrogateescape")
    return manifest
