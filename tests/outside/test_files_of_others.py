"""Files of other users: nothing untrusted is run, read or overwritten, and nothing waits for ever.

Each table is about one kind. Rows that need files of another user run only as root.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import Outcome, environment_for, run_command, run_holdfast
from matrix import default_python
from pyholdfast.check.settings import read_settings
from pyholdfast.errors import FindingError
from pyholdfast.find_python import find_python
from pyholdfast.outputs import write_output
from pyholdfast.toolchain.cache import HostStore
from pyholdfast.toolchain.cache_folders import workplace
from pyholdfast.trust import distrust_all

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = Path(__file__).resolve().parents[2] / "src"
PYTHON = default_python()
STRANGER = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes files of another user")


def run(*words: str | Path, cwd: Path, **environ: str) -> Outcome:
    """Run the command in its own process, with its own cache."""
    return run_holdfast(*words, environ={"XDG_CACHE_HOME": str(cwd / "cache"), **environ}, cwd=cwd)


def environment(folder: Path) -> Path:
    """A ``.venv`` whose Python is the real one, and leaves a file when it runs."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ntouch "{folder}/ran"\nexec {PYTHON.path} "$@"\n')
    python.chmod(0o755)
    return python


def give(*paths: Path) -> None:
    """Give to another user."""
    for path in paths:
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)


def ours(python: Path) -> None:
    """Nothing is changed."""


def open_program(python: Path) -> None:
    """Any user may write to it."""
    python.chmod(0o777)


def open_folder(python: Path) -> None:
    """Any user may put another one there."""
    python.parent.chmod(0o777)


def strange_program(python: Path) -> None:
    """Another user owns it."""
    give(python)


def strange_environment(python: Path) -> None:
    """Another user owns all of it."""
    give(python, python.parent, python.parents[1])


def strange_target(python: Path) -> None:
    """A link of ours leads to it."""
    elsewhere = python.parents[2] / "elsewhere"
    python.rename(elsewhere)
    give(elsewhere)
    python.symlink_to(elsewhere)


def strange_hop(python: Path) -> None:
    """A link of ours leads to another user's link, which leads to a program of ours."""
    folder = python.parents[2] / "theirs"
    folder.mkdir()
    python.rename(python.with_name("real"))
    (folder / "hop").symlink_to(python.with_name("real"))
    python.symlink_to(folder / "hop")
    give(folder, folder / "hop")


def beyond_shared(python: Path) -> None:
    """Any user may make one in that folder."""
    python.parents[2].chmod(0o1777)


def beyond_strange(python: Path) -> None:
    """Another user owns the folder above the project."""
    give(python.parents[2])


@pytest.mark.parametrize(
    ("spoil", "outcome"),
    [
        (ours, "taken"),
        (open_program, "HF130"),
        (open_folder, "HF130"),
        (beyond_shared, "passed over"),
        pytest.param(strange_program, "HF130", marks=as_root),
        pytest.param(strange_environment, "HF130", marks=as_root),
        pytest.param(strange_target, "HF130", marks=as_root),
        pytest.param(strange_hop, "HF130", marks=as_root),
        pytest.param(beyond_strange, "passed over", marks=as_root),
    ],
)
def test_a_python_that_was_found_is_ours_or_is_not_run(
    spoil: Callable[[Path], None], outcome: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever part of its path other users own or may change; the message says so in each case."""
    above = tmp_path / "above"
    python = environment(above)
    start = above / "project"
    start.mkdir()
    spoil(python)
    if outcome == "HF130":
        with pytest.raises(FindingError, match=r"HF130 the Python of .* is not run"):
            find_python(environ={}, start=start)
        return
    found = find_python(environ={}, start=start)

    assert (found.path == python) == (outcome == "taken")
    assert capsys.readouterr().err.count("is skipped") == (outcome == "passed over")
    assert find_python(str(python), environ={}, start=start).path == python  # named: run


@as_root
@pytest.mark.parametrize(
    "line", ["config --cflags", "build a.cpp -o a", "run a.cpp", "check a.cpp", "doctor --quick"]
)
def test_no_command_runs_the_python_of_somebody_else(line: str, tmp_path: Path) -> None:
    """In a folder where any user may make a ``.venv``, like the system's temporary folder."""
    tmp_path.chmod(0o1777)
    strange_environment(environment(tmp_path))
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.cpp").write_text("int main() {}\n")
    unset = {"VIRTUAL_ENV": "", "CONDA_PREFIX": "", "HOLDFAST_PYTHON": ""}
    outcome = run(*line.split(), cwd=project, **unset)

    assert outcome.code in (0, 1), outcome.explain()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("mode", "exclude"), [(0o755, ("*",)), (0o1777, ())])
def test_settings_that_others_may_have_made_are_passed_over(
    mode: int, exclude: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They could switch off the check."""
    shared, project = tmp_path / "shared", tmp_path / "shared" / "project"
    project.mkdir(parents=True)
    shared.chmod(mode)
    (shared / ".holdfast.toml").write_text('[check]\nexclude = ["*"]\n')

    assert read_settings(project).exclude == exclude
    assert ("are passed over" in capsys.readouterr().err) == (not exclude)


def open_to_all(cache: Path) -> None:
    """Any user may write to it."""
    cache.chmod(0o777)


def above_open(cache: Path) -> None:
    """Any user may put another folder in its place."""
    cache.parent.chmod(0o777)


def above_sticky(cache: Path) -> None:
    """Any user may write above it, but not replace it, which is safe."""
    cache.parent.chmod(0o1777)


def strange_cache(cache: Path) -> None:
    """Another user has made it first."""
    give(cache)


@pytest.mark.parametrize(
    ("spoil", "is_used"),
    [
        (above_sticky, True),
        (open_to_all, False),
        (above_open, False),
        pytest.param(strange_cache, False, marks=as_root),
    ],
)
def test_a_cache_that_others_may_change_is_not_used(
    spoil: Callable[[Path], None], is_used: bool, tmp_path: Path
) -> None:
    """A program that another user has put there does not run; a private cache is used, and stderr says so."""
    cache = tmp_path / "shared" / "holdfast"
    cache.mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "h.cpp").write_text("int main() { return 7; }\n")
    environ = {"XDG_CACHE_HOME": str(cache.parent), "TMPDIR": str(tmp_path / "tmp")}
    first = run("run", "h.cpp", cwd=tmp_path, **environ)
    (program,) = cache.glob("hosts/*/h")
    program.write_text("#!/bin/sh\nexit 66\n")
    spoil(cache)
    second = run("run", "h.cpp", cwd=tmp_path, **environ)

    assert first.code == 7, first.explain()
    assert second.code == (66 if is_used else 7), second.explain()
    assert ("HF131" in second.err) == (not is_used), second.explain()


def test_what_is_made_in_the_cache_is_for_this_user(tmp_path: Path) -> None:
    """Whatever the umask is: a cache that others may write to would not be used again."""
    (tmp_path / "h.cpp").write_text("int main() { return 7; }\n")
    before = os.umask(0)
    try:
        outcomes = [run("run", "h.cpp", cwd=tmp_path) for _ in range(2)]
    finally:
        os.umask(before)
    (program,) = (tmp_path / "cache").glob("holdfast/hosts/*/h")

    assert [outcome.code for outcome in outcomes] == [7, 7], outcomes[-1].explain()
    assert "HF131" not in outcomes[1].err
    assert distrust_all(program) is None


@as_root
def test_a_program_of_somebody_else_is_not_found(tmp_path: Path) -> None:
    """Even in a cache of ours that was once open to others."""
    store = HostStore(tmp_path)
    (tmp_path / "made").write_text("#!/bin/sh\n")
    (tmp_path / "read.cpp").touch()
    found = store.add("recipe", "h", tmp_path / "made", [tmp_path / "read.cpp"], begun_ns=2**62)
    assert store.find("recipe", "h") == found
    give(found)

    assert store.find("recipe", "h") is None


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


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_build_that_was_killed_leaves_nothing_for_the_next(
    ending: signal.Signals, tmp_path: Path
) -> None:
    """The next run works, and removes what the killed one had begun."""
    (tmp_path / "h.cpp").write_text("int main() { return 7; }\n")
    compiler = tmp_path / "c++"
    compiler.write_text(
        '#!/bin/sh\ncase "$*" in *h.cpp*) echo > "$0.begun"; exec sleep 1000;; *) exec c++ "$@";; esac\n'
    )
    compiler.chmod(0o755)
    os.mkfifo(tmp_path / "c++.begun")
    begun = os.open(tmp_path / "c++.begun", os.O_RDONLY | os.O_NONBLOCK)
    environ = {
        **environment_for(PYTHON),
        "PYTHONPATH": str(SOURCE),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "CXX": str(compiler),
    }
    command = [sys.executable, "-m", "pyholdfast", "run", "h.cpp"]
    with subprocess.Popen(command, env=environ, cwd=tmp_path, start_new_session=True) as killed:
        try:
            assert select.select([begun], [], [], 60)[0]  # the compiler has begun
            killed.send_signal(ending)
            killed.wait(30)
        finally:
            os.killpg(killed.pid, signal.SIGKILL)  # the compiler
            os.close(begun)
    left = list((tmp_path / "cache").rglob(".build-*"))
    outcome = run("run", "h.cpp", cwd=tmp_path)

    assert left  # else nothing is shown
    assert outcome.code == 7, outcome.explain()
    assert not list((tmp_path / "cache").rglob(".*-*"))
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(".")} == set()


def test_a_workplace_in_use_is_left_alone(tmp_path: Path) -> None:
    """The folder of a running build is not taken for that of a killed one."""
    with workplace(tmp_path) as first:
        (first / "object").touch()
        with workplace(tmp_path) as second:
            assert (first / "object").exists()
            assert second != first
        left = tmp_path / ".build-left"
        left.mkdir()
        with workplace(tmp_path):
            assert not left.exists()
    assert not list(tmp_path.iterdir())
