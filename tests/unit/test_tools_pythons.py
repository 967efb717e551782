"""tools/pythons.py: its messages, its list, and what it skips or makes again. No network, no root."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))  # the tools are scripts, not an installed package

import pythons  # noqa: E402
from python_matrix import apt, debian_tree, source_build  # noqa: E402
from python_matrix.catalog import Cache, known_names  # noqa: E402
from python_matrix.steps import Steps, UnavailableError  # noqa: E402


@pytest.fixture(name="cache")
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Return an empty cache that the command line uses too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Cache.of_user()


def put(cache: Cache, name: str) -> None:
    """Leave a finished `name` in the cache, made of empty files."""
    cache.python(name).parent.mkdir(parents=True, exist_ok=True)
    cache.python(name).touch()
    cache.mark_complete(name)


def run_tool(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in its own process."""
    return subprocess.run(
        [sys.executable, "-B", str(TOOLS / "pythons.py"), *args],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_list_names_what_is_there_one_json_object_a_line(
    cache: Cache, capsys: pytest.CaptureFixture[str]
) -> None:
    """--list prints name and path of each finished Python, and of no other."""
    put(cache, "3.13t")
    put(cache, "3.15")
    cache.python("3.13-debug").parent.mkdir(parents=True)
    cache.python("3.13-debug").touch()  # interrupted: no stamp

    status = pythons.main(["--list"])

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert lines == [
        {"name": "3.15", "python": str(cache.root / "debian-sid/usr/bin/python3.15")},
        {"name": "3.13t", "python": str(cache.root / "3.13t/bin/python3.13t")},
    ]


def test_list_of_an_empty_cache_is_empty(tmp_path: Path) -> None:
    """On a new machine it prints nothing, and makes no folder."""
    done = run_tool("--list", XDG_CACHE_HOME=str(tmp_path / "none"))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "none").exists()


def test_a_cache_that_was_moved_does_not_count(cache: Cache, tmp_path: Path) -> None:
    """The results contain absolute paths, so a copy is not ready."""
    put(cache, "3.13t")
    shutil.copytree(cache.root, tmp_path / "copy")

    assert cache.has("3.13t")
    assert not Cache(tmp_path / "copy").has("3.13t")


@pytest.mark.parametrize(
    ("value", "expected"), [("{tmp}/x", "{tmp}/x"), ("", "{home}/.cache"), ("rel", "{home}/.cache")]
)
def test_where_follows_the_xdg_rules(tmp_path: Path, value: str, expected: str) -> None:
    """An absolute XDG_CACHE_HOME is used; an empty or relative one is ignored."""
    home = tmp_path / "home"
    done = run_tool("--where", HOME=str(home), XDG_CACHE_HOME=value.format(tmp=tmp_path))

    base = expected.format(tmp=tmp_path, home=home)
    assert done.stdout.strip() == f"{base}/holdfast/pythons"


def test_an_unknown_name_is_wrong_use() -> None:
    """Exit status 2, and the known names."""
    done = run_tool("3.16")

    assert done.returncode == 2
    assert "unknown name '3.16'" in done.stderr
    assert all(name in done.stderr for name in known_names())


@pytest.mark.parametrize("name", ["3.14", "3.15", "3.13t", "3.13-tsan"])
@pytest.mark.parametrize("options", [[], ["--require"]])
def test_without_root_and_packages_it_skips_with_reason_and_remedy(
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    options: list[str],
) -> None:
    """One line with the reason and the remedy; it is a failure only with --require."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(apt, "_installed", lambda _steps, _package: False)

    status = pythons.main([*options, name])

    line, remedy = capsys.readouterr().out.splitlines()
    assert status == len(options)
    assert line.startswith(f"{name} skipped: ")
    assert "root" in line
    assert remedy.startswith("  do: run")
    assert not cache.has(name)


def test_a_cache_that_cannot_be_written_is_a_skip_without_a_trace(tmp_path: Path) -> None:
    """A file is in the cache's place: the output is a reason, not a traceback."""
    blocked = tmp_path / "file"
    blocked.touch()
    done = run_tool("3.13t", XDG_CACHE_HOME=str(blocked))

    assert done.returncode == 0
    assert "3.13t skipped: " in done.stdout
    assert str(blocked) in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_made_once_and_again_after_an_interruption(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a finished build is kept, because the stamp comes last."""
    made: list[str] = []

    def interrupted(name: str, at: Cache, _steps: Steps) -> None:
        at.python(name).parent.mkdir(parents=True)
        at.python(name).touch()
        raise KeyboardInterrupt

    def whole(name: str, at: Cache, _steps: Steps) -> None:
        made.append(name)
        at.python(name).touch()

    monkeypatch.setattr(source_build, "build", interrupted)
    assert pythons.main(["3.13t"]) == 130
    assert not cache.has("3.13t")

    monkeypatch.setattr(source_build, "build", whole)
    assert [pythons.main(["--require", "3.13t"]) for _ in range(2)] == [0, 0]
    assert made == ["3.13t"]
    assert f"3.13t ready: {cache.python('3.13t')}" in capsys.readouterr().out


@pytest.mark.usefixtures("cache")
def test_a_tree_without_one_of_its_pythons_is_not_made_again_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When the release has dropped 3.14, 3.15 stays usable and 3.14 is skipped."""
    calls: list[Any] = []

    def only_newest(at: Cache, steps: Steps) -> None:
        calls.append(steps)
        at.python("3.15").parent.mkdir(parents=True)
        at.python("3.15").touch()

    monkeypatch.setattr(debian_tree, "build", only_newest)
    status = pythons.main(["3.14", "3.15", "3.14"])

    out = capsys.readouterr().out
    assert (status, len(calls)) == (0, 1)
    assert out.count("3.14 skipped: ") == 2
    assert "3.15 ready: " in out


def test_a_second_run_waits_for_the_first(cache: Cache) -> None:
    """If two run at once, the later one says that it waits, and then finds everything done."""
    fake = "source_build.build = lambda name, at, steps: sys.exit('made twice')"
    program = (
        f"import sys; sys.path.insert(0, {str(TOOLS)!r}); import pythons\n"
        f"from python_matrix import source_build\n{fake}\n"
        "sys.exit(pythons.main(['--require', '3.13t']))"
    )
    cache.root.mkdir(parents=True)
    with (cache.root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen(
            [sys.executable, "-B", "-c", program], stdout=subprocess.PIPE, text=True
        ) as later:
            try:
                assert later.stdout is not None
                assert select.select([later.stdout], [], [], 20)[0], "the later run says nothing"
                said = later.stdout.readline()
                put(cache, "3.13t")
                fcntl.flock(lock, fcntl.LOCK_UN)
                rest, _ = later.communicate(timeout=20)
            finally:
                later.kill()

    assert "waiting for another run" in said
    assert (later.returncode, rest.strip()) == (0, f"3.13t ready: {cache.python('3.13t')}")


def test_a_failed_command_gives_its_last_words_and_the_log(tmp_path: Path) -> None:
    """The reason is the command's last line; the log has all of its output."""
    steps = Steps("x", tmp_path / "logs" / "x.log")
    script = "print('first'); print('E: no such suite'); raise SystemExit(3)"
    with pytest.raises(UnavailableError) as caught:
        steps.run(sys.executable, "-c", script)

    assert caught.value.reason.endswith("ended with status 3: E: no such suite")
    assert caught.value.remedy == f"read {steps.log}"
    assert "first\n" in steps.log.read_text()


def test_an_interrupted_recipe_leaves_nothing_running(tmp_path: Path) -> None:
    """What a command started ends with it: it would write into the next run's work.

    The grandchild holds the write end of a pipe, which reads as ended only
    once the grandchild is gone.
    """
    held, ready = tmp_path / "held", tmp_path / "ready"
    os.mkfifo(held)
    os.mkfifo(ready)
    shell = f"(echo up > {ready}; exec sleep 60) > {held} & wait"
    program = (
        f"import signal, sys; sys.path.insert(0, {str(TOOLS)!r})\n"
        "from pathlib import Path; from python_matrix.steps import Steps\n"
        "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
        f"Steps('x', Path({str(tmp_path / 'log')!r})).run('sh', '-c', {shell!r})"
    )
    reading = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    started = os.open(ready, os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen([sys.executable, "-B", "-c", program], stderr=subprocess.DEVNULL) as run:
        assert select.select([started], [], [], 20)[0], "the command never began"
        run.terminate()
        run.wait(timeout=20)

    assert select.select([reading], [], [], 5)[0], "the grandchild is still there"
    assert os.read(reading, 1) == b""
    os.close(reading)
    os.close(started)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    """A missing program is a reason, and not a traceback."""
    with pytest.raises(UnavailableError, match="cannot run 'no-such-program'"):
        Steps("x", tmp_path / "x.log").run("no-such-program")


def test_a_recipe_does_not_see_the_callers_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PYTHONHOME and the like would break the interpreter under construction."""
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    env = Steps("x", tmp_path / "x.log").ask("env")

    assert "/nowhere" not in env
