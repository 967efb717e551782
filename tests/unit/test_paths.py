"""The paths of the package's parts, and its version."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

import pytest

import pyholdfast
from pyholdfast import paths
from pyholdfast.errors import HoldfastError

if TYPE_CHECKING:
    from pathlib import Path


def test_every_folder_holds_what_it_is_for() -> None:
    """Build systems are given these folders."""
    assert (paths.include_dir() / "holdfast" / "version.hpp").is_file()
    assert (paths.cmake_dir() / "holdfastConfig.cmake").is_file()
    assert (paths.pkgconfig_dir() / "holdfast.pc").is_file()
    assert paths.exported_symbols().is_file()


def test_the_version_comes_from_the_header_and_nowhere_else() -> None:
    """pkg-config's file must repeat it correctly."""
    pc = (paths.pkgconfig_dir() / "holdfast.pc").read_text(encoding="utf-8")

    assert re.fullmatch(r"\d+\.\d+\.\d+", paths.version())
    assert pyholdfast.__version__ == paths.version()
    assert f"\nVersion: {paths.version()}\n" in pc


def test_both_leaders_spellings_work() -> None:
    """Projects that move from pybind11 or nanobind keep their lines."""
    assert pyholdfast.get_include() == pyholdfast.include_dir() == str(paths.include_dir())
    assert pyholdfast.get_cmake_dir() == pyholdfast.cmake_dir() == str(paths.cmake_dir())
    assert pyholdfast.get_pkgconfig_dir() == str(paths.pkgconfig_dir())


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    """The module's own lookup hides nothing."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        importlib.import_module("pyholdfast").nothing  # noqa: B018


def test_a_missing_header_is_an_incomplete_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HF117 names the file."""
    monkeypatch.setattr(paths, "PACKAGE", tmp_path)
    paths.version.cache_clear()

    with pytest.raises(HoldfastError, match=r"version\.hpp") as caught:
        paths.version()

    paths.version.cache_clear()
    assert caught.value.code == "HF117"
    assert caught.value.remedy.startswith("install holdfast again, from where you installed it")
