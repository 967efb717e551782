"""An extension module that meson-python builds."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from harness import run_command

PROJECT = Path(__file__).parent / "projects" / "meson_extension"
CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "how-to" / "other-build-systems.md"
# The environment's programs, meson and ninja, which need not be activated for the tests.
BESIDE = {**os.environ, "PATH": f"{sysconfig.get_path('scripts')}:{os.environ.get('PATH', '')}"}
LACKING = importlib.util.find_spec("mesonpy") is None or not shutil.which(
    "ninja", path=BESIDE["PATH"]
)


@pytest.mark.long
@pytest.mark.skipif(LACKING, reason="meson-python or ninja is not installed")
def test_the_documented_form_builds_with_meson_python(tmp_path: Path) -> None:
    """The wheel's module calls back from native threads."""
    project = shutil.copytree(PROJECT, tmp_path / "project")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps"]
    command += ["-w", str(tmp_path), str(project)]
    built = run_command(command, environ=BESIDE, deadline_s=300)
    assert built.code == 0, built.explain()
    (wheel,) = tmp_path.glob("fan-*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = "import sys; sys.path.insert(0, sys.argv[1]); import fan; print(fan.fan_out(lambda i: i * i, 5))"
    ran = run_command([sys.executable, "-c", code, str(tmp_path / "installed")], deadline_s=60)

    assert ran.out == "30\n", ran.explain()


def test_the_page_shows_what_is_tested() -> None:
    """The page and the tested project are the same, line for line."""
    page = PAGE.read_text(encoding="utf-8")

    for name in ("meson.build", "pyproject.toml"):
        text = (PROJECT / name).read_text(encoding="utf-8").partition("\n[project]")[0]
        assert text.strip() in page
