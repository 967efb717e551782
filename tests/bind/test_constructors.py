"""What a class is made from: the header has the constructor that Python has, or says that it has none."""

from __future__ import annotations

import inspect
import sys
import types
from pathlib import Path

import pytest

from header_syntax import compile_alone
from pyholdfast.codegen.emit import write_header
from pyholdfast.hints import model
from pyholdfast.hints.read import read_module

HEAD = "from dataclasses import KW_ONLY, InitVar, dataclass, field\nfrom typing import ClassVar\n"
BASE = "@dataclass\nclass A:\n    x: int\n    y: str = 'a'\n    def twice(self) -> int: ...\n"
WAYS = {
    "positional": inspect.Parameter.POSITIONAL_ONLY,
    "either": inspect.Parameter.POSITIONAL_OR_KEYWORD,
    "args": inspect.Parameter.VAR_POSITIONAL,
    "keyword": inspect.Parameter.KEYWORD_ONLY,
    "kwargs": inspect.Parameter.VAR_KEYWORD,
}


def read(folder: Path, text: str) -> model.Module:
    """A module of this text."""
    (folder / "shop.py").write_text(text)
    return read_module(folder / "shop.py")


def the_class(module: model.Module, name: str) -> model.Class:
    """A class of the module."""
    return next(c for c in module.types if isinstance(c, model.Class) and c.name == name)


ROWS = {
    "derived from a dataclass": BASE + "class B(A): ...\n",
    "two steps from a dataclass": BASE + "class M(A): ...\nclass B(M): ...\n",
    "with an InitVar": BASE + "@dataclass\nclass B(A):\n    z: InitVar[int] = 0\n",
    "a field declared again": BASE + "@dataclass\nclass B(A):\n    z: InitVar[int] = 0\n    x: str = ''\n",
    "below a plain class": BASE + "class M(A): ...\n@dataclass\nclass B(M):\n    z: InitVar[int] = 0\n",
    "after KW_ONLY": "@dataclass\nclass B:\n    i: InitVar[int]\n    _: KW_ONLY\n    a: int\n    b: int = 1\n",
    "kw_only": "@dataclass(kw_only=True)\nclass B:\n    i: InitVar[int]\n    a: int = field(kw_only=False)\n",
    "a field with kw_only": "@dataclass\nclass B:\n    i: InitVar[int]\n    a: int = field(kw_only=True)\n    b: int\n",
    "a field that is not passed": "@dataclass\nclass B:\n    i: InitVar[int]\n    a: int = field(init=False)\n",
    "a field without a default": "@dataclass\nclass B:\n    a: int = field(repr=False)\n    i: InitVar[int] = 1\n",
    "a ClassVar": "@dataclass\nclass B:\n    i: InitVar[int]\n    a: ClassVar[int] = 1\n",
    "hints in quotes": "@dataclass\nclass B:\n    i: 'InitVar[int]'\n    k: 'ClassVar[int]' = 1\n    _: 'KW_ONLY'\n    a: int\n",
    "a diamond of dataclasses": (
        "@dataclass\nclass A:\n    x: int = 1\n"
        "@dataclass\nclass L(A):\n    x: int = field(default=1, kw_only=True)\n"
        "@dataclass\nclass R(A):\n    y: int = 2\n"
        "@dataclass\nclass B(R, L):\n    z: InitVar[int] = 3\n"
    ),
    "init=False": "@dataclass(init=False)\nclass B:\n    a: int\n",
    "init=False with a base": BASE + "@dataclass(init=False)\nclass B(A):\n    z: int\n",
    "only __new__": "class B:\n    def __new__(cls, x: int): return object.__new__(cls)\n",
    "a derived __new__": "class A:\n    def __new__(cls, x: int): ...\nclass B(A): ...\n",
    "a __new__ that takes all": (
        "class A:\n    def __new__(cls, *args, **kwargs): ...\n    def __init__(self, x: int): ...\n"
        "class B(A):\n    def __init__(self, z: int): ...\n"
    ),
    "a second base": (
        "class A: ...\nclass M:\n    def __init__(self, x: int): ...\nclass B(A, M): ...\n"
    ),
    "a diamond": (
        "class R:\n    def __init__(self): ...\nclass A(R): ...\nclass M(R):\n"
        "    def __init__(self, x: int): ...\nclass B(A, M): ...\n"
    ),
    "a list": "class B(list): ...\n",
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_class_is_made_as_in_python(tmp_path: Path, name: str) -> None:
    """The parameters, how each is passed, and which may be left out are those of Python itself."""
    text = HEAD + ROWS[name]
    space = types.ModuleType("shop")
    sys.modules["shop"] = space  # dataclasses look there
    try:
        code = compile(text, "shop.py", "exec", dont_inherit=True)  # hints are not strings there
        exec(code, space.__dict__)  # noqa: S102 - the rows above
        has_signature = name != "a list"
        wanted = inspect.signature(space.__dict__["B"]).parameters.values() if has_signature else ()
    finally:
        del sys.modules["shop"]
    found = the_class(read(tmp_path, text), "B").constructors

    assert len(found) == 1
    assert [(p.name, WAYS[p.kind], p.default is not None) for p in found[0].parameters] == [
        (p.name, p.kind, p.default is not p.empty) for p in wanted
    ]


@pytest.mark.parametrize("base", ["pydantic.BaseModel", "make()", "Missing"])
def test_a_constructor_from_elsewhere_is_not_guessed(tmp_path: Path, base: str) -> None:
    """The class has its other members, and the message says what it lacks."""
    module = read(tmp_path, f"import pydantic\nclass B({base}):\n    x: int\n")
    header = write_header(module, tmp_path / "shop.py")

    assert the_class(module, "B").constructors == ()
    assert "create(" not in header.text
    assert "x(" in header.text
    told = [(p.line, p.subject) for p in header.problems if p.left_out]
    assert told == [(2, "B constructor")]


@pytest.mark.parametrize("decorator", ["attrs.define", "attr.s(auto_attribs=True)", "missing"])
def test_a_constructor_that_a_decorator_may_make_is_not_guessed(
    tmp_path: Path, decorator: str
) -> None:
    """Those of Python's own modules make none."""
    text = f"import attr, attrs, functools\n@{decorator}\nclass A:\n    x: int\nclass B(A): ...\n"
    module = read(tmp_path, f"{text}@functools.total_ordering\nclass C: ...\n")

    made = {name: len(the_class(module, name).constructors) for name in "ABC"}
    assert made == {"A": 0, "B": 0, "C": 1}
    assert [p.subject for p in module.problems] == ["A constructor", "B constructor"]


def test_a_handle_has_the_members_of_a_dataclass_above(tmp_path: Path) -> None:
    """Which C++ has as a struct, from which no handle can be derived."""
    text = HEAD + BASE + "class B(A):\n    def more(self) -> int: ...\nclass C(B): ...\n"
    module = read(tmp_path, text)
    derived = the_class(module, "B")

    assert [field.name for field in derived.properties] == ["x", "y"]
    assert [method.name for method in derived.methods] == ["more", "twice"]
    assert the_class(module, "C").base == model.Named("shop", "B")
    assert the_class(module, "C").properties == ()


@pytest.mark.parametrize(
    "base",
    [
        "@dataclass(init=False)\nclass A:\n    x: int\n",
        "@dataclass\nclass A:\n    x: int\n    def __init__(self) -> None: ...\n",
        "@dataclass\nclass R:\n    x: int\nclass A(R): ...\n",
    ],
)
def test_a_record_has_the_fields_of_every_dataclass_above(tmp_path: Path, base: str) -> None:
    """Also of one that is no record itself."""
    module = read(tmp_path, f"{HEAD}{base}@dataclass\nclass B(A):\n    z: int\n")
    record = next(r for r in module.types if isinstance(r, model.Record) and r.name == "B")

    assert [field.name for field in record.fields] == ["x", "z"]


def test_a_handle_has_the_members_of_every_base(tmp_path: Path) -> None:
    """C++ derives it from the first one; a name that both have is Python's choice."""
    text = (
        "class R:\n    def f(self) -> int: ...\n    def r(self) -> int: ...\n"
        "class A(R):\n    def g(self) -> int: ...\n"
        "class M(R):\n    x: int\n    def f(self) -> str: ...\n    def g(self) -> str: ...\n"
        "class B(A, M): ...\nclass C(B): ...\n"
    )
    module = read(tmp_path, text)
    derived = the_class(module, "B")

    assert derived.base == model.Named("shop", "A")
    assert [(m.name, m.result) for m in derived.methods] == [("f", model.Plain("str"))]
    assert [field.name for field in derived.properties] == ["x"]
    assert the_class(module, "C").methods == ()


def test_quotes_within_strings_are_no_hints_for_dataclasses(tmp_path: Path) -> None:
    """With all hints as strings, "InitVar[int]" in quotes is a field, as in Python."""
    text = (
        f"from __future__ import annotations\n{HEAD}@dataclass\nclass A:\n    i: 'InitVar[int]'\n"
    )
    (record,) = read(tmp_path, text).types

    assert isinstance(record, model.Record)
    assert [(field.name, field.hint) for field in record.fields] == [("i", model.Plain("int"))]


def test_an_initvar_above_makes_a_class(tmp_path: Path) -> None:
    """No struct has a member for what the constructor takes and nobody keeps."""
    text = f"{HEAD}@dataclass\nclass A:\n    i: InitVar[int]\n@dataclass\nclass B(A):\n    z: int\n"
    (made,) = the_class(read(tmp_path, text), "B").constructors

    assert [parameter.name for parameter in made.parameters] == ["i", "z"]


@pytest.mark.parametrize(
    ("base", "own"),
    [
        ("A", "    def __init__(self, a: str, b: str) -> None: ...\n"),
        ("elsewhere.Other, A", "    pass\n"),
    ],
)
def test_a_base_class_does_not_make_an_object_of_its_own(
    tmp_path: Path, base: str, own: str
) -> None:
    """Its C++ constructor, if the derived class took it over, would call the Python class above."""
    above = "import elsewhere\nclass A:\n    def __init__(self, x: int) -> None: ...\n"
    module = read(tmp_path, f"{above}class B({base}):\n{own}")
    (tmp_path / "shop.hpp").write_text(write_header(module, tmp_path / "shop.py").text)

    def problems(line: str) -> str:
        source = tmp_path / "user.cpp"
        source.write_text(f'#include "shop.hpp"\n{line}\n')
        return compile_alone(source, tmp_path)

    assert problems("shop::B b; shop::B made(holdfast::object{});") == ""
    assert "no matching function" in problems("shop::B made(5);")


def test_classes_in_classes_in_a_branch_have_their_whole_names(tmp_path: Path) -> None:
    """As those that are not in a branch."""
    text = (
        "import sys\nif sys.version_info >= (3, 8):\n    class A:\n        class B:\n"
        "            class C: ...\n            def f(self) -> C: ...\n"
    )

    assert {item.name for item in read(tmp_path, text).types} == {"A", "A.B", "A.B.C"}
