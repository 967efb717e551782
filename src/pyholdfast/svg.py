"""Writes pictures as SVG that needs no fonts, scripts or other files.

Shapes have classes, and a style sheet gives the classes their colours. So in a browser, a picture
follows the reader's light or dark scheme. Other viewers (rsvg and programs based on it, previews,
converters) ignore declarations that use a variable and draw in black. They use the attributes, which
hold the light scheme and which any style sheet overrides.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["document", "fitted", "line", "rect", "text"]

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_TAG = re.compile(r"<(svg|text|tspan|rect|path|line|circle|polyline|polygon|g)\b([^>]*?)(/?)>")
_FONT = re.compile(r"(\d[\w.]*)\s+(.+)", re.DOTALL)
_INHERITED = ("font-size", "font-family")
# Of the font's size, in fonts that run wide: the reader's is not known.
_NARROW, _USUAL, _CAPITAL, _WIDE = 0.42, 0.64, 0.78, 1.05


def document(
    width: int, height: int, title: str, description: str, style: str, parts: Iterable[str]
) -> str:
    """A whole picture; its background has the class ``paper``.

    Args:
        width: in pixels.
        height: in pixels.
        title: what the picture shows, for screen readers.
        description: what can be seen in it.
        style: the style sheet: variables of ``svg``, and rules for one tag or class each.
        parts: the shapes, from the back to the front.
    """
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(description)}</desc>',
        f"<style>{style}</style>",
        rect(0, 0, width, height, "paper", 6),
        *parts,
        "</svg>",
        "",
    ]
    return _with_plain_attributes("\n".join(lines))


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """Words at a point; their class says whether they begin, end or are centred there.

    >>> text(24, 7.25, "a & b", "small")
    '<text x="24" y="7.2" class="small">a &amp; b</text>'
    """
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{_number(x)}" y="{_number(y)}"{named}>{escape(words)}</text>'


def fitted(words: str, pixels: float, font: float) -> str:
    """The words, without their middle if they would be wider: names of one kind differ at the end.

    >>> fitted("decoder-of-frames-12", 90, 13)
    'decode\u2026-12'
    >>> fitted("decoder-12", 90, 13)
    'decoder-12'
    """
    most = int(pixels / (_NARROW * font))  # letters that could fit, so that a long text is no work
    if len(words) <= most and _width(words) * font <= pixels:
        return words
    shown = words[:1]
    for kept in range(min(len(words) - 1, most), 0, -1):
        end = kept * 2 // 5
        shown = f"{words[: kept - end]}\N{HORIZONTAL ELLIPSIS}{words[len(words) - end :]}"
        if _width(shown) * font <= pixels:
            break
    return shown


def _width(words: str) -> float:
    return sum(map(_width_of, words))


def _width_of(letter: str) -> float:
    if letter in "WMm@%\N{HORIZONTAL ELLIPSIS}" or unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    if letter in "fijlrtI-.,:;|'!()[]/ ":
        return _NARROW
    return _CAPITAL if letter.isupper() or letter == "w" else _USUAL


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    first = f'x1="{_number(x1)}" y1="{_number(y1)}"'
    return f'<line {first} x2="{_number(x2)}" y2="{_number(y2)}" class="{kind}"/>'


def rect(x: float, y: float, width: float, height: float, kind: str, rounded: int = 0) -> str:
    """A box, perhaps with round corners."""
    corners = f' rx="{rounded}"' if rounded else ""
    place = f'x="{_number(x)}" y="{_number(y)}"'
    size = f'width="{_number(width)}" height="{_number(height)}"'
    return f'<rect class="{kind}" {place} {size}{corners}/>'


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _with_plain_attributes(svg: str) -> str:
    """The same picture, with colours on every shape and a font size on every text.

    >>> _with_plain_attributes('<svg><style>svg{--a:#123}.x{fill:var(--a)}</style><rect class="x"/></svg>')
    '<svg><style>svg{--a:#123}.x{fill:var(--a)}</style><rect fill="#123" class="x"/></svg>'
    """
    found = _STYLE.search(svg)
    if found is None:
        return svg
    rules = _rules(_MEDIA.sub("", found[1]))
    fonts = {name: value for name, value in rules.get("text", {}).items() if name in _INHERITED}

    def attributed(tag: re.Match[str]) -> str:
        name, given, end = tag.groups()
        if name == "svg":
            wanted = dict(fonts)  # once, for all
        else:
            wanted = {key: value for key, value in rules.get(name, {}).items() if key not in fonts}
            classes = re.search(r'class="([^"]*)"', given)
            for each in classes[1].split() if classes else ():
                wanted.update(rules.get(f".{each}", {}))
        added = (
            f' {key}="{value}"'
            for key, value in wanted.items()
            if not re.search(rf"\b{key}=", given)
        )
        return f"<{name}{''.join(added)}{given}{end}>"

    head, tail = svg[: found.start()], svg[found.end() :]
    return _TAG.sub(attributed, head) + found[0] + _TAG.sub(attributed, tail)


def _rules(sheet: str) -> dict[str, dict[str, str]]:
    """Each simple selector's declarations, with the values of variables."""
    read = [
        (selector.strip(), _declarations(body))
        for selectors, body in _RULE.findall(sheet)
        for selector in selectors.split(",")
    ]
    variables = {
        name: value
        for selector, declared in read
        if selector in (":root", "svg")
        for name, value in declared.items()
        if name.startswith("--")
    }
    rules: dict[str, dict[str, str]] = {}
    for selector, declared in read:
        for name, value in declared.items():
            if not name.startswith("--"):
                plain = re.sub(r"var\((--[\w-]+)\)", lambda v: variables.get(v[1], "#888"), value)
                rules.setdefault(selector, {})[name] = plain.replace('"', "'")
    return rules


def _declarations(body: str) -> dict[str, str]:
    declared: dict[str, str] = {}
    for part in body.split(";"):
        name, _, value = (item.strip() for item in part.partition(":"))
        if name == "font" and (font := _FONT.fullmatch(value)):
            declared["font-size"], declared["font-family"] = font[1], font[2]
        elif name:
            declared[name] = value
    return declared
