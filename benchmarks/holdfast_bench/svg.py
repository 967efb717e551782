"""What the pictures have in common: colours by the reader's setting, text, lines, the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from pyholdfast.plain_svg import with_plain_attributes

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["document", "line", "text"]

STYLE = """
  svg { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --grid: #d8dee4; --one: #818b98;
        --bar: #0072b2; --slow: #b34700; --goal: #1f2328; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --grid: #2a313a; --one: #656c76;
          --bar: #56b4e9; --slow: #f0a04b; --goal: #e6edf3; }
  }
  text { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
         fill: var(--ink); }
  .head { font-size: 17px; font-weight: 600; } .title { font-weight: 600; }
  .faint { fill: var(--faint); } .small { font-size: 11px; } .end { text-anchor: end; }
  .mid { text-anchor: middle; }
  .paper { fill: var(--paper); } .bar { fill: var(--bar); } .slow { fill: var(--slow); }
  .grid { stroke: var(--grid); } .one { stroke: var(--one); stroke-width: 1.5; }
  .halo { stroke: var(--paper); stroke-width: 5; } .goal { stroke: var(--goal); stroke-width: 2; }
  .spread { stroke: var(--ink); stroke-opacity: 0.55; }
"""


def document(
    width: int, height: int, title: str, description: str, parts: Iterable[str], style: str = ""
) -> str:
    """A whole picture on its paper; needs nothing from elsewhere."""
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(description)}</desc>',
        f"<style>{STYLE}{style}</style>",
        f'<rect class="paper" width="{width}" height="{height}" rx="6"/>',
        *parts,
        "</svg>",
        "",
    ]
    return with_plain_attributes("\n".join(lines))


def text(x: float, y: float, words: str, kind: str) -> str:
    """Words that begin, end or are centred at a point, by their kind."""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'
