"""Packages that are not in the bundle as a whole are refused, and the doctor finds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyholdfast.bundle.manifest import MARKER, hash_files
from pyholdfast.bundle.outside import demand_inside, lines_leading_out
from pyholdfast.doctor.checks.bundle import check_bundle
from pyholdfast.doctor.model import Verdict
from pyholdfast.errors import UsageError

LEADING_OUT = (
    "/home/me/app/src",
    "C:\\app\\src",
    "C:/app/src",
    "../../../src",
    "..\\src",
    "import __editable___app_1_0_finder; __editable___app_1_0_finder.install()",
)
HARMLESS = ("", "# /comment", "inside", "inside/deeper", "import os; os.getcwd()", "import_me")


@pytest.mark.parametrize("line", LEADING_OUT)
def test_a_line_that_leads_out(tmp_path: Path, line: str) -> None:
    """HF123 names the package that has it."""
    (tmp_path / "__editable__.app.pth").write_text(f"{line}\n")
    (tmp_path / "the_app-1.0.dist-info").mkdir()
    (tmp_path / "the_app-1.0.dist-info" / "RECORD").write_text("__editable__.app.pth,,\n")

    assert [found for _, found in lines_leading_out(tmp_path)] == [line]
    with pytest.raises(UsageError, match="'the_app'") as caught:
        demand_inside(tmp_path)
    assert caught.value.code == "HF123"


def test_other_lines_stay(tmp_path: Path) -> None:
    """Folders beside the file, and statements."""
    (tmp_path / "some.pth").write_text("\n".join(HARMLESS))

    demand_inside(tmp_path)


def test_pip_says_that_a_package_is_editable(tmp_path: Path) -> None:
    """In the file that it writes for each package that is not from an index."""
    info = tmp_path / "app-1.0.dist-info"
    info.mkdir()
    (info / "direct_url.json").write_text('{"url": "file:///app", "dir_info": {}}')
    demand_inside(tmp_path)
    (info / "direct_url.json").write_text('{"url": "file:///app", "dir_info": {"editable": true}}')

    with pytest.raises(UsageError, match="'app'"):
        demand_inside(tmp_path)


@pytest.mark.parametrize("place", ["lib/python3.12/site-packages", "Lib/site-packages"])
def test_the_doctor_finds_it(tmp_path: Path, place: str) -> None:
    """In a bundle for Linux and in one for Windows."""
    site = tmp_path / place
    site.mkdir(parents=True)
    (site / "app.pth").write_text("/home/me/app/src\n")
    manifest = {"format": 1, "machine": "pdp11", "files": hash_files(tmp_path)}
    (tmp_path / MARKER).write_text(json.dumps(manifest))

    wrong = [one for one in check_bundle(tmp_path) if one.verdict is Verdict.BAD]

    assert [(one.code, one.evidence) for one in wrong] == [
        ("HF196", (f"{place}/app.pth: /home/me/app/src",))
    ]
