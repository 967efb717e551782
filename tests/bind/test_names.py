"""Ordinary names of Python that mean something else in C++, or become the same there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from header_syntax import compile_alone
from pyholdfast.cli import main
from pyholdfast.codegen.emit import write_header
from pyholdfast.hints.read import read_module

HEAD = "import enum\nfrom dataclasses import dataclass, field\nfrom typing import Callable, Final, Generic, Literal, TypedDict, TypeVar\n"
ROWS = {
    "a parameter site": (
        ("class A:\n    def __init__(self, site: str, site_: int = 1) -> None: ...\n"
        "    def m(self, site: str, value: int, self_: int) -> None: ...\n"),
        ["> site_2,", "> site_ =", "A_m_(self(), site__, value_, self__, site)"],
    ),
    "parameters that become the same": (
        "class A:\n    def m(self, default: str, default_: int) -> None: ...\n",
        ["default_2,", "default_,"],
    ),
    "methods create": (
        ("class A:\n    def __init__(self, x: int) -> None: ...\n"
        "    @classmethod\n    def create(cls, x: int) -> 'A': ...\n"
        "    def create_(self) -> int: ...\n"),
        ["A create_2(", "create_("],
    ),
    "a method operator": (
        ("class A:\n    def operator(self) -> int: ...\n    def operators(self) -> int: ...\n"
        "    def __call__(self) -> int: ...\n"),
        [" operator_(", " operators(", " operator()("],
    ),
    "a method with the name of a special one": (
        ("class A:\n    def size(self) -> int: ...\n    def __len__(self) -> int: ...\n"
        "    def len(self) -> int: ...\n    def len_(self) -> int: ...\n"),
        [" size(", " size_("],
    ),
    "an attribute and a method": (
        ("class A:\n    x: int\n    y: int\n    def x_(self) -> int: ...\n"
        "    def set_y_(self) -> int: ...\n    def f_1(self) -> int: ...\n"),
        [" x(", " x_("],
    ),
    "literals": (
        "def f(a: Literal['utf-8', 'utf_8'], b: Literal['+', '-'], c: Literal['none', None]) -> int: ...\n",
        ["{utf_8_, utf_8}"],
    ),
    "keys": (
        "D = TypedDict('D', {'a-b': int, 'a b': str, 'a_b': float})\ndef f(d: D) -> D: ...\n",
        [" a_b_{};", " a_b_2;", " a_b{};"],
    ),
    "numbers of errors": (
        ("class E(enum.IntEnum):\n    ENOENT = 1\n    EPERM = 2\n    EAGAIN = 3\n    SIGKILL = 4\n"
        "    O_RDONLY = 5\n    S_IFREG = 6\n    AF_INET = 7\n    INT_MAX = 8\n"),
        ["ENOENT_ = 1", "S_IFREG_ = 6"],
    ),
    "times of a file": (
        "@dataclass\nclass S:\n    st_mtime: float\n    st_atime: float\n    st_birthtime: float\n",
        [" st_mtime_{};"],
    ),
    "members that become the same": (
        ("class E(enum.Enum):\n    default_ = 1\n    default = 2\n"
        "@dataclass\nclass R:\n    e: E = E.default\n    default: int = 0\n    default_: int = 1\n"),
        ["e = E::default_2;", " default_2 = 0;"],
    ),
    "members with the names of types": (
        ("class node:\n    def __init__(self, n: int) -> None: ...\nclass handle: ...\n"
        "class tree:\n    def node(self) -> node: ...\n    def add(self, node: node, other: node) -> None: ...\n"
        "    def any(self) -> handle: ...\n"),
        ["::shop::node node(", "::shop::handle any("],
    ),
    "a derived class as what may be left out": (
        ("class Node:\n    def __init__(self, up: 'Leaf | None' = None) -> None: ...\n"
        "    def add(self, child: 'Leaf | None' = None) -> None: ...\n"
        "class Leaf(Node):\n    def put(self, node: Node | None = None) -> None: ...\n"),
        ["> child,", "> node = holdfast::use_default"],
    ),
    "a generic record of literals": (
        ("T = TypeVar('T')\n@dataclass\nclass Box(Generic[T]):\n    item: T\n"
        "def f(a: Box[Literal['x']], b: Box[Literal['y']], c: Box[Callable[[int], str]]) -> int: ...\n"),
        ["struct Box_literal_x;", "struct Box_literal_y;", "struct Box_callback_int_str;"],
    ),
    "literals with the names of others": (
        ("def f(a: Literal['a-b']) -> int: ...\ndef g(a: Literal['a_b']) -> int: ...\n"
        "def h(a: Literal[0, 1]) -> int: ...\ndef i(a: Literal[False, True]) -> int: ...\n"
        "class literal_0_1: ...\n"),
        ["(literal_a_b)> f", "(literal_a_b_)> g", "(literal_0_1_)> h", "(literal_False_True)> i"],
    ),
    "constants and exceptions with the names of others": (
        ("default: Final = 1\ndefault_: Final = 2\nclass calls_(Exception): ...\n"
        "class A:\n    class B: ...\nA_B: Final = 3\n"
        "try:\n    LIMIT: Final = 5\nexcept ImportError:\n    LIMIT: Final = 3\n"),
        ["default_2 = 1;", "default_ = 2;", " calls_2{", " A_B_ = 3;", "LIMIT = 5;"],
    ),
    "texts with a NUL": (
        "T: Final = 'a\\0b'\n@dataclass\nclass R:\n    t: str = 'a\\0b'\n",
        ['std::string_view("a\\000b", 3);', 'std::string("a\\000b", 3);'],
    ),
    "the generator's own namespaces": (
        ("def calls_(a: int) -> int: ...\ndef expected_(a: int) -> int: ...\n"
        "class A:\n    def m(self) -> int: ...\n"),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_the_header_compiles(tmp_path: Path, name: str) -> None:
    """A name that is free stays; another one gets an underscore, and a number if that is taken."""
    module = tmp_path / "shop.py"
    module.write_text(HEAD + ROWS[name][0])
    header = tmp_path / "shop.hpp"
    header.write_text(write_header(read_module(module), module).text)
    source = tmp_path / "user.cpp"
    source.write_text('#include "shop.hpp"\n')

    assert compile_alone(source, tmp_path) == ""
    for text in ROWS[name][1]:
        assert text in header.read_text()


def test_a_name_of_the_header_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the message says so."""
    module = tmp_path / "shop.py"
    module.write_text("def calls_(a: int) -> int: ...\n")

    assert main(["bind", str(module)]) == 0
    told = capsys.readouterr().err
    assert re.search(
        r"calls_\(\): 'calls_' is something else in every header; it is left out", told
    )


def test_types_that_would_be_one_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A header that does not compile is not written."""
    module = tmp_path / "shop.py"
    module.write_text("class A:\n    class B: ...\nclass A_B: ...\n")

    assert main(["bind", str(module)]) == 1
    told = capsys.readouterr().err
    assert re.search(r"HF517 .*:3: A_B: in C\+\+, 'A_B' is also 'A.B'\n.*rename", told)
    assert not module.with_suffix(".hpp").exists()


def test_a_class_may_have_the_name_of_its_base(tmp_path: Path) -> None:
    """In another module; and a third class then means the one that it says."""
    (tmp_path / "other.py").write_text("class Book:\n    def __init__(self, t: str) -> None: ...\n")
    module = tmp_path / "shop.py"
    module.write_text(
        "import other\nclass Book(other.Book): ...\nclass Leaf(other.Book):\n    def up(self) -> Book: ...\n"
    )
    (tmp_path / "shop.hpp").write_text(write_header(read_module(module), module).text)
    source = tmp_path / "user.cpp"
    source.write_text(
        '#include "shop.hpp"\nshop::Book f(const shop::Leaf &leaf) { return leaf.up(); }\n'
    )

    assert compile_alone(source, tmp_path) == ""


def test_exceptions_inside_classes_of_other_modules_are_theirs(tmp_path: Path) -> None:
    """The module itself has none of that name."""
    (tmp_path / "other.py").write_text("class Outer:\n    class Error(Exception): ...\n")
    module = tmp_path / "shop.py"
    module.write_text("from other import Outer\ndef f(o: Outer) -> None: ...\n")

    assert "exception_class" not in write_header(read_module(module), module).text


def test_names_and_texts_that_c_reads_otherwise(tmp_path: Path) -> None:
    """A parameter with the name of a function that the body calls, and trigraphs."""
    module = tmp_path / "shop.py"
    module.write_text(f"{HEAD}def f(memset: int) -> int: ...\nT: Final = 'a???/'\n")

    assert main(["bind", str(module), "--language", "c"]) == 0
    text = module.with_suffix(".h").read_text()
    assert "int64_t memset_," in text
    assert r'"a?\?\?/"' in text


def test_two_fields_are_not_one_in_c(tmp_path: Path) -> None:
    """C has the same keywords in other places."""
    module = tmp_path / "shop.py"
    module.write_text(
        f"{HEAD}@dataclass\nclass R:\n    default: int\n    default_: int\ndef f(r: R) -> R: ...\n"
    )

    assert main(["bind", str(module), "--language", "c"]) == 0
    text = module.with_suffix(".h").read_text()
    assert "int64_t default_;" in text
    assert "int64_t default_2;" in text
