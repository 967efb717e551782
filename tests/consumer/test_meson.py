"""An extension module that Meson builds, by the backend for Python packages."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from harness import run_command

PROJECT = Path(__file__).parent / "projects" / "meson_extension"
CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "how-to" / "other-build-systems.md"
LACKING = importlib.util.find_spec("mesonpy") is None or shutil.which("ninja") is None


@pytest.mark.long
@pytest.mark.skipif(LACKING, reason="meson-python or ninja is not installed")
def test_the_documented_form_builds_with_meson_python(tmp_path: Path) -> None:
    """The wheel's module calls back from native threads."""
    project = shutil.copytree(PROJECT, tmp_path / "project")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps"]
    built = run_command([*command, "-w", str(tmp_path), str(project)], deadline_s=300)
    assert built.code == 0, built.explain()
    (wheel,) = tmp_path.glob("fan-*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = "import sys; sys.path.insert(0, sys.argv[1]); import fan; print(fan.fan_out(lambda i: i * i, 5))"
    ran = run_command([sys.executable, "-c", code, str(tmp_path / "installed")], deadline_s=60)

    assert ran.out == "30\n", ran.explain()


def test_the_page_shows_what_is_tested() -> None:
    """Line for line."""
    page = PAGE.read_text(encoding="utf-8")

    for name in ("meson.build", "pyproject.toml"):
        text = (PROJECT / name).read_text(encoding="utf-8").partition("\n[project]")[0]
        assert text.strip() in page
