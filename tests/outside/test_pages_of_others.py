"""``holdfast top`` among pages of other users: it still shows our page, and nothing stops it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import run_command
from outside.pages import write_page

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = Path(__file__).resolve().parents[2] / "src"
STRANGER = 65534
UID, PID = os.getuid(), os.getpid()
as_root = pytest.mark.skipif(UID != 0, reason="makes files of another user")
# With the folder of the test in the place of the system's.
TOP = """\
import sys
from pathlib import Path
from pyholdfast.cli import main
from pyholdfast.top import pages
pages.FOLDER = Path(sys.argv[1])
sys.exit(main(["top", *sys.argv[2:]]))
"""


def fifo(folder: Path) -> None:
    """Opening it would wait for a writer."""
    os.mkfifo(folder / f"holdfast-{UID}-1")


def link(folder: Path) -> None:
    """It leads to another page."""
    (folder / f"holdfast-{UID}-1").symlink_to(f"holdfast-{UID}-{PID}")


def other_process(folder: Path) -> None:
    """It names another process than its file name does."""
    write_page(folder / f"holdfast-{UID}-{os.getppid()}", pid=PID, command=[b"forged"])


def cut_off(folder: Path) -> None:
    """It is truncated."""
    page = folder / f"holdfast-{UID}-{os.getppid()}"
    write_page(page, pid=os.getppid())
    os.truncate(page, 5000)


def stranger_fifo(folder: Path) -> None:
    """Another user owns it."""
    page = folder / f"holdfast-{STRANGER}-1"
    os.mkfifo(page)
    os.chown(page, STRANGER, STRANGER)


def stranger_of_our_process(folder: Path) -> None:
    """Another user owns it, and it names a process of ours."""
    page = folder / f"holdfast-{STRANGER}-{PID}"
    write_page(page, pid=PID, command=[b"forged"])
    os.chown(page, STRANGER, STRANGER)


def stranger_in_our_name(folder: Path) -> None:
    """Its name says that it is ours."""
    page = folder / f"holdfast-{UID}-{os.getppid()}"
    write_page(page, pid=os.getppid(), command=[b"forged"])
    os.chown(page, STRANGER, STRANGER)


@pytest.mark.parametrize(
    "put",
    [
        fifo,
        link,
        other_process,
        cut_off,
        pytest.param(stranger_fifo, marks=as_root),
        pytest.param(stranger_of_our_process, marks=as_root),
        pytest.param(stranger_in_our_name, marks=as_root),
    ],
)
@pytest.mark.parametrize("words", [(), (str(PID), "--once"), (str(PID), "--prometheus")])
def test_top_shows_our_page_whatever_lies_beside_it(
    words: tuple[str, ...], put: Callable[[Path], None], tmp_path: Path
) -> None:
    """No other page is taken for it, and none makes the command wait."""
    write_page(tmp_path / f"holdfast-{UID}-{PID}", pid=PID, command=[b"/bin/our-host"])
    put(tmp_path)
    outcome = run_command(
        [sys.executable, "-c", TOP, str(tmp_path), *(words or ("--once",))],
        environ={**os.environ, "PYTHONPATH": str(SOURCE)},
        deadline_s=20,
    )

    assert outcome.code == 0, outcome.explain()
    shown = "holdfast_attaches_total 9" if "--prometheus" in words else "our-host"
    assert outcome.out.count(shown) == 1, outcome.explain()
    assert "forged" not in outcome.out
    # In the list of hosts, only a page of ours that cannot be read.
    assert (" ?\n" in outcome.out) == (not words and put in (other_process, cut_off))
