"""tools/ci.py: which tests run again, what is counted, what is red. No network, no compiler."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

import ci
from ci_parts import untouched
from ci_parts.part import MOST_AGAIN, PROGRAM, Part, Report, command_runner, run_part
from ci_parts.surroundings import bare, copy_of, whole
from ci_parts.verdicts import Verdicts, merged, read
from outcomes import choose, left_open, skip_if_late

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TESTS = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("sigterm")
ROW = Part("all", 1, (("make", "all"),), again=True)


def program(name: str) -> str:
    """A test of a program."""
    return f"{PROGRAM}test_program_keeps_its_promise[{name}-3.12]"


class Pytest:
    """Replaces the commands: the first run fails as configured, the later runs of a test in turn."""

    def __init__(self, first: Mapping[str, str], again: Sequence[str] = ()) -> None:
        self._first, self._again = first, list(again)
        self.ran: list[tuple[str, ...]] = []

    def __call__(self, command: Sequence[str], environ: Mapping[str, str], limit_s: float) -> int:
        """Run."""
        assert limit_s > 0
        self.ran.append(tuple(command))
        outcomes = dict(self._first)
        file = Path(environ.get("HOLDFAST_OUTCOMES", ""))
        if command[1:3] == ("-m", "pytest"):
            outcomes = {command[-1]: self._again.pop(0)}
            (file,) = (Path(w.split("=")[1]) for w in command if w.startswith("--outcomes="))
        lines = [
            json.dumps(
                {"test": test, "outcome": word.split(":")[0], "reason": word.partition(":")[2]}
            )
            for test, word in outcomes.items()
        ]
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return 1 if "failed" in outcomes.values() else 0


def report_of(pytest_: Pytest, folder: Path, part: Part = ROW) -> Report:
    """The report of a part."""
    report = Report(part)
    run_part(report, folder, {}, folder / "outcomes.jsonl", pytest_)
    return report


def test_a_program_that_fails_once_is_run_three_times_alone(tmp_path: Path) -> None:
    """If it passes each time, the summary has a line, and nothing is red."""
    fake = Pytest({program("a"): "failed", "x": "passed"}, ["passed"] * 3)
    report = report_of(fake, tmp_path)

    assert len(fake.ran) == 1 + 3
    assert {command[-1] for command in fake.ran[1:]} == {program("a")}
    assert not report.is_red
    assert report.notes == [f"failed once, passed 3 times alone: {program('a')}"]
    assert report.verdicts.outcomes == {program("a"): "passed", "x": "passed"}


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("how", ["failed", "skipped"])
def test_one_more_failure_is_red(tmp_path: Path, at: int, how: str) -> None:
    """Whichever of the three runs it is; a test that did not run at all shows nothing."""
    again = ["passed"] * 3
    again[at] = how
    fake = Pytest({program("a"): "failed"}, again)
    report = report_of(fake, tmp_path)

    assert report.is_red
    assert len(fake.ran) == 1 + at + 1
    assert f"  FAILED {program('a')}" in report.lines()
    assert f"failed again alone, in run {at + 1}: {program('a')}" in report.notes


def test_only_programs_are_run_again_and_only_where_the_row_says_so(tmp_path: Path) -> None:
    """Any other failing test is red at once."""
    other = Pytest({"tests/unit/test_x.py::test_y": "failed"})
    first = Pytest({program("a"): "failed"})

    assert report_of(other, tmp_path).is_red
    assert report_of(first, tmp_path, Part("first", 1, (("make", "test"),))).is_red
    assert len(other.ran) == len(first.ran) == 1


def test_many_failures_are_no_chance(tmp_path: Path) -> None:
    """They are not run again, because that would take hours."""
    names = [program(str(number)) for number in range(MOST_AGAIN + 1)]
    fake = Pytest(dict.fromkeys(names, "failed"))
    report = report_of(fake, tmp_path)

    assert len(fake.ran) == 1
    assert report.verdicts.failed() == names


def test_skips_are_counted_by_reason(tmp_path: Path) -> None:
    """The most frequent reason first; the part's time is shown with its budget."""
    fake = Pytest({"a": "skipped:no spin", "b": "skipped:no clang", "c": "skipped:no clang"})
    report = report_of(fake, tmp_path)
    report.seconds = 90

    assert report.lines() == [
        "all: green, 1.5 of 1 minutes, OVER ITS BUDGET",
        "  skipped, 3:",
        "       2 no clang",
        "       1 no spin",
    ]


def test_what_one_part_skips_and_another_runs_counts_once() -> None:
    """As passed or failed; a failure in any part stays."""
    first, second = Verdicts(), Verdicts()
    for test, outcome in (("a", "skipped"), ("b", "passed"), ("c", "failed"), ("d", "skipped"),
                          ("e", "passed")):  # fmt: skip
        first.add(test, outcome, "why")
    for test, outcome in (("a", "passed"), ("b", "failed"), ("c", "passed"), ("d", "skipped"),
                          ("e", "skipped")):  # fmt: skip
        second.add(test, outcome, "why not")
    whole_run = merged([first, second])

    assert whole_run.outcomes == {
        "a": "passed",
        "b": "failed",
        "c": "failed",
        "d": "skipped",
        "e": "passed",
    }
    assert whole_run.skipped() == [("why not", 1)]


def test_a_command_that_fails_without_a_test_is_an_error(tmp_path: Path) -> None:
    """The rest of its part is left out."""
    ran = []

    def runner(command: Sequence[str], _: Mapping[str, str], __: float) -> int:
        ran.append(command[-1])
        return 2

    commands = (("make", "demo"), ("make", "test"))
    report = Report(Part("p", 1, commands))
    run_part(report, tmp_path, {}, tmp_path / "none", runner)
    assert report.is_red
    assert report.lines()[1:] == ["  ERROR make demo ended with status 2"]

    provided = Report(Part("p", 1, commands, provides=True))
    run_part(provided, tmp_path, {}, tmp_path / "none", runner)
    assert not provided.is_red
    assert len(provided.notes) == 2
    assert ran == ["demo", "demo", "test"]


def test_an_interrupted_part_keeps_what_it_found(tmp_path: Path) -> None:
    """The summary of a run that was stopped names the failures so far."""

    class Interrupted(Pytest):
        def __call__(self, *arguments: Any) -> int:
            super().__call__(*arguments)
            raise KeyboardInterrupt

    report = Report(ROW)
    with pytest.raises(KeyboardInterrupt):
        run_part(report, tmp_path, {}, tmp_path / "some", Interrupted({"a": "failed"}))
    assert report.lines()[1:] == ["  FAILED a"]
    assert not report.ended


def test_only_a_part_that_may_be_cut_is_told_when_to_stop(tmp_path: Path) -> None:
    """Shortly before its budget is used up."""
    told = []

    def runner(_: Sequence[str], environ: Mapping[str, str], __: float) -> int:
        told.append(environ.get("HOLDFAST_UNTIL"))
        return 0

    begun_s = time.time()
    for part in (ROW, Part("cut", 2, ROW.commands, may_be_cut=True)):
        run_part(Report(part), tmp_path, {}, tmp_path / "none", runner)
    assert told[0] is None
    assert 0 <= int(told[1] or 0) - round(begun_s) - 114 <= 60


def test_tests_that_begin_late_are_skipped() -> None:
    """With a reason, which the summary counts."""

    def item(until: int | None) -> Any:
        return SimpleNamespace(config=SimpleNamespace(getoption={"--until": until}.get))

    with pytest.raises(pytest.skip.Exception, match="time of this part was over"):
        skip_if_late(item(1000))
    for until in (None, 9_000_000_000):
        skip_if_late(item(until))


def test_the_order_of_a_limited_run_goes_by_its_limit() -> None:
    """So that each run leaves out others; pytest's workers all get the same one."""

    def order(until: int | None) -> list[str]:
        items: list[Any] = [SimpleNamespace(nodeid=program(str(number))) for number in range(9)]
        told = {"--until": until, "--besides": None}
        choose(cast("pytest.Config", SimpleNamespace(getoption=told.get)), items)
        return [test.nodeid for test in items]

    assert order(None) == [program(str(number)) for number in range(9)]
    assert order(1000) == order(1000) != order(1001) != order(None)


def test_a_command_that_hangs_is_stopped(tmp_path: Path) -> None:
    """With all processes that it started."""
    script = "sleep 600 & echo $! > begun; mv begun child; wait"
    limit_s = 1
    while not (tmp_path / "child").exists():  # on a busy machine it is stopped before it has begun
        status = command_runner(tmp_path)(("sh", "-c", script), os.environ, limit_s)
        assert status < 0
        limit_s *= 2

    # Killed it is at once; the descriptor is readable when it is gone.
    with contextlib.suppress(ProcessLookupError):
        child = os.pidfd_open(int((tmp_path / "child").read_text()))
        assert select.select([child], [], [], 30)[0]
        os.close(child)


def test_bare_variables_are_those_of_a_stranger(tmp_path: Path) -> None:
    """No folder of a HOME or a version manager on PATH; pip still reaches its index."""
    (tmp_path / "me" / ".config" / "pip").mkdir(parents=True)
    settings = tmp_path / "me" / ".config" / "pip" / "pip.conf"
    settings.touch()
    environ = {
        "HOME": str(tmp_path / "me"), "PYENV_ROOT": "/srv/pyenv", "VIRTUAL_ENV": "/checkout/.venv",
        "PATH": f"/srv/pyenv/shims:{tmp_path}/me/.local/bin:/checkout/.venv/bin:/usr/bin:/bin",
        "PIP_INDEX_URL": "x", "https_proxy": "y", "HOLDFAST_PYTHON": "z", "LC_ALL": "de_DE.UTF-8",
        "PYTHONPATH": "w", "CI": "true",
    }  # fmt: skip
    made = bare(environ, Path("/srv/pyenv/versions/3.12.1/bin/python3"), tmp_path / "stranger")

    assert made.pop("PATH") == "/srv/pyenv/versions/3.12.1/bin:/usr/bin:/bin"
    assert [list(Path(made.pop(name)).iterdir()) for name in ("HOME", "XDG_CACHE_HOME")] == [[], []]
    assert made == {"PIP_INDEX_URL": "x", "https_proxy": "y", "PIP_CONFIG_FILE": str(settings)}
    assert whole(environ) == {k: text for k, text in environ.items() if k != "VIRTUAL_ENV"}


@pytest.mark.parametrize("versioned", [True, False])
def test_the_copy_is_what_a_clone_would_be(tmp_path: Path, versioned: bool) -> None:
    """With uncommitted changes, without generated files; in git and outside of it."""
    if versioned and shutil.which("git") is None:
        pytest.skip("git is not installed")
    source = tmp_path / "a folder"
    made = (".venv/bin/python", ".cache/x", "build/y", "src/__pycache__/z")
    kept = ("src/new.py", "tools/run", "tests/ä.txt", "docs/build/page.md")
    for name in (*made, *kept, "gone"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name, encoding="utf-8")
    (source / "tools" / "run").chmod(0o755)
    (source / "link").symlink_to("src/new.py")
    if versioned:
        (source / ".gitignore").write_text(".venv/\n.cache/\n/build/\n__pycache__/\n")
        for words in (["init", "-q"], ["add", "gone"]):
            subprocess.run(["git", *words], cwd=source, check=True)
    (source / "gone").unlink()
    copy_of(source, tmp_path / "copy")

    found = {str(p.relative_to(tmp_path / "copy")) for p in (tmp_path / "copy").rglob("*")
             if not p.is_dir()}  # fmt: skip
    assert found - {".gitignore"} == {*kept, "link"}
    assert os.access(tmp_path / "copy" / "tools" / "run", os.X_OK)


def test_files_that_the_tests_leave_at_home_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files older than the environment come from make demo; pip's cache comes from make."""
    for name in ("home/.x", "cache/holdfast/demo.html", "cache/pip/http/y", ".venv/pyvenv.cfg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name, at in (("home/.x", 1), ("cache/holdfast/demo.html", 1), (".venv/pyvenv.cfg", 5)):
        os.utime(tmp_path / name, (at, at))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert untouched.main() == 0

    (tmp_path / "cache" / "holdfast" / "demo.html").touch()
    assert untouched.main() == 1
    assert "demo.html'" in capsys.readouterr().err


SUITE = """\
import pytest

def test_passes(): pass
def test_fails(): assert False
def test_skips(): pytest.skip("no spin")
@pytest.mark.xfail(strict=True)
def test_fails_as_expected(): assert False
@pytest.fixture
def broken(): raise ValueError
def test_cannot_begin(broken): pass
@pytest.fixture
def late():
    yield
    raise ValueError
def test_cannot_end(late): pass
@pytest.mark.long
def test_long(): pass
"""
OPTIONS = """\
from outcomes import add_options, choose, record_outcomes

pytest_addoption = add_options
pytest_collection_modifyitems = choose

def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes long")
    record_outcomes(config, "found: none")
"""


@pytest.fixture
def items() -> list[Any]:
    """Two programs, one of them long, and other tests, one of them long."""
    names = {program("a"): False, program("b"): True, "tests/x.py::test_done": False,
             "tests/x.py::test_open": False, "tests/x.py::test_long": True}  # fmt: skip
    return [
        SimpleNamespace(nodeid=name, get_closest_marker=lambda _, long=long: long or None)
        for name, long in names.items()
    ]


WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])


@pytest.fixture
def suite(tmp_path: Path) -> Callable[..., Verdicts]:
    """Run a few tests of every kind, with further options."""
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "conftest.py").write_text(OPTIONS, encoding="utf-8")
    (folder / "test_it.py").write_text(SUITE, encoding="utf-8")
    (folder / "test_bad.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    (folder / "test_none.py").write_text(
        "import pytest\npytest.skip('no Python', allow_module_level=True)\n", encoding="utf-8"
    )

    def run(*options: str) -> Verdicts:
        file = tmp_path / "outcomes"
        file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        subprocess.run(
            [*command, "--continue-on-collection-errors", f"--outcomes={file}", "--rootdir=."],
            cwd=folder, env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent / 'tools'}"}, timeout=120, check=False,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return read(file)

    return run


@WORKERS
def test_outcomes_are_kept(suite: Callable[..., Verdicts], workers: list[str]) -> None:
    """Of every kind, by pytest itself and by its workers; a test that fails in its teardown has failed."""
    found = suite(*workers)

    assert {test.rpartition("::")[2]: outcome for test, outcome in found.outcomes.items()} == {
        "test_passes": "passed", "test_fails": "failed", "test_skips": "skipped",
        "test_fails_as_expected": "passed", "test_cannot_begin": "failed",
        "test_cannot_end": "failed", "test_long": "passed", "test_bad.py": "failed",
        "test_none.py": "skipped",
    }  # fmt: skip
    assert sorted(found.reasons.values()) == ["no Python", "no spin"]
    assert found.notes == ["found: none"]


def test_besides_takes_the_long_ones_of_the_programs(items: list[Any]) -> None:
    """Programs on every Python except those on which they passed; of the other tests, the short ones."""
    earlier = Verdicts(dict.fromkeys((program("a"), "tests/x.py::test_done"), "passed"))

    assert [item.nodeid for item in left_open(items, earlier)] == [
        program("b"),
        "tests/x.py::test_open",
    ]


@WORKERS
def test_besides_runs_what_is_left_open(
    suite: Callable[..., Verdicts], tmp_path: Path, workers: list[str]
) -> None:
    """It leaves out what passed, and what is long and not a program."""
    suite("--deselect", "test_it.py::test_long")
    (tmp_path / "outcomes").rename(tmp_path / "earlier")
    found = suite(f"--besides={tmp_path / 'earlier'}", *workers)

    names = {test.rpartition("::")[2] for test in found.outcomes}
    assert {"test_skips", "test_fails", "test_none.py"} <= names
    assert not names & {"test_passes", "test_long", "test_fails_as_expected"}


def test_the_whole_ends_as_pytest_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The last line counts; the status is 1 if anything is red. Parts after a red one still run."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(ci, "CHECKOUT", tmp_path)
    good, bad = Part("good", 1, (("test", "-f", "file"),), bare=True), Part("bad", 1, (("false",),))
    for parts, status, words in (
        ((good,), 0, "no tests ran in "),
        ((bad, good), 1, " 1 error in "),
    ):
        monkeypatch.setattr(ci, "PARTS", parts)
        assert ci.main([]) == status
        lines = capfd.readouterr().out.splitlines()
        assert words in lines[-1]
        assert lines[-1].strip("=") != lines[-1]
        assert any(line.startswith("good: green, 0.0 of 1 minutes") for line in lines)


def test_an_interrupt_ends_it_with_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also of the part that was running; the status differs from that of a red or a green run."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(ci, "CHECKOUT", tmp_path)
    stop = ("sh", "-c", f"kill -TERM {os.getpid()}; sleep 60")
    monkeypatch.setattr(ci, "PARTS", (Part("good", 1, (("true",),)), Part("bad", 1, (stop,))))
    assert ci.main([]) == 130

    lines = capfd.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(("good:", "bad:", "interrupted"))] == [
        "good: green, 0.0 of 1 minutes",
        "bad: not ended, 0.0 of 1 minutes",
        "interrupted",
    ]


def test_each_part_has_a_budget() -> None:
    """And the first part has the README's two commands, as a new user gives them."""
    first = ci.PARTS[0]

    assert first.bare
    assert first.commands[:2] == (("make", "demo"), ("make", "test"))
    assert all(part.minutes > 0 and part.commands for part in ci.PARTS)


def test_the_script_starts_it_from_anywhere(tmp_path: Path) -> None:
    """Without a terminal or any input; without a Python it says what is missing."""
    script = TESTS.parent / ".ci" / "run"
    helped = subprocess.run(
        [script, "--help"], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        env={**os.environ, "CI": "true"}, timeout=60, check=True,
    )  # fmt: skip
    for name in ("bash", "sh", "dirname"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    lost = subprocess.run(
        [script], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        env={"PATH": str(tmp_path)}, timeout=60, check=False,
    )  # fmt: skip

    assert "--only PART" in helped.stdout
    assert lost.returncode == 1
    assert "no Python 3.10 or later" in lost.stderr
