"""Text from outside never acts on a terminal, breaks a document or makes writing fail."""

from __future__ import annotations

import json
import os
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from harness import run_command
from outside.pages import write_page
from pyholdfast import cli
from pyholdfast.check.clang_tidy import Trouble
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.report import Result
from pyholdfast.check.report import as_text as checks_text
from pyholdfast.doctor.model import Room, bad
from pyholdfast.doctor.report import as_text as doctors_text
from pyholdfast.errors import HoldfastError
from pyholdfast.top.change import compare
from pyholdfast.top.prometheus import metrics
from pyholdfast.top.screen import frame, listing
from pyholdfast.trace.building import build
from pyholdfast.trace.exporters import SUFFIXES, Wish, write
from pyholdfast.trace.file_layout import read_trace
from pyholdfast.trace.summary import summary

if TYPE_CHECKING:
    from pyholdfast.trace.model import Trace

SOURCE = Path(__file__).resolve().parents[2] / "src"
CHECKED = frozenset({*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x202E, 0x2066}) - {
    0x09,
    0x0A,
}
TEXTS = {
    "escapes": b"\x1b]0;OWNED\x07\x1b[31mred\x1b[8m",
    "controls": bytes(range(1, 0x20)) + b"\x7f",
    "C1": "\x9b31m\x85".encode(),
    "not UTF-8": b"caf\xe9 \xff\xfe \xed\xa0\x80",
    "direction": "\u202eevil\u2066".encode(),
    "lines": "one\ntwo\r\u2028three".encode(),
    "markup": b"</script><b>&\"'<!--]]>",
    "not in XML": "\ufffe\uffff\x0b".encode(),
    "long": b"x" * (1 << 20),
}


def demand_harmless(text: str) -> None:
    """Every line contains only visible characters: no control character, surrogate, or change of direction."""
    text.encode()
    assert not {hex(ord(letter)) for letter in set(text) if ord(letter) in CHECKED}


@pytest.fixture(params=list(TEXTS), ids=lambda name: name.replace(" ", "-"))
def data(request: pytest.FixtureRequest) -> bytes:
    """A text that another person has chosen."""
    return TEXTS[request.param]


@pytest.fixture
def trace(data: bytes, tmp_path: Path) -> Trace:
    """A trace with that text everywhere: thread, command, place, function, note."""
    file = tmp_path / "forged.trace"
    named = data[: 1 << 15]
    write_page(
        file, pid=os.getpid(), command=[data, data], thread=data, names=[named], notes=[data, b"HF811 a\n" + data]
    )  # fmt: skip
    return build(read_trace(file))


def test_what_a_trace_says_is_shown_as_letters(trace: Trace) -> None:
    """By the summary, by top, and by its list of processes."""
    change = compare(trace, None)
    shown = [summary(trace), *frame(change, colour=False), *listing([(1, trace.raw.command[0])])]
    shown.append(metrics(change))

    for text in shown:
        demand_harmless(text)
    assert len(frame(change, colour=False)) == 6  # one thread, one line


def test_every_picture_of_a_trace_is_well_formed(trace: Trace, data: bytes, tmp_path: Path) -> None:
    """SVG parses as XML; the page's data and speedscope's file parse as JSON."""
    files = {name: tmp_path / f"out{suffix}" for name, suffix in SUFFIXES.items()}
    write(trace, files, Wish(data.decode("utf-8", "surrogateescape")))
    page = files["html"].read_text(encoding="utf-8")
    begin = page.index('{"title"')

    ET.fromstring(files["svg"].read_text(encoding="utf-8"))  # noqa: S314 - ours
    json.loads(files["speedscope"].read_text(encoding="utf-8"))
    json.JSONDecoder().raw_decode(page[begin:])
    demand_harmless(files["svg"].read_text(encoding="utf-8"))


def test_what_commands_report_is_shown_as_letters(data: bytes, tmp_path: Path) -> None:
    """Errors, the doctor's lines, and a check's lines with the quoted source."""
    text = data.decode("utf-8", "surrogateescape")
    source = tmp_path / "a.cpp"
    source.write_bytes(data + b"\n")
    place = Place(str(source), 1, 1)
    result = Result(1, unchecked=[(place, text, text)], troubles=[Trouble("HF620", place, text)])
    error = str(HoldfastError("HF101", text, text))

    for shown in (
        error,
        doctors_text(text, [bad("HF150", Room.PYTHON, text, text, fix=text)]),
        checks_text(result, tmp_path),
    ):
        demand_harmless(shown)
    assert error.count("\n") == 1


NAMES = [name for name in TEXTS if name not in ("markup", "long")]


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_is_shown_as_letters(name: str, tmp_path: Path) -> None:
    """By every command that mentions it; and writing it never fails."""
    text = os.fsdecode(TEXTS[name].replace(b"/", b""))
    file = tmp_path / text
    file.write_text("int main() { return }\n")
    code = "import sys; from pyholdfast.cli import main\nfor line in sys.argv[2:]: main([*line.split(), sys.argv[1]])"
    lines = ["doctor", "doctor --log", "trace", "top", "bind", "explain", "new", "check -p"]
    outcome = run_command(
        [sys.executable, "-c", code, str(file), *lines],
        environ={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONIOENCODING": "ascii"},
        deadline_s=60,
        cwd=tmp_path,
    )

    assert outcome.code == 0, outcome.explain()
    assert outcome.err.count("HF") >= 6, outcome.explain()
    demand_harmless(outcome.out + outcome.err)


def test_what_is_for_programs_keeps_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path goes to stdout as its exact bytes in any locale; a character that the locale lacks, as an escape."""
    raw = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(raw, encoding="ascii", errors="strict"))
    cli.main(["--version"])
    sys.stdout.write("caf\udce9 \u2588")
    sys.stdout.flush()

    assert raw.getvalue().endswith(b"caf\xe9 \\u2588")
