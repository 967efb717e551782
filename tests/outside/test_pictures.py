"""Pictures in simple viewers: colours without a style sheet, and labels that do not overlap."""

from __future__ import annotations

import itertools
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from outside.pages import write_page
from pyholdfast.trace.file_layout import read_trace
from pyholdfast.trace.html import TEMPLATE
from pyholdfast.trace.model import build
from pyholdfast.trace.svg import still

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SHAPES = ("rect", "path", "line", "circle", "polyline", "polygon")
LEAST_APART = 13  # pixels between the lines of two labels


def pictures(folder: Path) -> dict[str, str]:
    """The pictures of the docs, and one of a trace."""
    file = folder / "made.trace"
    write_page(file, pid=os.getpid())
    made = {path.name: path.read_text(encoding="utf-8") for path in IMAGES.glob("*.svg")}
    return {**made, "a trace": still(build(read_trace(file)))}


def test_every_shape_has_its_colour_without_css(tmp_path: Path) -> None:
    """As rsvg draws it, which ignores a declaration with a variable."""
    for name, text in pictures(tmp_path).items():
        root = ET.fromstring(re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))  # noqa: S314
        for element in root.iter():
            tag = element.tag.rpartition("}")[2]
            colours = [element.get("fill"), element.get("stroke")]

            assert tag not in (*SHAPES, "text") or any(colours), (name, element.attrib)
            assert "var(" not in " ".join(element.attrib.values()), (name, element.attrib)
        assert root.get("font-size"), name


def test_the_labels_of_a_histogram_have_a_line_each() -> None:
    """p50, p99 and max may be at the same place."""
    script = TEMPLATE.read_text(encoding="utf-8")
    lines = sorted(int(y) for y in re.findall(r'\["(?:p50|p99|max)", found\.\w+, (\d+)\]', script))
    (height,) = map(int, re.findall(r"\$\{high \+ (\d+)\}\" width", script))

    assert len(lines) == 3
    assert all(second - first >= LEAST_APART for first, second in itertools.pairwise(lines))
    assert height > lines[-1]
