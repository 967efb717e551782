"""Reading hints: what names mean, and the errors for names that mean nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import fingerprint_header
from pyholdfast import paths
from pyholdfast.cli import main
from pyholdfast.codegen.emit import FORMAT, write_header
from pyholdfast.errors import HoldfastError
from pyholdfast.hints.fingerprint import Fingerprints
from pyholdfast.hints.model import Enumeration
from pyholdfast.hints.read import read_module

RUNTIME = paths.include_dir() / "holdfast"


def package(folder: Path, **files: str) -> Path:
    """A package `shop` with these modules; returns the path of its `pricing.py`."""
    inside = folder / "shop"
    inside.mkdir()
    (inside / "__init__.py").write_text(files.pop("init", ""))
    for name, text in files.items():
        (inside / f"{name}.py").write_text(text)
    return inside / "pricing.py"


def parameter(module: Path) -> str:
    """The C++ type of the first parameter of the module's function ``f``."""
    found = re.search(
        r"function<void\((.*)\)>\s+f\{", write_header(read_module(module), module).text
    )
    assert found
    return found.group(1)


@pytest.mark.parametrize(
    ("imported", "hint"),
    [
        ("from shop.book import Level", "Level"),
        ("from .book import Level as L", "L"),
        ("from . import book", "book.Level"),
        ("import shop.book", "shop.book.Level"),
        ("import shop.book as b", "'b.Level'"),
        ("from .book import *", "Level"),
        ("from shop import Level", "Level"),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .book import Level",
            "'Level'",
        ),
    ],
)
def test_a_neighbours_type_is_found(tmp_path: Path, imported: str, hint: str) -> None:
    """However the module imports it, even through the package."""
    book = "from dataclasses import dataclass\n@dataclass\nclass Level:\n    price: float\n"
    module = package(
        tmp_path,
        init="from .book import Level\n",
        book=book,
        pricing=f"{imported}\ndef f(a: {hint}) -> None: ...\n",
    )

    assert parameter(module) == "::shop::book::Level"


@pytest.mark.parametrize(
    ("hint", "wanted"),
    [
        ("Missing", "HF503"),
        ("'Missing'", "HF503"),
        ("'list['", "HF502"),
        ("book.Nothing", "HF503"),
    ],
)
def test_a_wrong_hint_is_an_error_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], hint: str, wanted: str
) -> None:
    """No header is written."""
    module = package(
        tmp_path, book="", pricing=f"from . import book\n\ndef f(a: {hint}) -> None: ...\n"
    )
    status = main(["bind", str(module)])

    assert status == 1
    assert re.search(rf"{wanted} \S*pricing\.py:3: f\(\) parameter 'a'", capsys.readouterr().err)
    assert not module.with_suffix(".hpp").exists()


def test_files_that_cannot_be_read_or_are_no_python(tmp_path: Path) -> None:
    """Each has a code; a syntax error has its line."""
    broken = tmp_path / "broken.py"
    broken.write_text("x = 1\ndef f(:\n")
    named = tmp_path / "my-module.py"
    named.write_text("")
    for path, code, text in [
        (tmp_path / "absent.py", "HF501", "absent.py"),
        (broken, "HF502", "broken.py:2"),
        (named, "HF505", "my-module"),
    ]:
        with pytest.raises(HoldfastError, match=text) as caught:
            read_module(path)
        assert caught.value.code == code


def test_nothing_is_run(tmp_path: Path) -> None:
    """A module that would end the process when imported can be bound."""
    module = tmp_path / "bad.py"
    module.write_text("def f(a: int) -> None: ...\nraise SystemExit('it was run')\n")

    assert parameter(module) == "std::int64_t"


def test_a_header_is_written_only_if_it_changes(tmp_path: Path) -> None:
    """So that files that include it are not compiled again; --check compares and writes nothing."""
    module = tmp_path / "pricing.py"
    module.write_text("def f(a: int) -> None: ...\n")
    header = tmp_path / "out.hpp"
    command = ["bind", str(module), "-o", str(header)]
    assert main(command) == 0
    written = header.stat().st_mtime_ns

    module.write_text("# a comment\ndef f(a: int) -> None:\n    print(a)\n")
    assert main(command) == 0
    assert header.stat().st_mtime_ns == written
    assert main([*command, "--check"]) == 0

    module.write_text("def f(a: str) -> None: ...\n")
    assert main([*command, "--check"]) == 1
    assert header.stat().st_mtime_ns == written


def test_a_fingerprint_changes_only_when_a_call_would() -> None:
    """It does not change with bodies, comments, quotes, or the values of defaults."""
    base = "A = list[int]\nclass R:\n    x: A\ndef f(a: 'R', b: int = 1) -> str: ...\n"
    same = [
        base.replace("'R'", "R"),
        base.replace("...", "\n    return 'x'  # another"),
        base.replace("= 1", "= 2"),
        base.replace("    x: A\n", "    x: A\n    def method(self) -> None: ...\n"),
        base + "def g() -> None: ...\n",
    ]
    other = [
        base.replace("a:", "c:"),
        base.replace("int]", "float]"),
        base.replace("x: A", "x: A\n    y: int"),
        base.replace(" = 1", ""),
        base.replace("def f", "async def f"),
        base.replace("b: int", "*, b: int"),
    ]
    print_of = Fingerprints(base).of("f")

    assert {Fingerprints(text).of("f") for text in same} == {print_of}
    assert print_of not in {Fingerprints(text).of("f") for text in other}


def test_the_host_takes_the_same_fingerprints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hosts run a copy of the package's code; a stale copy is noticed and replaced."""
    assert fingerprint_header.main(["--check"]) == 0
    text = fingerprint_header.HEADER.read_text(encoding="utf-8")
    stale = tmp_path / "fingerprint.hpp"
    stale.write_text(text.replace("arguments.kwonlyargs", "arguments.args"), encoding="utf-8")
    monkeypatch.setattr(fingerprint_header, "HEADER", stale)

    assert fingerprint_header.main(["--check"]) == 1
    assert "run tools/fingerprint_header.py" in capsys.readouterr().out
    assert fingerprint_header.main([]) == 0
    assert stale.read_text(encoding="utf-8") == text


def test_the_program_of_hosts_runs_on_its_own() -> None:
    """With builtins only, as hosts run it, it gives the same fingerprints as the package."""
    parts = re.findall(
        r'R"python\((.*?)\)python"', fingerprint_header.HEADER.read_text(), re.DOTALL
    )
    names: dict[str, Any] = {"Any": object}
    exec("".join(parts), names)  # noqa: S102 - ours
    expected = Fingerprints(Path(json.__file__).read_bytes()).of("dumps")

    assert len(expected) == 16
    assert names["fingerprint"]("json", "dumps") == expected


def test_headers_have_the_number_of_the_form_that_the_runtime_knows() -> None:
    """Otherwise the runtime would refuse every header, or accept one of another format."""
    bound = (RUNTIME / "calls" / "binding_check.hpp").read_text(encoding="utf-8")

    assert f"#define HOLDFAST_BOUND_FORMAT {FORMAT}\n" in bound


def test_a_field_of_a_class_with_a_hint_to_nothing_is_reported(tmp_path: Path) -> None:
    """Even if only the decorator's generated constructor has it. Found by fuzzing."""
    module = tmp_path / "shop.py"
    module.write_text(
        "from dataclasses import InitVar, dataclass\n"
        "@dataclass\n"
        "class Order:\n"
        "    number: InitVar[int | nothing]\n"
        "    def total(self) -> int: ...\n"
    )

    problems = write_header(read_module(module), module).problems

    assert ("HF503", 4, "Order.number") in [(p.code, p.line, p.subject) for p in problems]


def test_two_names_of_python_are_not_one_of_cpp(tmp_path: Path) -> None:
    """The first name gets it; the others are reported as left out."""
    record = "@dataclass\nclass {}:\n    x: int\n    def {}(self) -> int: ...\n"
    module = tmp_path / "shop.py"
    module.write_text(
        "from dataclasses import dataclass\n"
        "from typing import Final\n"
        "E_f: Final = 1\n"
        "def default() -> int: ...\n"
        "def default_() -> int: ...\n"
        + "".join(map(record.format, ("A", "A_b", "E", "G", "G_h"), ("b_c", "c", "f", "h", "i")))
    )

    header = write_header(read_module(module), module)

    defined = re.findall(r"^inline const.*? (\w+)\{", header.text, re.MULTILINE)
    assert defined == ["default_", "A_b_c", "G_h_i"]
    expected = re.findall(r"auto (\w+) = holdfast::detail::expect", header.text)
    assert len(expected) == len(set(expected)), expected
    told = {problem.subject: problem.reason for problem in header.problems if problem.left_out}
    assert told == {
        "default_()": "'default_' is something else in the module",
        "A_b.c()": "'A_b_c' is something else in the module",
        "E.f()": "'E_f' is something else in the module",
        "G.h()": "'G_h' is something else in the module",
    }


def test_an_overload_that_is_left_out_is_told_with_its_class(tmp_path: Path) -> None:
    """Two classes may have methods with the same name."""
    module = tmp_path / "shop.py"
    module.write_text(
        "from dataclasses import dataclass\n"
        "from typing import overload\n"
        "@dataclass\n"
        "class A:\n"
        "    x: int\n"
        "    @overload\n"
        "    def f(self, *rest: int) -> int: ...\n"
        "    @overload\n"
        "    def f(self, y: str) -> str: ...\n"
    )

    problems = write_header(read_module(module), module).problems

    assert [(problem.line, problem.subject) for problem in problems] == [(7, "A.f()")]


@pytest.mark.parametrize(
    ("text", "hint", "wanted"),
    [
        ("Tree = dict[str, 'Tree']", "Tree", "Tree"),
        ("A = list['B']\nB = dict[str, A]", "list[B]", "std::vector<B>"),
        ("from typing import Optional\nOuter = Optional['Outer']", "Outer", "Outer"),
        ("Word = int\nWord = list[Word]", "Word", "std::vector<holdfast::object>"),
        ("Plain = list[int]\nEUR = 'EUR'\nPAIRS = ['PAIRS', EUR]", "Plain", "std::vector<std::int64_t>"),
        ("from typing import TypeVar, Union\nT = TypeVar('T')\nTree = Union[T, list['Tree[T]']]",
         "Tree[int]", "holdfast::object"),
    ],
)  # fmt: skip
def test_only_an_alias_that_contains_itself_is_a_struct(
    tmp_path: Path, text: str, hint: str, wanted: str
) -> None:
    """A variable that is assigned again, or a constant named like itself, is not one."""
    module = package(tmp_path, pricing=f"{text}\ndef f(x: {hint}) -> None: ...\n")

    assert parameter(module) == wanted
    assert "struct EUR" not in write_header(read_module(module), module).text


def test_a_member_with_a_hint_is_a_member(tmp_path: Path) -> None:
    """A hint without a value is none."""
    module = tmp_path / "shop.py"
    module.write_text(
        "import enum\nclass E(enum.IntEnum):\n    X: int = 1\n    y: str\n    Z = 2\n"
    )

    (read,) = read_module(module).types

    assert isinstance(read, Enumeration)
    assert read.members == (("X", 1), ("Z", 2))


@pytest.mark.parametrize(
    ("test", "version", "wanted"),
    [
        ("sys.version_info >= (3, 12)", (3, 14, 0), "std::int64_t"),
        ("sys.version_info >= (3, 12)", (3, 10, 4), "std::string_view"),
        ("sys.version_info[:2] < (3, 12)", (3, 14, 0), "std::string_view"),
        ("sys.version_info[1] >= 12", (3, 12, 1), "std::int64_t"),
        ("sys.version_info.major == 3", (3, 12, 1), "std::int64_t"),
        ("sys.platform == 'nowhere'", None, "std::string_view"),
        ("sys.platform != 'nowhere'", None, "std::int64_t"),
        ("sys.platform in ('nowhere', 'else')", None, "std::string_view"),
        ("sys.platform.startswith('nowhere')", None, "std::string_view"),
        ("os.name == 'nothing' or not TYPE_CHECKING", None, "std::string_view"),
        ("asked() and sys.platform == 'nowhere'", None, "std::string_view"),
        ("__name__ == '__main__'", None, "std::string_view"),
        ("asked()", None, "std::int64_t"),  # not known: the first one is it
    ],
)
def test_the_branch_is_that_of_the_chosen_python(
    tmp_path: Path, test: str, version: tuple[int, ...] | None, wanted: str
) -> None:
    """Whichever Python runs holdfast; no branch that comes later replaces a name."""
    module = tmp_path / "shop.py"
    function = "    def f(a: {}) -> None: ...\n"
    module.write_text(
        f"import os, sys\nif {test}:\n{function.format('int')}else:\n{function.format('str')}"
    )
    text = write_header(read_module(module, version=version), module).text

    assert re.findall(r"function<void\((.*)\)>\s+f\{", text) == [wanted]


@pytest.mark.parametrize(
    ("listed", "wanted"),
    [
        ("__all__ = ['a']\n__all__ += ['b']\n", "ab"),
        ("__all__ = ('a',)\n__all__.append('b')\n__all__.extend(['c'])\n", "abc"),
        ("__all__ = ['a'] + other.__all__\n", "a"),
        ("__all__ = ['a', *other.__all__]\nif True:\n    __all__ += ['c']\n", "ac"),
        ("__all__ = [name for name in dir()]\n", "abc"),
    ],
)
def test_all_is_read_to_its_end(tmp_path: Path, listed: str, wanted: str) -> None:
    """Names may be added to it; if it is not known without running code, all public ones count."""
    module = tmp_path / "shop.py"
    functions = "".join(f"def {name}() -> None: ...\n" for name in "abc")
    module.write_text(f"import other\n{listed}{functions}")

    assert "".join(function.name for function in read_module(module).functions) == wanted
