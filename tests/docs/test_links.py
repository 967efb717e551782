"""Links between the pages lead somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from docs.pages import CHECKOUT, anchors, links, markdown_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("file", markdown_files(), ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_links_lead_to_files_and_headings_that_exist(file: Path) -> None:
    """A relative link names a file of the checkout, and an anchor one of its headings."""
    broken = [target for target in links(file) if not leads_somewhere(file, target)]

    assert broken == []


def leads_somewhere(file: Path, target: str) -> bool:
    """Whether a link's target exists; targets on other machines are not checked."""
    if target.startswith(("https://", "mailto:")):
        return True
    path, _, anchor = target.partition("#")
    there = (file.parent / path).resolve() if path else file
    if not there.is_relative_to(CHECKOUT) or not there.exists():
        return False
    return not anchor or (there.suffix == ".md" and anchor in anchors(there))


def test_every_page_can_be_reached_from_the_readme() -> None:
    """There is a path of links from the README to each page."""
    reached: set[Path] = set()
    to_do = [CHECKOUT / "README.md"]
    while to_do:
        file = to_do.pop()
        if file in reached or file.suffix != ".md" or not file.exists():
            continue
        reached.add(file)
        local = [link.partition("#")[0] for link in links(file) if "://" not in link]
        to_do += [(file.parent / link).resolve() for link in local if link]

    assert sorted(set(markdown_files()) - reached) == []
