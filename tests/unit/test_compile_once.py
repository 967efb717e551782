"""tests/compile_once.py: an object is made once for equal text and options, and for others anew."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

import compile_once

# Counts its runs, and leaves its options in the object; -E prints the source.
COMPILER = """\
#!/bin/sh
case "$*" in *-E*) cat "$SOURCE"; exit ;; esac
echo run >> "$RUNS"
[ "$FAILS" ] && exit 4
while [ "$1" != -o ]; do shift; done
echo object > "$2"
"""


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stand-in, and an empty folder of objects."""
    file = tmp_path / "c++"
    file.write_text(COMPILER)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    source = tmp_path / "holdfast" / "compiled.cpp"
    source.parent.mkdir()
    source.write_text("text")
    monkeypatch.setattr(compile_once, "OBJECTS", tmp_path / "once")
    for name in ("RUNS", "FAILS"):
        monkeypatch.setenv(name, "" if name == "FAILS" else str(tmp_path / "runs"))
    monkeypatch.setenv("SOURCE", str(source))
    return str(file)


@pytest.mark.parametrize(
    ("other", "runs"),
    [
        (["-I/elsewhere", "-isystem", "there"], 1),  # where headers are found: their text decides
        (["-MD", "-MF", "listed.d"], 2),
        (["-O2"], 2),
        (["text"], 2),
    ],
    ids=str,
)
def test_what_decides(compiler: str, tmp_path: Path, other: list[str], runs: int) -> None:
    """Options and text do, paths do not."""
    source = Path(os.environ["SOURCE"])
    for number, options in enumerate(([], other)):
        if "text" in options:
            source.write_text("another")
        out = tmp_path / f"{number}.o"
        words = [word for word in options if word != "text"]
        assert compile_once.main([compiler, *words, "-c", str(source), "-o", str(out)]) == 0
        assert out.read_text() == "object\n"
    assert len((tmp_path / "runs").read_text().splitlines()) == runs


def test_a_failure_is_not_kept(
    compiler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its status is the compiler's, and the next run compiles again."""
    command = [compiler, "-c", os.environ["SOURCE"], "-o", str(tmp_path / "x.o")]
    monkeypatch.setenv("FAILS", "1")
    assert compile_once.main(command) == 4
    monkeypatch.delenv("FAILS")
    assert compile_once.main(command) == 0


def test_scripts_never_stand_before_themselves(tmp_path: Path) -> None:
    """A session of tests within another keeps the compilers of the outer one's PATH."""
    first = compile_once.stand_before(os.environ["PATH"], tmp_path)
    texts = {file.name: file.read_text() for file in tmp_path.iterdir()}
    again = compile_once.stand_before(first, tmp_path)

    assert again == first
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == texts
    found = shutil.which("c++", path=again)
    assert found is None or Path(found).parent == tmp_path
