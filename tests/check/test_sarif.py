"""SARIF as its standard has it: what viewers and code hosts read from a check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from check.support import check, found, needs_clang_tidy

# From the schema of SARIF 2.1.0: for each object that a check writes, the properties that must be
# there, and all others that may be. No object may have any other property.
PROPERTIES: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema", "inlineExternalProperties", "properties"}),
    "run": (
        {"tool"},
        {"invocations", "originalUriBaseIds", "columnKind", "results", "artifacts", "language"},
    ),
    "tool": ({"driver"}, {"extensions", "properties"}),
    "driver": ({"name"}, {"version", "semanticVersion", "informationUri", "rules", "fullName"}),
    "rule": (
        {"id"},
        {"name", "shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration"},
    ),
    "message": (set(), {"text", "markdown", "id", "arguments"}),
    "configuration": (set(), {"enabled", "level", "rank"}),
    "invocation": ({"executionSuccessful"}, {"toolExecutionNotifications", "exitCode"}),
    "notification": ({"message"}, {"locations", "level", "descriptor", "timeUtc"}),
    "result": (
        {"message"},
        {"ruleId", "ruleIndex", "level", "locations", "partialFingerprints", "codeFlows", "kind"},
    ),
    "location": (set(), {"id", "physicalLocation", "message", "logicalLocations"}),
    "physical": (set(), {"artifactLocation", "region", "contextRegion"}),
    "artifact": (set(), {"uri", "uriBaseId", "index", "description"}),
    "region": (set(), {"startLine", "startColumn", "endLine", "endColumn", "snippet"}),
    "flow": ({"threadFlows"}, {"message"}),
    "thread": ({"locations"}, {"id", "message"}),
    "step": (set(), {"index", "location", "kinds", "importance"}),
}
# The object behind a property; in brackets, if the property is an array of them.
BEHIND = {
    ("log", "runs"): ["run"], ("run", "tool"): "tool", ("tool", "driver"): "driver",
    ("driver", "rules"): ["rule"], ("rule", "shortDescription"): "message",
    ("rule", "fullDescription"): "message", ("rule", "help"): "message",
    ("rule", "defaultConfiguration"): "configuration", ("run", "invocations"): ["invocation"],
    ("invocation", "toolExecutionNotifications"): ["notification"],
    ("notification", "message"): "message", ("notification", "locations"): ["location"],
    ("run", "results"): ["result"], ("result", "message"): "message",
    ("result", "locations"): ["location"], ("result", "codeFlows"): ["flow"],
    ("location", "physicalLocation"): "physical", ("location", "message"): "message",
    ("physical", "artifactLocation"): "artifact", ("physical", "region"): "region",
    ("flow", "threadFlows"): ["thread"], ("thread", "locations"): ["step"],
    ("step", "location"): "location",
}  # fmt: skip
LEVELS = {"none", "note", "warning", "error"}
# Characters that a URI may have as they are.
PLAIN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/%:@!$&'()*+,;=")

WRONG = """#include <Python.h>
void wrong() {
    PyThreadState *saved = PyEval_SaveThread();
    const char *word = "äöü𝄞"; PyErr_Clear(); (void)word;
    PyEval_RestoreThread(saved);
}
void half() { undeclared(); }
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Findings in a file with a name that a URI cannot have as it is, and one unread function."""
    needs_clang_tidy()
    folder = tmp_path_factory.mktemp("sarif")
    (folder / ".holdfast.toml").write_text("[check]\n", encoding="utf-8")
    (folder / "wrong name #1.cpp").write_text(WRONG, encoding="utf-8")
    return found(check("wrong name #1.cpp", "--format", "sarif", cwd=folder))


def _problems(what: str, value: dict[str, Any], at: str) -> list[str]:
    needed, allowed = PROPERTIES[what]
    found_here = [f"{at}: no {name}" for name in sorted(needed - value.keys())]
    found_here += [f"{at}: {name}" for name in sorted(value.keys() - needed - allowed)]
    if value.get("level", "none") not in LEVELS:
        found_here.append(f"{at}: level {value['level']}")
    for name, inner in value.items():
        kind = BEHIND.get((what, name))
        if isinstance(kind, str):
            found_here += _problems(kind, inner, f"{at}.{name}")
        elif kind is not None:
            for number, each in enumerate(inner):
                found_here += _problems(kind[0], each, f"{at}.{name}[{number}]")
    return found_here


def test_every_object_is_one_of_the_standard(report: dict[str, Any]) -> None:
    """Required properties are there, and no other than those of the standard."""
    (run,) = report["runs"]

    assert _problems("log", report, "log") == []
    assert report["version"] == "2.1.0"
    assert run["results"]
    assert run["invocations"][0]["toolExecutionNotifications"]
    assert all("text" in result["message"] for result in run["results"])


def test_places_are_uris_from_a_root(report: dict[str, Any]) -> None:
    """A viewer finds the file, also if its name has characters that a URI gives a meaning."""
    (run,) = report["runs"]
    root = run["originalUriBaseIds"]["%SRCROOT%"]["uri"]
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]

    assert artifact == {"uri": "wrong%20name%20%231.cpp", "uriBaseId": "%SRCROOT%"}
    assert root.startswith("file:///")
    assert root.endswith("/")
    assert set(root) <= PLAIN
    assert Path(unquote(root.removeprefix("file://")), unquote(artifact["uri"])).is_file()


def test_columns_count_what_the_report_says_they_count(report: dict[str, Any]) -> None:
    """UTF-16 units: three letters of two bytes, and one of four bytes and two units."""
    (run,) = report["runs"]
    (result,) = [each for each in run["results"] if each["ruleId"] == "HF601"]
    line = WRONG.splitlines()[3]
    units = len(line[: line.index("PyErr_Clear")].encode("utf-16-le")) // 2

    assert run["columnKind"] == "utf16CodeUnits"
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 4, "startColumn": units + 1}


def test_a_name_that_is_not_utf8_leaves_valid_json(tmp_path: Path) -> None:
    """JSON has no form for half a pair; a viewer would refuse the whole file."""
    needs_clang_tidy()
    (tmp_path / "wrong.cpp").write_bytes(b"#error k\xe4se\n")
    outcome = check("wrong.cpp", "--format", "sarif", cwd=tmp_path)

    assert json.loads(outcome.out)["version"] == "2.1.0"
    assert "\\ud8" not in outcome.out.lower()
    assert "\\udc" not in outcome.out.lower()
