"""tools/test_tools.py: what it lists, and what it says where it cannot install. No network, no root."""

from __future__ import annotations

import pytest

import test_tools
from python_matrix import apt


def test_each_tool_has_a_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each."""
    assert test_tools.main(["--list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(test_tools.PACKAGES)
    assert all(len(line.split()) > 1 for line in lines)


def test_who_is_not_root_is_told_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All missing tools, in one command."""
    monkeypatch.setattr(apt, "_installed", lambda _, package: package != "gdb")
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert test_tools.main([]) == 1

    assert "  do: run as root: apt-get install gdb\n" in capsys.readouterr().err
