"""Which compiler the programs of the long run are built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from program_build import second_compiler

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("installed", "chosen"), [(("c++", "clang++"), "clang++"), (("c++",), "c++")]
)
def test_clang_is_the_second_compiler_if_it_is_there(
    installed: tuple[str, ...], chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the machine's own builds all programs."""
    for name in installed:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)

    assert second_compiler().name == chosen
