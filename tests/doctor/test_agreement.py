"""Tools that mean another Python than the chosen one (row 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.support import MINOR, REAL, script, subject_of, the_finding, two_minors, venv
from pyholdfast.doctor.checks.agreement import check_agreement
from pyholdfast.doctor.model import Verdict

if TYPE_CHECKING:
    from pathlib import Path


def test_pkg_config_of_another_installation_is_shown_beside_the_chosen(tmp_path: Path) -> None:
    """The system's .pc file answers, whatever is active."""
    script(
        tmp_path / "pkg-config",
        f'case "$1" in --modversion) echo {MINOR};; *) echo /elsewhere;; esac',
    )
    finding = the_finding(check_agreement(subject_of(REAL, {"PATH": str(tmp_path)})), "HF157")

    assert finding.verdict is Verdict.WARNING
    assert finding.evidence == (
        f"holdfast: Python {MINOR} in {REAL.base_prefix}",
        f"pkg-config python3-embed: Python {MINOR} in /elsewhere",
    )
    assert "holdfast config --cflags --ldflags" in finding.fix


def test_python3_on_path_of_another_version_is_shown(tmp_path: Path) -> None:
    """The first python3 on PATH has another minor version."""
    older, newer = two_minors()
    script(tmp_path / "python3", f'exec "{older.executable}" "$@"')
    finding = the_finding(check_agreement(subject_of(newer, {"PATH": str(tmp_path)})), "HF157")

    shown = f"python3 on PATH: Python 3.{older.version[1]} in {older.base_prefix}"
    assert shown in finding.evidence


def test_python3_config_of_another_version_is_shown(tmp_path: Path) -> None:
    """Its includes and its prefix show which Python it belongs to."""
    script(tmp_path / "python3-config", "echo -I/other/include/python3.9; echo /other")
    finding = the_finding(check_agreement(subject_of(REAL, {"PATH": str(tmp_path)})), "HF157")

    assert "python3-config: Python 3.9 in /other" in finding.evidence


def test_pip_that_installs_elsewhere_is_shown(tmp_path: Path) -> None:
    """The environment is used, but pip belongs to the installation that it was made from."""
    inside = venv(tmp_path / "env", REAL.executable)
    pip = tmp_path / "bin" / "pip3"
    pip.parent.mkdir()
    pip.write_text(f"#!{venv(tmp_path / 'other', REAL.executable)}\n")
    pip.chmod(0o755)
    subject = subject_of(replace(REAL, executable=inside), {"PATH": str(pip.parent)})
    finding = the_finding(check_agreement(subject), "HF157")

    assert f"pip: Python {MINOR} in {tmp_path / 'other'}" in finding.evidence


def test_pip_of_the_base_is_shown_too(tmp_path: Path) -> None:
    """The environment does not see what this pip installs."""
    inside = venv(tmp_path / "env", REAL.executable)
    pip = tmp_path / "bin" / "pip3"
    pip.parent.mkdir()
    base = pip.with_name("python3")
    script(base, f'exec "{REAL.executable}" "$@"')
    pip.write_text(f"#!{base}\n")
    pip.chmod(0o755)
    subject = subject_of(replace(REAL, executable=inside), {"PATH": str(pip.parent)})
    finding = the_finding(check_agreement(subject), "HF157")

    assert f"pip: Python {MINOR} in {REAL.base_prefix}" in finding.evidence


def test_tools_that_agree_are_green(tmp_path: Path) -> None:
    """The same Python by another path counts as the same."""
    script(tmp_path / "python3", f'exec "{REAL.executable}" "$@"')
    findings = list(check_agreement(subject_of(REAL, {"PATH": str(tmp_path)})))

    assert [finding.verdict for finding in findings] == [Verdict.GOOD], findings
