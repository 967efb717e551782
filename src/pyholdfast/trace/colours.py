"""The colours of a trace's page and of its still picture.

Each state has one of its own, and no thread has the colour of a state. From the ninth thread on, the
colours of threads return with stripes.
"""

from __future__ import annotations

__all__ = ["STRIPED_FROM", "THREADS", "variables"]

_LIGHT = {
    "bg": "#fbfbf9",
    "fg": "#1d2430",
    "dim": "#5b6475",
    "line": "#dcdfe4",
    "card": "#ffffff",
    "row": "#eef0f3",
    "native": "#dde2e8",
    "wait": "#e69f00",
    "hold": "#0072b2",
    "yield": "#8fc1e3",
    "lock": "#d55e00",
    "drain": "#3b3b3b",
    "task": "#009e73",
    "gc": "#cc79a7",
}
_DARK = {
    "bg": "#12161c",
    "fg": "#e6e9ee",
    "dim": "#a3adbd",
    "line": "#2b323c",
    "card": "#1a2028",
    "row": "#242c36",
    "native": "#333c48",
    "wait": "#f0b429",
    "hold": "#56b4e9",
    "yield": "#2f5f80",
    "lock": "#f2793a",
    "drain": "#d9d9d9",
    "task": "#3dc79b",
    "gc": "#e29ac3",
}
THREADS = (
    "#7b5ea7",
    "#8c6d31",
    "#a23b5c",
    "#4b6a88",
    "#6b8e23",
    "#2f8f8f",
    "#a0522d",
    "#5d5fd3",
)
STRIPED_FROM = len(THREADS)


def variables(selector: str) -> str:
    """Rules of a style sheet that define the colours, for the reader's light or dark scheme.

    >>> variables("svg").splitlines()[0][:29]
    'svg { --bg: #fbfbf9; --fg: #1'
    """
    light, dark = (
        f"{selector} {{ {' '.join(f'--{name}: {value};' for name, value in scheme.items())} }}"
        for scheme in (_LIGHT, _DARK)
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n"
