"""Names that lead to a link, a device or a FIFO: an output stays what it is, and no reader waits for ever."""

from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import environment_for, run_command
from matrix import default_python
from outside.own_cache import run
from pyholdfast.outputs import write_output

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = default_python()
SOURCE = Path(__file__).resolve().parents[2] / "src"


# What a name may lead to, and what becomes of it where it is an output.
def nothing(path: Path) -> None:
    """A new file."""


def regular(path: Path) -> None:
    """A file with its own permissions."""
    path.write_text("before")
    path.chmod(0o640)


def link(path: Path) -> None:
    """A link to a file."""
    regular(path.with_name("target"))
    path.symlink_to("target")


def dangling(path: Path) -> None:
    """A link to a file that does not exist yet."""
    path.symlink_to("target")


def device(path: Path) -> None:
    """A device that accepts everything."""
    node(path, "null", 3)


def node(path: Path, name: str, minor: int) -> None:
    """A memory device of Linux: root gets a separate node, so that a mistake does not hit the real one."""
    if os.geteuid() == 0:
        own = path.with_name(f"{path.name}-node")
        os.mknod(own, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        path.symlink_to(own.name)
    else:
        path.symlink_to(f"/dev/{name}")


def full(path: Path) -> None:
    """A device that is always full."""
    node(path, "full", 7)


def fifo(path: Path) -> None:
    """A FIFO that nobody reads."""
    os.mkfifo(path)


def zero(path: Path) -> None:
    """A link to a device without an end."""
    node(path, "zero", 5)


def unix_socket(path: Path) -> None:
    """A socket."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))  # the whole name may be too long for one


def folder_there(path: Path) -> None:
    """A folder."""
    path.mkdir()


OUTPUTS = [
    (nothing, "written"),
    (regular, "written"),
    (link, "written"),
    (dangling, "written"),
    (device, "taken in"),
    (full, "refused"),
    (fifo, "refused"),
    (unix_socket, "refused"),
    (folder_there, "refused"),
]


@pytest.mark.parametrize(("make", "fate"), OUTPUTS)
@pytest.mark.parametrize("line", ["bind m.py -o out", "build a.cpp -o out"])
def test_an_output_stays_what_it_is(
    line: str,
    make: Callable[[Path], None],
    fate: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A device stays a device, a link a link; a FIFO without a reader is refused; nothing hangs."""
    if make is folder_there and line.startswith("bind"):
        pytest.skip("the header goes into it")
    (tmp_path / "m.py").write_text("def f(x: int) -> int: return x\n")
    (tmp_path / "a.cpp").write_text("int main() {}\n")
    out = tmp_path / "out"
    monkeypatch.chdir(tmp_path)
    make(out)
    before = out.lstat() if make is not nothing else None
    led_to = out.stat() if out.exists() else None
    names = {path.name for path in tmp_path.iterdir()} | {"out", "target", "cache"}
    outcome = run(*line.split(), cwd=tmp_path)

    if fate == "refused":
        assert outcome.code in (1, 2), outcome.explain()
        assert outcome.err.startswith(("HF112", "HF506")), outcome.explain()
    else:
        assert outcome.code == 0, outcome.explain()
    if before is not None and make is not regular:
        assert out.lstat().st_ino == before.st_ino
    if led_to is not None and fate != "written":  # also what it leads to
        assert (out.stat().st_ino, out.stat().st_mode) == (led_to.st_ino, led_to.st_mode)
    if fate == "written":
        assert out.read_bytes()[:2] in (b"//", b"\x7fE")
    if make in (regular, link):
        assert stat.S_IMODE(out.stat().st_mode) & 0o666 == 0o640
    assert {path.name for path in tmp_path.iterdir()} <= names  # nothing is left beside it


def test_a_fifo_that_is_read_gets_all(tmp_path: Path) -> None:
    """Even more than a pipe holds at once."""
    out = tmp_path / "out"
    os.mkfifo(out)
    data = bytes(300_000)
    with (
        (tmp_path / "got").open("wb") as got,
        subprocess.Popen(["cat", out], stdout=got) as reader,
    ):
        while not _is_written(out, data):  # until cat has opened it
            assert reader.poll() is None

    assert (tmp_path / "got").read_bytes() == data
    assert out.is_fifo()


def _is_written(out: Path, data: bytes) -> bool:
    try:
        write_output(out, data)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return False
    return True


def test_a_disk_that_is_full_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """A limit on the file size fails in the middle, as a full disk does."""
    functions = (f"def f{number}(x: int) -> int: return x\n" for number in range(50))
    (tmp_path / "m.py").write_text("".join(functions))
    (tmp_path / "out").write_text("before")
    code = (
        "import resource, sys; from pyholdfast.cli import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); sys.exit(main(sys.argv[1:]))"
    )
    outcome = run_command(
        [sys.executable, "-B", "-c", code, "bind", "m.py", "-o", "out"],
        environ={**environment_for(PYTHON), "PYTHONPATH": str(SOURCE)},
        deadline_s=30,
        cwd=tmp_path,
    )

    assert outcome.code == 1, outcome.explain()
    assert outcome.err.startswith("HF506 cannot write 'out': File too large")
    assert (tmp_path / "out").read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"m.py", "out"}


READERS = (
    "bind it.py -o out.hpp",
    "build it.cpp -o out",
    "run it.cpp",
    "check it.cpp",
    "check -p it.json a.cpp",
    "migrate it.cpp",
    "doctor it",
    "doctor --log it",
    "trace it",
    "top it",
    "bench --from it",
    "check a.cpp --baseline it",
)
# All commands in one process, which is given one deadline: most of the time is the start.
READ_ALL = """\
import shlex, sys
from pyholdfast.cli import main
for line in sys.argv[1:]:
    print(line, "->", end=" ", flush=True)
    print(main(shlex.split(line)), flush=True)
"""


@pytest.mark.parametrize("make", [fifo, zero, unix_socket, full])
def test_what_is_no_file_is_not_read(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command says so at once, with a code, instead of waiting for ever."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.cpp").write_text("int main() {}\n")
    for name in ("it", "it.py", "it.cpp", "it.json"):
        make(tmp_path / name)
    outcome = run_command(
        [
            "/bin/sh",
            "-c",
            'ulimit -v 4000000; exec "$@"',
            "sh",
            sys.executable,
            "-c",
            READ_ALL,
            *READERS,
        ],
        environ={**environment_for(PYTHON), "PYTHONPATH": str(SOURCE)},
        deadline_s=60,
        cwd=tmp_path,
    )

    assert outcome.out.splitlines() == [f"{line} -> 2" for line in READERS], outcome.explain()
    assert outcome.err.count("HF") >= len(READERS), outcome.explain()
    assert "Traceback" not in outcome.err
