"""The documentation site: it is made without a warning, and has what its pages link to."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import docs_site
from docs.pages import CHECKOUT


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as Sphinx gets them."""
    folder = tmp_path_factory.mktemp("pages")
    docs_site.stage(CHECKOUT, folder)
    return folder


def build(pages: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Run Sphinx as `make docs` does."""
    pytest.importorskip("sphinx")
    return subprocess.run(
        docs_site.command(pages, site), capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.ci
def test_the_site_is_made_without_a_warning(pages: Path, tmp_path: Path) -> None:
    """All links and anchors lead somewhere; every page is in the sidebar; there is a search."""
    built = build(pages, tmp_path)

    assert (built.returncode, built.stderr) == (0, "")
    for name in ("README.html", "search.html", "docs/reference/names.html"):
        assert (tmp_path / name).is_file(), name


def test_a_broken_link_is_an_error(tmp_path: Path) -> None:
    """Also in a site of two pages."""
    pages = tmp_path / "pages"
    (pages / "docs").mkdir(parents=True)
    (pages / "README.md").write_text("# A\n\n[gone](docs/gone.md)\n", encoding="utf-8")
    (pages / "conf.py").write_text(docs_site.SETTINGS, encoding="utf-8")
    built = build(pages, tmp_path / "site")

    assert built.returncode != 0
    assert "docs/gone.md" in built.stderr


def test_names_are_alphabetical(pages: Path) -> None:
    """Of C++ and of C, each with the page that explains it."""
    text = (pages / docs_site.INDEX).read_text(encoding="utf-8")
    names = [line.split("`")[1].lower() for line in text.splitlines() if line.startswith("- [`")]

    assert names == sorted(names)
    assert {"attach_guard", "isolated_executor", "interpreter"} <= set(names)


def test_files_that_are_no_pages_are_copied(pages: Path) -> None:
    """Pictures, and sources that a page links to; a link to a folder is one to its README."""
    assert (pages / "docs" / "images" / "ratios.svg").is_file()
    assert (pages / "docs" / "explanation" / "probes" / "late_attach.cpp").is_file()
    assert "](examples)" not in (pages / "README.md").read_text(encoding="utf-8")
