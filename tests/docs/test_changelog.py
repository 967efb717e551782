"""The fragments in changelog.d, and the section of the changelog that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import changelog

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG = f"# Changelog\n\n{changelog.MARK}\n## 0.1.0, 2026-01-01\n"


def write(folder: Path, **texts: str) -> None:
    """Write fragments, named ISSUE_KIND."""
    for name, text in texts.items():
        (folder / f"{name.strip('_').replace('_', '.')}.md").write_text(text, encoding="utf-8")


def test_fragments_are_as_the_rule_says() -> None:
    """Each is ISSUE.KIND.md and contains paragraphs of prose, which become items of a list."""
    files = changelog.fragments(changelog.FOLDER)

    assert [line for file in files for line in changelog.complaints(file)] == []


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("7.improved.md", "`run` is faster.\n", "the name"),
        ("run.fixed.md", "`run` is faster.\n", "the name"),
        ("7.fixed.txt", "`run` is faster.\n", "the name"),
        ("7.fixed.md", "", "begin with text"),
        ("7.fixed.md", "`run` is faster.", "one newline"),
        ("7.fixed.md", "`run` is faster. \n", "no spaces"),
        ("7.fixed.md", "One.\n\n\nTwo.\n", "one empty line"),
        ("7.fixed.md", "# Fixed\n\n`run` is faster.\n", "prose"),
        ("7.fixed.md", "- `run` is faster.\n", "prose"),
        ("7.fixed.md", "`run` is faster\n", "full stop"),
        ("7.fixed.md", "`run is faster.\n", "backtick"),
    ],
)
def test_what_is_not_a_fragment_is_refused(name: str, text: str, why: str, tmp_path: Path) -> None:
    """The error gives the reason."""
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert any(why in line for line in changelog.complaints(tmp_path / name))


def test_fragments_become_a_section_above_the_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By kind, then by number; the README stays, and the fragments are deleted."""
    folder, file = tmp_path / "changelog.d", tmp_path / "CHANGELOG.md"
    folder.mkdir()
    write(folder, README="How.\n", _10_fixed="Ten.\n", _9_fixed="Nine,\nlonger.\n\nMore.\n")
    write(folder, _11_added="Eleven.\n")
    file.write_text(CHANGELOG, encoding="utf-8")
    monkeypatch.setattr(changelog, "FOLDER", folder)
    monkeypatch.setattr(changelog, "CHANGELOG", file)

    assert changelog.main(["0.2.0"]) == 0
    before, mark, after = file.read_text(encoding="utf-8").partition(changelog.MARK)
    title, _, rest = after.lstrip().partition("\n")
    assert before + mark == f"# Changelog\n\n{changelog.MARK}"
    assert title.startswith("## 0.2.0, 20")
    assert rest == (
        "\n### Added\n\n- Eleven.\n\n### Fixed\n\n- Nine,\n  longer.\n- More.\n- Ten.\n"
        "\n## 0.1.0, 2026-01-01\n"
    )
    assert [left.name for left in folder.iterdir()] == ["README.md"]
    assert changelog.main(["0.2.0"]) == 1


def test_nothing_is_written_if_a_fragment_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names the fragment."""
    write(tmp_path, _3_better="Three.\n")
    monkeypatch.setattr(changelog, "FOLDER", tmp_path)
    monkeypatch.setattr(changelog, "CHANGELOG", tmp_path / "none")

    assert changelog.main(["0.2.0"]) == 1
    assert "3.better.md: the name" in capsys.readouterr().err
    assert (tmp_path / "3.better.md").exists()


def test_the_changelog_has_its_mark() -> None:
    """Without it, a release would find no place for its section."""
    assert changelog.CHANGELOG.read_text(encoding="utf-8").count(changelog.MARK) == 1
