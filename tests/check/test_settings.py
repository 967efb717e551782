"""The configuration on Python 3.10, which has no TOML parser of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from pyholdfast.check.settings import read_settings
from pyholdfast.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a configuration."""
    (tmp_path / ".holdfast.toml").write_text('[check]\nexclude = ["old/*"]\n', encoding="utf-8")
    return tmp_path


def test_tomli_reads_it_where_python_does_not(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two have the same function."""
    tomli = ModuleType("tomli")
    read: list[str] = []

    def loads(text: str) -> Mapping[str, object]:
        read.append(text)
        return {"check": {"exclude": ["old/*"]}}

    monkeypatch.setattr(tomli, "loads", loads, raising=False)
    monkeypatch.setitem(sys.modules, "tomllib", None)
    monkeypatch.setitem(sys.modules, "tomli", tomli)

    assert read_settings(project).exclude == ("old/*",)
    assert read == [(project / ".holdfast.toml").read_text(encoding="utf-8")]


def test_without_either_the_message_names_the_extra(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that brings tomli to Python 3.10, and nothing to later ones."""
    monkeypatch.setitem(sys.modules, "tomllib", None)
    monkeypatch.setitem(sys.modules, "tomli", None)

    with pytest.raises(UsageError, match=r"HF625 .*tomli is not installed") as caught:
        read_settings(project)
    assert "pip install 'pyholdfast[check]'" in caught.value.remedy
