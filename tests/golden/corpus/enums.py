"""Enumerations, flags and literals."""

from enum import Enum, Flag, IntEnum, IntFlag, auto
from typing import Literal

Mode = Literal["fast", "slow"]


class Color(Enum):
    """Values of any type: C++ sees the names."""

    RED = (255, 0, 0)
    GREEN = (0, 255, 0)
    CRIMSON = RED


class Level(IntEnum):
    """With numbers."""

    LOW = 1
    MIDDLE = 5
    HIGH = auto()


class Access(Flag):
    """Can be combined."""

    READ = auto()
    WRITE = auto()
    ALL = READ | WRITE


class Bits(IntFlag):
    """Combined, and integers."""

    A = 1
    B = 2
    C = 1 << 4


Shape = Enum("Shape", "ROUND SQUARE")


def invert(color: Color) -> Color:
    """The other one."""
    return Color.GREEN if color is Color.RED else Color.RED


def raised(level: Level) -> Level:
    """One up."""
    return Level.HIGH if level is Level.MIDDLE else Level.MIDDLE


def merged(a: Access, b: Access) -> Access:
    """Both."""
    return a | b


def bits(value: Bits) -> list[Bits]:
    """One by one."""
    return [bit for bit in Bits if bit in value]


def shape(name: str) -> Shape:
    """By its name."""
    return Shape[name]


def run(mode: Mode, level: Literal[0, 1, 2] = 1) -> Mode:
    """A literal with a name, and one without."""
    return "fast" if level > 1 else mode


def answer(asked: bool) -> Literal["yes", "no", None]:
    """None among the values."""
    return None if not asked else "yes"


def table() -> dict[Color, Level]:
    """Enumerations as keys."""
    return {Color.RED: Level.LOW}
