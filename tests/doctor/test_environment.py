"""Variables and virtual environments that do not belong to the Python."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.support import MINOR, REAL, doctor, subject_of, the_finding, two_minors, venv
from pyholdfast.doctor.checks.environment import check_environment
from pyholdfast.doctor.model import Room, Verdict

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fresh_environment_is_green(tmp_path: Path) -> None:
    """A complete, active venv causes no finding."""
    venv(tmp_path / "env", REAL.executable)
    _, findings = doctor("--quick", environ={"VIRTUAL_ENV": str(tmp_path / "env")})
    room = [finding for finding in findings if finding.room is Room.ENVIRONMENT]

    assert {finding.code for finding in room} >= {"HF153", "HF154", "HF166", "HF172", "HF181"}
    assert {finding.verdict for finding in room} == {Verdict.GOOD}, room


def test_an_environment_that_is_not_used_is_named(tmp_path: Path) -> None:
    """Row 3: VIRTUAL_ENV is active, but another Python was chosen."""
    inside = venv(tmp_path / "env", REAL.executable)
    _, findings = doctor(
        "--quick", "--python", REAL.executable, environ={"VIRTUAL_ENV": str(tmp_path / "env")}
    )
    finding = the_finding(findings, "HF153")

    assert finding.evidence[0] == f"VIRTUAL_ENV={tmp_path / 'env'}"
    assert str(REAL.executable) in finding.evidence[1]
    assert finding.fix == f"--python {inside}"


def test_an_environment_without_its_description_is_named(tmp_path: Path) -> None:
    """Row 3: without pyvenv.cfg, the environment's own python starts outside of it."""
    venv(tmp_path / "env", REAL.executable)
    (tmp_path / "env" / "pyvenv.cfg").unlink()
    status, findings = doctor("--quick", environ={"VIRTUAL_ENV": str(tmp_path / "env")})
    finding = the_finding(findings, "HF153")

    assert status == 1
    assert finding.evidence[0] == f"VIRTUAL_ENV={tmp_path / 'env'}"
    assert finding.fix.endswith(f" -m venv {tmp_path / 'env'}")


def test_an_environment_of_another_version_is_named(tmp_path: Path) -> None:
    """Row 16: the python in it was replaced by one of another minor version."""
    older, newer = two_minors()
    inside = venv(tmp_path / "env", older.executable)
    inside.unlink()
    inside.symlink_to(newer.base_executable)
    status, findings = doctor("--quick", environ={"VIRTUAL_ENV": str(tmp_path / "env")})
    finding = the_finding(findings, "HF166")
    packages = tmp_path / "env" / "lib" / f"python3.{newer.version[1]}" / "site-packages"

    assert status == 1
    assert finding.evidence == (
        f"{tmp_path / 'env' / 'pyvenv.cfg'} is of Python 3.{older.version[1]}",
        f"{inside} is Python 3.{newer.version[1]}",
        f"{packages} does not exist",
    )
    assert finding.fix.endswith(f" -m venv --clear {tmp_path / 'env'}")


def test_a_copied_environment_with_a_wrong_version_is_named(tmp_path: Path) -> None:
    """Row 16: pyvenv.cfg was written for another version, the rest looks right."""
    venv(tmp_path / "first", REAL.executable)
    copy = shutil.copytree(tmp_path / "first", tmp_path / "copy", symlinks=True)
    described = (copy / "pyvenv.cfg").read_text()
    lines = [line for line in described.splitlines() if not line.startswith("version")]
    (copy / "pyvenv.cfg").write_text("\n".join([*lines, "version_info = 3.9.1.final.0"]))
    status, findings = doctor("--quick", environ={"VIRTUAL_ENV": str(copy)})
    finding = the_finding(findings, "HF166")

    assert status == 1
    assert finding.evidence[0] == f"{copy / 'pyvenv.cfg'} is of Python 3.9"
    assert finding.fix.endswith(f" -m venv --clear {copy}")


def test_an_environment_whose_base_moved_is_named(tmp_path: Path) -> None:
    """The installation that pyvenv.cfg names as home no longer exists."""
    inside = venv(tmp_path / "env", REAL.executable)
    gone = tmp_path / "gone" / "bin"
    described = (tmp_path / "env" / "pyvenv.cfg").read_text().splitlines()
    (tmp_path / "env" / "pyvenv.cfg").write_text(
        "\n".join([f"home = {gone}", *(line for line in described if not line.startswith("home"))])
    )
    findings = check_environment(subject_of(replace(REAL, executable=inside)))
    finding = the_finding(findings, "HF181")

    assert finding.evidence == (f"{tmp_path / 'env' / 'pyvenv.cfg'} says home = {gone}",)
    assert finding.fix == f"{REAL.base_executable} -m venv --clear {tmp_path / 'env'}"


def test_pythonhome_that_is_an_environment_is_named(tmp_path: Path) -> None:
    """Row 4: PYTHONHOME set to a virtual environment."""
    venv(tmp_path / "env", REAL.executable)
    status, findings = doctor(
        "--quick", "--python", REAL.executable, environ={"PYTHONHOME": str(tmp_path / "env")}
    )
    finding = the_finding(findings, "HF154")

    assert status == 1
    assert finding.evidence == (
        f"PYTHONHOME={tmp_path / 'env'}, a virtual environment",
        f"not there: {tmp_path / 'env' / 'lib' / f'python{MINOR}' / 'encodings'}",
    )
    assert finding.fix == "unset PYTHONHOME"


def test_pythonhome_that_is_right_is_a_warning_only() -> None:
    """It works, but hides every environment."""
    environ = {"PYTHONHOME": str(REAL.base_prefix)}
    finding = the_finding(check_environment(subject_of(REAL, environ)), "HF154")

    assert finding.verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("lib/python3.9/site-packages", "a folder of Python 3.9"),
        ("modules", "modules of Python 3.9"),
    ],
)
def test_pythonpath_of_another_version_is_named(tmp_path: Path, entry: str, reason: str) -> None:
    """Row 22: by the folder's name, or by the compiled modules in it."""
    folder = tmp_path / entry
    (folder / "numpy").mkdir(parents=True)
    (folder / "numpy" / "core.cpython-39-x86_64-linux-gnu.so").touch()
    status, findings = doctor(
        "--quick", "--python", REAL.executable, environ={"PYTHONPATH": f"/usr/share:{folder}"}
    )
    finding = the_finding(findings, "HF172")

    assert status == 1
    assert finding.evidence == (f"{folder}: {reason}",)
    assert finding.fix == "unset PYTHONPATH"


def test_pythonpath_of_sources_is_green(tmp_path: Path) -> None:
    """Plain modules fit any Python, and compiled modules of this version fit this one."""
    (tmp_path / f"fast.cpython-{REAL.version[0]}{REAL.version[1]}-x86_64-linux-gnu.so").touch()
    (tmp_path / "plain.py").touch()
    environ = {"PYTHONPATH": str(tmp_path)}
    found = [f for f in check_environment(subject_of(REAL, environ)) if f.code == "HF172"]

    assert [finding.verdict for finding in found] == [Verdict.GOOD]
