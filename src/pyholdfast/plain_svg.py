"""Repeats an SVG's colours as plain attributes, for viewers that do not support CSS variables.

In a browser, the style sheet follows the reader's light or dark scheme. Other viewers (rsvg and
programs based on it, previews, converters) ignore declarations that use a variable and draw in
black. They now use the attributes, which hold the light scheme and which any style sheet overrides.
"""

from __future__ import annotations

import re

__all__ = ["with_plain_attributes"]

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_TAG = re.compile(r"<(svg|text|tspan|rect|path|line|circle|polyline|polygon|g)\b([^>]*?)(/?)>")
_FONT = re.compile(r"(\d[\w.]*)\s+(.+)", re.DOTALL)
_INHERITED = ("font-size", "font-family")


def with_plain_attributes(svg: str) -> str:
    """The same picture, with colours on every shape and a font size on every text.

    >>> with_plain_attributes('<svg><style>svg{--a:#123}.x{fill:var(--a)}</style><rect class="x"/></svg>')
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
            wanted = dict(fonts)
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
    """The declarations of each simple selector, with variables replaced by their values."""
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
