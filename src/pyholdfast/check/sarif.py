"""A check's result as SARIF 2.1.0, for code hosts, editors and viewers.

Places of files in the working folder are relative to ``%SRCROOT%``. Columns count UTF-16 units, as
viewers do, not bytes.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", 2020.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyholdfast import paths
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.findings import ERROR, Finding
from pyholdfast.check.report import Result
from pyholdfast.check.states import Step
from pyholdfast.check.tokens import read_source
from pyholdfast.codes import CODES

__all__ = ["as_sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"


def as_sarif(result: Result, folder: Path) -> str:
    """The report, with places relative to a folder."""
    used = sorted({finding.code for finding in result.findings})
    levels = {finding.code: _level(finding) for finding in result.findings}
    rules = [
        {
            "id": code,
            "shortDescription": {"text": CODES[code].title},
            "fullDescription": {"text": CODES[code].cause},
            "help": {"text": CODES[code].remedy},
            "defaultConfiguration": {"level": levels[code]},
        }
        for code in used
    ]
    notes = [
        _notification("error", f"{trouble.code} {trouble.problem}", trouble.place, folder)
        for trouble in result.troubles
    ]
    notes += [
        _notification("warning", f"HF621 unchecked: {name}(): {why}", place, folder)
        for place, name, why in result.unchecked
    ]
    run = {
        "tool": {"driver": {"name": "holdfast check", "version": paths.version(), "rules": rules}},
        "invocations": [
            {
                "executionSuccessful": not (result.troubles or result.unchecked),
                "toolExecutionNotifications": notes,
            }
        ],
        "originalUriBaseIds": {_ROOT: {"uri": f"{folder.absolute().as_uri()}/"}},
        "columnKind": "utf16CodeUnits",
        "results": [_result(finding, used, folder) for finding in result.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _level(finding: Finding) -> str:
    return "error" if finding.level == ERROR else "note"


def _text(text: str) -> dict[str, str]:
    """A message. A name that is not UTF-8 keeps its place, but JSON has no form for its bytes."""
    return {"text": text.encode("utf-8", "replace").decode("utf-8")}


def _notification(level: str, text: str, place: Place, folder: Path) -> dict[str, object]:
    made: dict[str, object] = {"level": level, "message": _text(text)}
    if place.file:
        made["locations"] = [_location(place, folder)]
    return made


def _result(finding: Finding, used: Sequence[str], folder: Path) -> dict[str, object]:
    said = [finding.problem, finding.also_at] if finding.also else [finding.problem]
    made: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": used.index(finding.code),
        "level": _level(finding),
        "message": _text(f"{', '.join(said)}. Do: {finding.remedy}"),
        "locations": [_location(finding.place, folder)],
        "partialFingerprints": {"holdfast/v1": finding.fingerprint(_line(finding.place), folder)},
    }
    if finding.path:
        steps: Iterable[Step] = (*finding.path, Step(finding.place, finding.problem))
        flow = [
            {"location": {**_location(step.place, folder), "message": _text(step.text)}}
            for step in steps
        ]
        made["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    return made


def _location(place: Place, folder: Path) -> dict[str, object]:
    path = Path(place.file)
    artifact: dict[str, str]
    if path.is_absolute() and path.is_relative_to(folder):
        artifact = {"uri": _relative_uri(path.relative_to(folder)), "uriBaseId": _ROOT}
    elif path.is_absolute():
        artifact = {"uri": path.as_uri()}
    else:
        artifact = {"uri": _relative_uri(path), "uriBaseId": _ROOT}
    if place.line == 0:
        return {"physicalLocation": {"artifactLocation": artifact}}
    region = {"startLine": place.line, "startColumn": _column(place)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _relative_uri(path: Path) -> str:
    """A relative path with everything escaped that has a meaning in a URI."""
    root = Path("/").absolute()
    return (root / path).as_uri().removeprefix(root.as_uri())


def _line(place: Place) -> str:
    lines = read_source(place.file).lines
    return lines[place.line - 1] if 0 < place.line <= len(lines) else ""


def _column(place: Place) -> int:
    """The column in UTF-16 units; clang counts bytes."""
    before = _line(place).encode("utf-8", "surrogateescape")[: max(place.column - 1, 0)]
    units = before.decode("utf-8", "replace").encode("utf-16-le")
    return max(len(units) // 2, place.column - 1 - len(before)) + 1
