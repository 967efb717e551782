"""Packages: every header compiles alone and with the others, and messages name their file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from header_syntax import compile_alone
from pyholdfast.cli import main

HEADERS = Path(__file__).resolve().parents[1] / "golden" / "headers"
# Each module of a package names types of the others.
PACKAGES = {
    "an alias that a third module spells out": {
        "names": "from collections.abc import Callable\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from .shapes import Shape\n"
        'Maker = Callable[[int], "Shape"]\n',
        "canvas": "from .names import Maker\n"
        "class Canvas:\n    def __init__(self, make: Maker) -> None: ...\n"
        "    def again(self, make: Maker, n: int = 1) -> Maker: ...\n",
        "shapes": "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from .canvas import Canvas\n"
        'class Shape:\n    def draw(self, on: "Canvas") -> int: ...\n'
        "    @property\n    def home(self) -> 'Canvas | None': ...\n",
    },
    "records, a class and an enumeration in a circle": {
        "a": "from dataclasses import dataclass\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from .b import B\n    from .c import C, Kind\n"
        '@dataclass\nclass A:\n    b: "list[B]"\n    kind: "Kind"\n'
        '    def of(self, c: "C") -> "B | None": ...\n',
        "b": "from dataclasses import dataclass\nfrom .a import A\n"
        "@dataclass\nclass B(A):\n    n: int = 1\n"
        "    @classmethod\n    def made(cls, a: A) -> 'B': ...\n",
        "c": "from enum import Enum\nfrom .a import A\nfrom .b import B\n"
        "class Kind(Enum):\n    X = 1\nclass C:\n    def all(self, a: A, *b: B) -> dict[Kind, A]: ...\n",
    },
}


@pytest.mark.ci
@pytest.mark.parametrize("name", list(PACKAGES))
def test_every_header_of_a_package_compiles(name: str, tmp_path: Path) -> None:
    """Alone, and together in one program in either order."""
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "__init__.py").touch()
    modules = PACKAGES[name]
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)
    words = [str(folder / f"{module}.py") for module in modules]
    assert main(["bind", *words, "-o", str(tmp_path)]) == 0
    includes = [f'#include "{module}.hpp"\n' for module in modules]
    for number, text in enumerate((*includes, "".join(includes), "".join(reversed(includes)))):
        source = tmp_path / f"{number}.cpp"
        source.write_text(text)

        assert compile_alone(source, tmp_path) == ""


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(header, id=header.stem, marks=pytest.mark.long)
        for header in sorted(HEADERS.glob("*.hpp"))
    ],
)
def test_every_header_of_the_corpus_compiles_alone(header: Path, tmp_path: Path) -> None:
    """And not only after others that happen to include what it needs."""
    source = tmp_path / "alone.cpp"
    source.write_text(f'#include "{header.name}"\n')

    assert compile_alone(source, HEADERS) == ""


def test_all_headers_of_the_corpus_compile_together(tmp_path: Path) -> None:
    """In reverse alphabetical order, so that no header's needs are included before it."""
    source = tmp_path / "all.cpp"
    headers = sorted(HEADERS.glob("*.hpp"), reverse=True)
    source.write_text("".join(f'#include "{header.name}"\n' for header in headers))

    assert compile_alone(source, HEADERS) == ""


OTHER = """\
from dataclasses import dataclass
import re


@dataclass
class Base:
    pattern: re.Pattern


class Thing:
    word: re.Match

    def __init__(self, width=7): ...
    def m(self, p: re.Pattern) -> int: ...
"""
HERE = """\
from dataclasses import dataclass
import other


@dataclass
class Mine(other.Base):
    n: int

    @property
    def area(self) -> int: ...
    def twice(self, by: list) -> int: ...


class Sub(other.Thing): ...


def f(t: other.Thing, s: Sub) -> int: ...
"""


def test_messages_name_the_file_and_line_that_they_are_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for fields and methods from another module; the last line has the count."""
    monkeypatch.chdir(tmp_path)
    Path("other.py").write_text(OTHER)
    Path("here.py").write_text(HERE)
    assert main(["bind", "here.py"]) == 0
    *lines, last = capsys.readouterr().err.splitlines()
    places = {line.split(" ", 2)[1].rstrip("'"): line.split(": ", 1)[0] for line in lines}

    assert places == {
        "Mine.pattern": "other.py:7",
        "Thing.word": "other.py:11",
        "Sub.__init__()": "other.py:13",
        "Thing.__init__()": "other.py:13",
        "Thing.m()": "other.py:14",
        "Mine.area:": "here.py:10",
    }
    assert "here.py:10: Mine.area: a property of a record stays in Python; it is left out" in lines
    assert not [line for line in lines if "__init__() result" in line]
    assert last == "10 of 15 typed, 5 as object"


DOTS, BRACKETS = "x." * 20000 + "y", "(" * 20000 + "y"
ALIASES = "".join(f"A{number} = list[A{number - 1}]\n" for number in range(1, 401))
# Python 3.10 parses any number of dots, so that only a walk over them fails.
WHOLE = "deep.py: " if sys.version_info < (3, 11) else ""
NAMED = "deep.py:1: f() parameter 'x'"


@pytest.mark.parametrize(
    ("before", "hint", "place"),
    [
        ("", f'"{DOTS}"', WHOLE or NAMED),
        ("", f'"{BRACKETS}"', NAMED),
        ("", DOTS, WHOLE or "deep.py:1: "),
        ("", "list[" * 3000 + "int" + "]" * 3000, "deep.py:1: "),
        ("", "int | " * 900 + "int", "deep.py: "),
        (f"A0 = list[int]\n{ALIASES}", "A400", "deep.py:402: f() parameter 'x'"),
    ],
    ids=["dots", "brackets", "bare dots", "lists", "a union", "aliases"],
)
def test_a_hint_without_end_is_an_error_with_a_code(
    before: str, hint: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not a traceback; it names the subject of the hint, or the line that Python has reached."""
    module = tmp_path / "deep.py"
    module.write_text(f"{before}def f(x: {hint}) -> int: return x\n")
    assert main(["bind", str(module), "-o", str(tmp_path / "deep.hpp")]) == 1
    said = capsys.readouterr().err

    assert said.startswith(("HF516", "HF502")), said
    assert place in said.splitlines()[0]
    assert not (tmp_path / "deep.hpp").exists()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="its parser takes any number of dots")
@pytest.mark.parametrize("hint", ["Literal[{}]", "Word", "list[Word]"])
def test_a_text_that_is_no_hint_may_be_as_long_as_it_likes(hint: str, tmp_path: Path) -> None:
    """It is a value, even in a place where a text could be a hint."""
    module = tmp_path / "deep.py"
    text = "from typing import Literal\nWord = Literal[{}]\ndef f(x: HINT) -> int: return 1\n"
    module.write_text(text.replace("HINT", hint).replace("{}", f"'{DOTS}'"))

    assert main(["bind", str(module), "-o", str(tmp_path / "deep.hpp")]) == 0
