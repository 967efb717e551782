"""Named tuples and typed dicts."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, NamedTuple, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired


class Point(NamedTuple):
    """Two coordinates."""

    x: float
    y: float = 0.0


Segment = NamedTuple("Segment", [("start", Point), ("end", Point)])
Bare = namedtuple("Bare", "a b")


class Options(TypedDict, total=False):
    """Every key may be missing."""

    depth: int
    name: str


class Request(TypedDict):
    """With keys of all kinds."""

    url: str
    options: Options
    retries: NotRequired[int]


Header = TypedDict("Header", {"content-type": str, "x": int})


def moved(point: Point, by: float) -> Point:
    """To the right."""
    return point._replace(x=point.x + by)


def middle(segment: Segment) -> Point:
    """Of a segment."""
    return Point((segment.start.x + segment.end.x) / 2, (segment.start.y + segment.end.y) / 2)


def bare(value: Bare) -> int:
    """Fields are objects."""
    return int(value.a) + int(value.b)


def describe(request: Request) -> str:
    """What was asked for."""
    return f"{request['url']} {sorted(request['options'])} {request.get('retries')}"


def options(depth: int | None) -> Options:
    """A key that is missing stays missing."""
    return {} if depth is None else {"depth": depth}


def header(kind: str) -> Header:
    """Keys that are no names."""
    return {"content-type": kind, "x": 1}
