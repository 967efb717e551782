"""The demo: every file is counted or named, and Python ends cleanly while threads start and end."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import Outcome, run_holdfast
from matrix import default_python
from pyholdfast.cli import main
from pyholdfast.commands import demo as command
from pyholdfast.demo.survey import survey
from pyholdfast.toolchain.cache import cache_folder


def demo(*words: str, **environ: str) -> Outcome:
    """Run the command in its own process."""
    python = default_python().path
    return run_holdfast("demo", *words, "--python", python, environ=environ, deadline_s=240)


def row(outcome: Outcome, label: str) -> str:
    """The text beside `label` in the table."""
    found = re.search(rf"^{label} {{2,}}(.*)$", outcome.out, re.MULTILINE)
    assert found, outcome.explain()
    return found.group(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good files, one in Latin-1, and four that cannot be surveyed."""
    (tmp_path / "package").mkdir()
    (tmp_path / "good.py").write_text("def one():\n    return 1\n\n\nclass Two:\n    pass\n")
    (tmp_path / "package" / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\nname = '\xff'\n")
    (tmp_path / "package" / "syntax.py").write_text("x = (\n")
    (tmp_path / "undecodable.py").write_bytes(b"# \xff\n")
    (tmp_path / "nulls.py").write_bytes(b"x = 1\0\n")
    (tmp_path / "nowhere.py").symlink_to("is-not-there")
    (tmp_path / "notes.txt").write_text("no Python")
    return tmp_path


def test_bad_files_are_counted_and_named_and_the_rest_is_surveyed(folder: Path) -> None:
    """No bad file is fatal, and none is lost."""
    outcome = demo(str(folder))

    assert outcome.code == 0, outcome.explain()
    assert row(outcome, "files") == "2"
    assert row(outcome, "lines") == "8"
    assert row(outcome, "functions") == "1"
    assert row(outcome, "classes") == "1"
    assert row(outcome, "longest function") == "one, 2 lines, in good.py"
    assert row(outcome, "calls").startswith("5 from 8 threads in ")
    assert re.fullmatch(r"p50 .+, p99 .+, longest .+", row(outcome, "wait to attach"))
    assert "not surveyed, 4:" in outcome.out
    for name in ("nowhere.py: No such file", "nulls.py: ", "package/syntax.py: SyntaxError: "):
        assert f"  {name}" in outcome.out, outcome.explain()
    assert "  undecodable.py: " in outcome.out, outcome.explain()


def test_a_latecomer_is_refused_and_python_ends(folder: Path) -> None:
    """finalize() waits for the thread inside, and a late thread is told why it is refused."""
    outcome = demo(str(folder), "--threads", "3")

    assert outcome.code == 0, outcome.explain()
    ending = outcome.out[outcome.out.index("finalize(0 ms)") :].splitlines()
    assert ending[0] == "finalize(0 ms): still inside: 1 thread"
    assert ending[1].startswith("a late thread: HF202 ")
    assert ending[2].startswith("  do: ")
    assert ending[3:] == ["finalize(): all threads have left, Python has ended"]


def test_a_picture_of_the_run_is_left(folder: Path, tmp_path: Path) -> None:
    """In the cache, in place of the last one; if it cannot be written, the demo continues."""
    cache = tmp_path / "cache"
    (cache / "holdfast").mkdir(parents=True)
    hosts = cache_folder() / "hosts"  # so that nothing is compiled anew
    hosts.mkdir(parents=True, exist_ok=True)
    (cache / "holdfast" / "hosts").symlink_to(hosts)
    picture = cache / "holdfast" / "demo.html"
    picture.write_text("of the last one", encoding="utf-8")
    outcome = demo(str(folder), XDG_CACHE_HOME=str(cache))

    assert outcome.code == 0, outcome.explain()
    assert f"who waited, and who held Python: {picture}\n" in outcome.err, outcome.explain()
    text = picture.read_text(encoding="utf-8")
    assert '"title":"holdfast demo"' in text  # how many threads it shows, the facts say
    assert re.search(r'"reader-\d"', text)
    assert [file.name for file in picture.parent.glob("demo*")] == ["demo.html"]

    picture.unlink()
    picture.mkdir()
    outcome = demo(str(folder), XDG_CACHE_HOME=str(cache))
    assert outcome.code == 0, outcome.explain()
    said = f"holdfast demo: no picture: HF112 cannot write '{picture}': it is a folder\n"
    assert said in outcome.err, outcome.explain()


def test_at_most_ten_are_named(tmp_path: Path) -> None:
    """A folder with files of another language called .py does not flood the screen."""
    for number in range(13):
        (tmp_path / f"bad{number:02}.py").write_text("no Python\n")
    outcome = demo(str(tmp_path))

    assert outcome.code == 0, outcome.explain()
    assert outcome.out.count("SyntaxError") == 10
    assert "  and 3 more\n" in outcome.out
    assert row(outcome, "files") == "0"


def test_more_threads_than_files(tmp_path: Path) -> None:
    """Threads that find no work leave."""
    (tmp_path / "only.py").write_text("x = 1\n")
    outcome = demo(str(tmp_path), "--threads", "50")

    assert outcome.code == 0, outcome.explain()
    assert row(outcome, "calls").startswith("1 from 50 threads")


@pytest.mark.parametrize("kind", ["missing", "file", "empty", "no python"])
def test_a_folder_that_cannot_be_surveyed_is_an_error(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error comes before anything is compiled, with the folder's name."""
    folder = tmp_path / "folder"
    if kind == "file":
        folder.write_text("x = 1\n")
    elif kind != "missing":
        folder.mkdir()
    if kind == "no python":
        (folder / "notes.txt").write_text("x = 1\n")
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "left.py").write_text("x = 1\n")

    status = main(["demo", str(folder)])

    error = capsys.readouterr().err
    assert status == 2
    assert error.startswith("HF141 " if kind in ("missing", "file") else "HF142 ")
    assert str(folder) in error
    assert "\n  do: " in error


@pytest.mark.parametrize("count", ["0", "-1", "1001", "many"])
def test_a_senseless_number_of_threads_is_refused(
    count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2, and the message names the option."""
    assert main(["demo", "--threads", count]) == 2
    assert "--threads" in capsys.readouterr().err


def test_survey_counts_what_stands_in_statements() -> None:
    """Functions in functions, in branches, and in the cases of a match, but not lambdas."""
    source = b"""\
async def outer():
    def inner():
        pass
    try:
        pass
    except ValueError:
        def handler(): ...
    else:
        class InElse: ...
f = lambda: None
match f:
    case _:
        def in_case(): ...
"""
    assert survey("<test>", source) == (13, 4, 1, 9, "outer")


@pytest.mark.parametrize(
    ("status", "crash"),
    [(-11, "signal 11 (SIGSEGV)"), (0xC0000005, "exception 0xC0000005 (access violation)")],
)
def test_a_crash_of_the_host_is_named(
    status: int, crash: str, folder: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """HF143, by the status that `subprocess` reports on either system."""
    ended = SimpleNamespace(returncode=status)
    monkeypatch.setattr(command, "in_cache", lambda *_: (folder / "host", folder))
    monkeypatch.setattr(command, "subprocess", SimpleNamespace(run=lambda *_, **__: ended))

    assert main(["demo", str(folder), "--python", str(default_python().path)]) == 1
    assert f"HF143 the demo's host was ended by {crash}\n" in capsys.readouterr().err
