"""The style of the benchmarks' pictures: colours for light and dark, and sizes of text."""

from __future__ import annotations

__all__ = ["STYLE"]

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
