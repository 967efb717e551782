#!/usr/bin/env python3
"""Makes the documentation site, build/site, from the Markdown pages: Sphinx, with search.

The pages are copied to build/pages first, with the files that they link to. There a link to a folder
becomes one to its README, the README gets the list of pages that docs/README.md has, for the sidebar,
and an alphabetical index of names is written.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

__all__ = ["command", "main", "names", "sections", "stage"]

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES = CHECKOUT / "build" / "pages"
SITE = CHECKOUT / "build" / "site"
INDEX = "docs/reference/names.md"
_LINK = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
SETTINGS = """\
project = html_title = "holdfast"
root_doc = "README"
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
# Pieces of code with an ellipsis, and tables of types, are not C++.
suppress_warnings = ["misc.highlighting_failure"]
"""


def stage(checkout: Path, to: Path) -> None:
    """Copy the pages and what they link to, and write what only the site has."""
    shutil.rmtree(to, ignore_errors=True)
    for page in _pages(checkout):
        text = page.read_text(encoding="utf-8")
        for file in _linked(page, checkout):
            _write(to / file.relative_to(checkout), file.read_bytes())
        text = _LINK.sub(partial(_of_folder, page), text)
        _write(to / page.relative_to(checkout), text.encode())
    readme = to / "README.md"
    found = sections((checkout / "docs" / "README.md").read_text(encoding="utf-8"))
    found["Reference"].insert(0, ("Names", INDEX.removesuffix(".md")))
    found["Examples"] = [(page.parent.name.replace("_", " "), _name(page, checkout))
                         for page in sorted((checkout / "examples").glob("*/README.md"))]  # fmt: skip
    found["Project"] = [("Overview", "docs/README"), *(
        (name.capitalize(), name) for name in ("CHANGELOG", "CONTRIBUTING", "RELEASING", "SECURITY")
    ), ("Changes to come", "changelog.d/README")]  # fmt: skip
    with readme.open("a", encoding="utf-8") as out:
        for caption, entries in found.items():
            out.write(f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n")
            out.writelines(f"{title} <{name}>\n" for title, name in entries)
            out.write("```\n")
    _write(to / INDEX, names(checkout / "docs" / "reference").encode())
    _write(to / "conf.py", SETTINGS.encode())


def _pages(checkout: Path) -> Iterator[Path]:
    for pattern in ("*.md", "docs/**/*.md", "examples/*/README.md", "benchmarks/README.md",
                    "changelog.d/README.md"):  # fmt: skip
        yield from sorted(checkout.glob(pattern))


def _name(page: Path, checkout: Path) -> str:
    return str(page.relative_to(checkout).with_suffix(""))


def _linked(page: Path, checkout: Path) -> Iterator[Path]:
    """The files of the checkout, other than pages, that a page links to or shows."""
    for _, target, _ in _LINK.findall(page.read_text(encoding="utf-8")):
        file = (page.parent / target).resolve()
        if file.is_file() and file.suffix != ".md" and file.is_relative_to(checkout):
            yield file


def _of_folder(page: Path, link: re.Match[str]) -> str:
    """A link; to the README if it names a folder, and to docs/README.md if there is none."""
    folder = page.parent / link[2]
    if not folder.is_dir():
        return link[0]
    inside = "README.md" if (folder / "README.md").is_file() else "first_host/README.md"
    return f"{link[1]}{link[2].rstrip('/')}/{inside}{link[3]}"


def _write(to: Path, content: bytes) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(content)


def sections(text: str) -> dict[str, list[tuple[str, str]]]:
    r"""Title and page of each entry of docs/README.md, by section.

    >>> sections("## How-to\n- [Find out\n  who hangs](how-to/who.md): a report\n## Words\nword\n")
    {'How-to': [('Find out who hangs', 'docs/how-to/who')]}
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        caption, _, rest = part.partition("\n")
        entries = re.findall(r"\[([^\]]+)\]\(([^)#\s]+)\.md\)", rest)
        if entries:
            found[caption] = [(" ".join(title.split()), posixpath.normpath(f"docs/{name}"))
                              for title, name in entries]  # fmt: skip
    return found


def names(reference: Path) -> str:
    """The page that lists every documented name alphabetically."""
    found = []
    for page in sorted(reference.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ")
        for name in re.findall(r"^###+ `([^`]+)`$", text, re.MULTILINE):
            anchor = re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-")
            found.append((name, f"[`{name}`]({page.name}#{anchor}) in {title}"))
    found.sort(key=lambda item: (item[0].lower(), item[1]))
    lines = ["# Names", "", "Every documented class and function, alphabetically."]
    letter = ""
    for name, link in found:
        if name[0].upper() != letter:
            letter = name[0].upper()
            lines += ["", f"## {letter}", ""]
        lines.append(f"- {link}")
    return "\n".join([*lines, ""])


def command(pages: Path, site: Path) -> list[str]:
    """The call of Sphinx; a warning, such as a broken link, is an error."""
    return [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        str(pages),
        str(site),
    ]


def main() -> int:
    """Make the site."""
    stage(CHECKOUT, PAGES)
    shutil.rmtree(SITE, ignore_errors=True)
    built = subprocess.run(command(PAGES, SITE), check=False)
    if built.returncode == 0:
        shutil.copyfile(SITE / "README.html", SITE / "index.html")
        print(f"{SITE.relative_to(CHECKOUT)}/index.html")
    return built.returncode


if __name__ == "__main__":
    sys.exit(main())
