"""Pictures in simple viewers: colours without a style sheet."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from outside.pages import write_page
from pyholdfast.trace.building import build
from pyholdfast.trace.file_layout import read_trace
from pyholdfast.trace.svg import still

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SHAPES = ("rect", "path", "line", "circle", "polyline", "polygon")


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
