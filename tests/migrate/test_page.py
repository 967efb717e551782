"""The page about the proof: its listing is checked, migrated and shown as it really is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from check.support import needs_clang_tidy
from docs.pages import CHECKOUT, fences
from matrix import default_python

PAGE = CHECKOUT / "docs" / "explanation" / "proof.md"
_REPORT = re.compile(r"^(?:\S+):(\d+):(\d+): ((?:note: )?HF\d{3} .*)$", re.MULTILINE)


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    """The article's listing, as the page has it."""
    needs_clang_tidy()
    (text,) = [fence.text for fence in fences(PAGE) if fence.argument == "article.cpp"]
    file = tmp_path / "article.cpp"
    file.write_text(text, encoding="utf-8")
    return file


def _run(file: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pyholdfast", words[0], file.name, "--python",
         str(default_python().path), *words[1:]],
        cwd=file.parent, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout


def test_the_check_says_what_the_page_says(listing: Path) -> None:
    """Each line, in its order; the page leaves out source lines and remedies."""
    (shown,) = [fence.text for fence in fences(PAGE) if "holdfast check" in fence.text]
    said = _run(listing, "check", "--target", "3.15")

    assert _REPORT.findall(said) == _REPORT.findall(shown)


def test_the_migrated_listing_is_the_one_on_the_page(listing: Path) -> None:
    """Word by word; test_snippets compiles and runs it."""
    _run(listing, "migrate", "--write")
    (shown,) = [fence.text for fence in fences(PAGE) if fence.verb == "program"]

    assert listing.read_text(encoding="utf-8") == shown
