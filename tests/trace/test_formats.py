"""The output formats of a trace, read back by other projects' readers."""

from __future__ import annotations

import json
import re
import warnings
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from harness import run_holdfast
from made_traces import made
from pyholdfast.trace.building import build
from pyholdfast.trace.exporters import SUFFIXES
from pyholdfast.trace.file_layout import DRAIN, HOLD, LOCK, read_trace
from pyholdfast.trace.perfetto import packets
from pyholdfast.trace.protobuf import varint
from pyholdfast.trace.speedscope import waits
from pyholdfast.trace.svg import LEGEND, still
from recording import DEADLINE_S

if TYPE_CHECKING:
    from harness import Outcome

SCHEMA = Path(__file__).with_name("speedscope.schema.json")
LONG_NS = 600_000_000
BEGIN, END = 1, 2
LEGEND_WORDS = [words for _, words, _ in LEGEND]


def perfetto_trace(data: bytes) -> Any:
    """By Perfetto's own schema."""
    with warnings.catch_warnings():  # of the package's age, not of the file
        warnings.simplefilter("ignore")
        from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace  # noqa: PLC0415

    return Trace.FromString(data)


def trace_command(*words: str | Path, cwd: Path | None = None) -> Outcome:
    """Run ``holdfast trace``."""
    return run_holdfast("trace", *words, deadline_s=DEADLINE_S, cwd=cwd)


def test_perfetto_reads_every_hold_and_wait(recorded: Path) -> None:
    """Slices are balanced on each track, their times are those of the trace, and every reference exists."""
    trace = build(read_trace(recorded))
    found = perfetto_trace(packets(trace))
    interned = found.packet[0].interned_data
    names = {entry.iid: entry.name for entry in interned.event_names}
    categories = {entry.iid: entry.name for entry in interned.event_categories}
    tracks = {
        packet.track_descriptor.uuid: packet.track_descriptor
        for packet in found.packet
        if packet.HasField("track_descriptor")
    }
    threads = {d.thread.thread_name for d in tracks.values() if d.HasField("thread")}
    slices: list[tuple[str, str, int]] = []
    open_slices: defaultdict[int, list[tuple[str, str, int]]] = defaultdict(list)
    latest = 0
    for packet in found.packet:
        if not packet.HasField("track_event"):
            continue
        event, latest = packet.track_event, max(latest, packet.timestamp)
        assert event.track_uuid in tracks
        assert packet.timestamp == latest, "in order of time"
        if event.type == BEGIN:
            key = categories[event.category_iids[0]], names[event.name_iid], packet.timestamp
            open_slices[event.track_uuid].append(key)
        elif event.type == END:
            category, name, begun = open_slices[event.track_uuid].pop()
            slices.append((category, name, packet.timestamp - begun))
    counts = Counter(category for category, _, _ in slices)
    holds = [hold for thread in trace.threads for hold in thread.holds]

    assert not any(open_slices.values()), "what begins ends"
    assert threads == {thread.name for thread in trace.threads}
    assert {d.process.pid for d in tracks.values() if d.HasField("process")} == {trace.raw.pid}
    assert counts["wait"] == sum(hold.wait > 0 for hold in holds)
    assert counts["hold"] == sum(hold.length > 0 for hold in holds)
    held = [one for one in slices if one[:2] == ("owner", "culprit")]
    assert max(length for _, _, length in held) > LONG_NS
    assert any(
        category == "wait" and length > LONG_NS and name == "waiting to attach"
        for category, name, length in slices
    )
    assert any(re.match(r"attached at main.cpp:\d+", name) for _, name, _ in slices)
    notes = [p.track_event for p in found.packet if p.track_event.type == 3]
    assert [names[event.name_iid][:6] for event in notes] == ["HF810 "]
    assert "do: " in notes[0].debug_annotations[0].string_value


def test_waits_for_mutexes_and_finalize_are_named() -> None:
    """In Perfetto and in the still picture, whose legend has only what occurs."""
    held = [(1, 2, 9, 1, 2, HOLD, 0, 0), (20, 90, 90, 1, 0, LOCK, 0, 0)]
    drain = [(100, 100, 400, 0, 2, DRAIN, 0, 0)]
    trace = made({"a": held, "b": drain}, length=500)
    found = perfetto_trace(packets(trace))
    names = {entry.name for entry in found.packet[0].interned_data.event_names}
    notes = [a.string_value for p in found.packet for a in p.track_event.debug_annotations]
    legend = {kind for kind in LEGEND_WORDS if f">{kind}<" in still(trace)}

    assert {"waiting for a mutex", "waiting in finalize()"} <= names
    assert "main.cpp:12" in notes
    assert legend == {
        "native work",
        "waiting to attach",
        "for a mutex",
        "in finalize()",
        "runs Python",
    }


def test_numbers_of_all_sizes_are_encoded() -> None:
    """The original Protocol Buffers reader gets back what was written."""
    numbers = [0, 1, 127, 128, 300, 2**32, 2**63, 2**64 - 1]
    for value in numbers:
        packet = perfetto_trace(b"\x0a" + varint(1 + len(varint(value))) + b"\x40" + varint(value))
        assert packet.packet[0].timestamp == value
    with pytest.raises(OverflowError):
        varint(2**64)


def test_speedscope_gets_who_waited_for_whom(recorded: Path) -> None:
    """The file follows speedscope's schema; the victim's time is below the culprit's hold."""
    trace = build(read_trace(recorded))
    data = json.loads(waits(trace))
    jsonschema.validate(data, json.loads(SCHEMA.read_text(encoding="utf-8")))
    frames = [frame["name"] for frame in data["shared"]["frames"]]
    profiles = {profile["name"]: profile for profile in data["profiles"]}
    victim = profiles["victim"]
    stack = [frames[number] for number in victim["samples"][0]]
    waited = sum(thread.wait_total for thread in trace.threads)

    assert stack[1] == "culprit"
    assert re.fullmatch(r"at main.cpp:\d+", stack[0])
    assert re.fullmatch(r"at main.cpp:\d+", stack[2])
    assert stack[0] != stack[2]
    assert victim["weights"][0] > LONG_NS
    assert next(iter(profiles)) == "all threads"
    assert sum(profiles["all threads"]["weights"]) == pytest.approx(waited, rel=1e-3)


def test_still_picture_shows_who_waited(recorded: Path) -> None:
    """It is well-formed, without scripts or addresses; the victim's track is full while the culprit holds Python."""
    trace = build(read_trace(recorded))
    text = still(trace, "a <title> & more")
    root = ET.fromstring(text)  # noqa: S314 - it is ours
    words = [element.text for element in root.iter() if element.tag.endswith("text")]
    track = text[text.index(">victim<") :]
    waiting = re.search(r'<path [^>]*class="wait" d="([^"]*)"', track)
    assert waiting is not None
    widest = max(int(width) for width in re.findall(r"h(\d+)v20h", waiting[1]))
    picture = 654 * LONG_NS / trace.duration

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {"culprit", "victim", "who ran Python", "a <title> & more"} <= set(words)
    assert any(word and word.startswith("culprit held it") for word in words)
    assert "prefers-color-scheme: dark" in text
    assert "<script" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert widest >= int(picture) - 2
    assert len(text) < 200_000


def test_still_picture_of_a_part_shows_that_part(recorded: Path) -> None:
    """A part within the long hold shows only the hold and the wait."""
    trace = build(read_trace(recorded))
    long_hold = max((h for t in trace.threads for h in t.holds), key=lambda hold: hold.length)
    middle = (long_hold.middle + long_hold.end) // 2
    text = still(trace, None, (middle - 10_000_000, middle + 10_000_000))

    assert re.search(r'class="hold" d="M160 [\d.]+h654v20h-654z"', text)
    assert re.search(r'class="wait" d="M160 [\d.]+h654v20h-654z"', text)
    assert ">100%<" in text
    assert "shown: " in text


def test_all_formats_are_written_side_by_side(recorded: Path, tmp_path: Path) -> None:
    """Each with its own suffix; nothing is printed twice."""
    words = [word for name in SUFFIXES for word in ("--format", name)]
    outcome = trace_command(recorded, "-o", tmp_path / "run.html", *words, "--title", "mine")

    assert outcome.code == 0, outcome.explain()
    for suffix in SUFFIXES.values():
        assert (tmp_path / f"run{suffix}").stat().st_size > 500
        assert outcome.out.count(f"run{suffix}\n") == 1
    assert ">mine<" in (tmp_path / "run.svg").read_text(encoding="utf-8")
    assert '"mine"' in (tmp_path / "run.html").read_text(encoding="utf-8")


def test_without_wishes_a_page_and_a_file_for_perfetto(recorded: Path, tmp_path: Path) -> None:
    """In the current folder."""
    outcome = trace_command(recorded, cwd=tmp_path)

    assert outcome.code == 0, outcome.explain()
    made = {file.name for file in tmp_path.iterdir()} - {recorded.name}
    assert made == {"trace.html", "trace.pftrace"}


def test_without_a_name_the_next_free_one_is_taken(recorded: Path, tmp_path: Path) -> None:
    """One number for all files, even if only one of them exists; none is overwritten."""
    (tmp_path / "trace.pftrace").write_text("mine", encoding="utf-8")
    outcomes = [trace_command(recorded, cwd=tmp_path) for _ in range(2)]

    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes[0].explain()
    for outcome, number in zip(outcomes, "23", strict=True):
        assert f"the picture: trace-{number}.html\n" in outcome.out
        assert f"for ui.perfetto.dev: trace-{number}.pftrace\n" in outcome.out
    assert (tmp_path / "trace.pftrace").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "trace.html").exists()
    assert (tmp_path / "trace-3.html").stat().st_size > 500


@pytest.mark.parametrize("taken", ["run.svg", "run.pftrace"])
def test_nothing_is_written_if_one_file_exists(recorded: Path, tmp_path: Path, taken: str) -> None:
    """HF807 names it, its contents stay, and the other file is not written."""
    (tmp_path / taken).write_text("mine", encoding="utf-8")
    words = ("-o", tmp_path / "run.svg", "--format", "svg", "--format", "perfetto")
    outcome = trace_command(recorded, *words)

    assert outcome.code == 2, outcome.explain()
    assert outcome.err.startswith(f"HF807 cannot write '{tmp_path / taken}'")
    assert (tmp_path / taken).read_text(encoding="utf-8") == "mine"
    assert {file.name for file in tmp_path.iterdir()} == {recorded.name, taken}


def test_a_part_that_does_not_exist_is_refused(recorded: Path, tmp_path: Path) -> None:
    """Wrong use, and no file."""
    for words, problem in {
        ("--from", "100s"): "nothing lies between 100 s and",
        ("--from", "20ms", "--to", "10ms"): "nothing lies between 0.02 s and 0.01 s",
        ("--from", "soon"): "'soon' is not a time",
        ("--format", "html", "--from", "1ms"): "--from and --to are for a still picture",
    }.items():
        more = () if "--format" in words else ("--format", "svg")
        outcome = trace_command(recorded, "-o", tmp_path / "part.svg", *words, *more)

        assert outcome.code == 2, outcome.explain()
        assert problem in outcome.err, outcome.explain()
        assert not (tmp_path / "part.svg").exists()


@pytest.mark.parametrize("name", SUFFIXES)
def test_what_is_no_trace_makes_no_file(tmp_path: Path, name: str) -> None:
    """Whatever the format."""
    (tmp_path / "bad.trace").write_bytes(b"holdfast-trace\n\0\1")
    outcome = trace_command("bad.trace", "--format", name, cwd=tmp_path)

    assert outcome.code == 1, outcome.explain()
    assert outcome.err.startswith("HF805 ")
    assert [file.name for file in tmp_path.iterdir()] == ["bad.trace"]
