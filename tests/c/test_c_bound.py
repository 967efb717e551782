"""`holdfast bind --language c`: the headers compile everywhere, and a program uses one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c_builds import built, pythons, run_on
from c_dialects import complaints
from harness import run_holdfast
from pyholdfast import paths
from pyholdfast.cli import main
from pyholdfast.codegen.c_header import write_c_header
from pyholdfast.hints.read import read_module

if TYPE_CHECKING:
    from matrix import MatrixPython

BOUND = Path(__file__).with_name("bound")
# The syntax of this one is newer than the oldest Python's
CORPUS = sorted(
    path
    for path in (Path(__file__).parents[1] / "golden" / "corpus").glob("*.py")
    if path.stem not in ("__init__", "generics")
)
DIALECTS = [("gcc", "c", "c99"), ("gcc", "c", "c17"), ("clang", "c", "c99")]
DIALECTS += [("g++", "c++", "c++11"), ("clang++", "c++", "c++20")]
AS_LIBRARY = ("-isystem", str(paths.include_dir()))


@pytest.fixture(scope="module")
def headers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A header for each module of the corpus, a C source for each, and one that includes all."""
    folder = tmp_path_factory.mktemp("headers")
    for module in CORPUS:
        text = write_c_header(read_module(module), module).text
        (folder / f"{module.stem}.h").write_text(text, encoding="utf-8")
        (folder / f"{module.stem}.c").write_text(f'#include "{module.stem}.h"\n', encoding="utf-8")
    every = "".join(f'#include "{module.stem}.h"\n' for module in CORPUS)
    (folder / "every.c").write_text(every, encoding="utf-8")
    return folder


@pytest.mark.parametrize("dialect", DIALECTS, ids="-".join)
def test_every_header_compiles_without_a_warning(
    dialect: tuple[str, str, str], headers: Path
) -> None:
    """Alone, and all in one program."""
    assert complaints(dialect, *sorted(headers.glob("*.c")), options=AS_LIBRARY) == ""


ODD = '''
"""Ends */ here, and ??/
there."""
from __future__ import annotations
from dataclasses import dataclass
from typing import Final, Literal
LEAST: Final = -9223372036854775808
ENDLESS: Final = float("inf")
@dataclass
class Empty: ...
@dataclass
class int64:
    default: int
    struct: str
    other: Loop | None
@dataclass
class Loop:
    its: int64
    empty: Empty
    names: list[str | None] | None
    more: list[Loop | None]
def default(restrict: int, /, register: str, *, inline: bool = True) -> int64: ...
def module(args: list[int], count: int, result: float | None = None) -> list[list[str]]: ...
def module_find() -> None: ...
def Loop_free(x: Literal[1, 2], names: bytes | None, names_count: bytes = b"") -> Loop | None: ...
def nothing(x: None, y: object = 1) -> Empty: ...
'''


@pytest.mark.parametrize("dialect", DIALECTS, ids="-".join)
def test_names_that_c_needs_itself(dialect: tuple[str, str, str], tmp_path: Path) -> None:
    """Keywords, the header's own names, and those of its variables get an underscore."""
    module = tmp_path / "odd.py"
    module.write_text(ODD, encoding="utf-8")
    source = tmp_path / "odd.c"
    source.write_text(write_c_header(read_module(module), module).text, encoding="utf-8")

    assert complaints(dialect, source, options=("-Wno-unused-function", *AS_LIBRARY)) == ""


def test_it_needs_no_other_header_of_ours(headers: Path) -> None:
    """Only holdfast.h, and the C library's."""
    for header in headers.glob("*.h"):
        text = header.read_text(encoding="utf-8")
        included = {line.split()[1] for line in text.splitlines() if line.startswith("#include")}
        assert {name for name in included if "/" in name} == {"<holdfast/holdfast.h>"}


@pytest.mark.parametrize("python", pythons(most=1))
def test_a_program_calls_a_module(python: MatrixPython, tmp_path: Path) -> None:
    """Numbers, text, bytes, lists and dataclasses both ways; a wrong result is a TypeError."""
    header = tmp_path / "shop.h"
    assert main(["bind", "--language", "c", str(BOUND / "shop.py"), "-o", str(header)]) == 0
    program = built(BOUND / "use.c", [f"-I{tmp_path}"])

    outcome = run_on(program, python, environ={"PYTHONPATH": str(BOUND)})

    assert outcome.code == 0, outcome.explain()


def test_what_is_not_mapped_is_listed(tmp_path: Path) -> None:
    """With its line; what C cannot call at all is left out."""
    module = tmp_path / "mixed.py"
    module.write_text(
        "from collections.abc import Callable\n"
        "class Shop:\n"
        "    def open(self) -> bool: ...\n"
        "def scale(by: dict[str, float], x: float) -> float: ...\n"
        "def each(call: Callable[[int], None]) -> None: ...\n"
        "def many(*items: int) -> None: ...\n"
        "async def later() -> int: ...\n"
        "def fine(texts: list[str]) -> int | None: ...\n"
    )
    done = run_holdfast("bind", "--language", "c", "mixed.py", cwd=tmp_path)
    text = (tmp_path / "mixed.h").read_text()

    assert done.code == 0, done.explain()
    assert done.err.splitlines() == [
        "mixed.py:3: Shop.open(): methods are called by hf_object_function(); it is left out",
        "mixed.py:4: scale() parameter 'by': C has no type for it; it is taken as an hf_value",
        "mixed.py:5: each() parameter 'call': C has no type for it; it is taken as an hf_value",
        "mixed.py:6: many(): C has no *args and **kwargs: use hf_find(); it is left out",
        "mixed.py:7: later(): it is a coroutine function; it is left out",
        "4 of 6 typed, 2 as hf_value",
    ]
    assert (
        "mixed_scale(const mixed_module *module, const hf_value *by, double x, double *result)"
        in text
    )
    assert "const char *const *texts, size_t texts_count, hf_bound_int64_optional *result" in text


def test_a_stale_header_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--check compares the header in C."""
    monkeypatch.chdir(tmp_path)
    Path("add.py").write_text("def add(a: int) -> int: ...\n")
    assert main(["bind", "--language", "c", "add.py"]) == 0
    assert main(["bind", "--language", "c", "add.py", "--check"]) == 0
    Path("add.py").write_text("def add(a: float) -> int: ...\n")

    assert main(["bind", "--language", "c", "add.py", "--check"]) == 1


ONE_IN_C = {
    "nested": (
        (
            "class A:\n    @dataclass\n    class B:\n        x: int\n"
            "@dataclass\nclass A_B:\n    y: float\ndef f(a: A.B, b: A_B) -> None: ...\n"
        ),
        r"HF517 .*:7: A_B: in C, 'shop_A_B' is also 'A.B'\n.*rename",
    ),
    "nested in itself": (
        (
            "class A:\n    @dataclass\n    class B:\n        x: 'A_B | None'\n"
            "@dataclass\nclass A_B:\n    y: float\ndef f(a: A.B) -> None: ...\n"
        ),
        r"HF517 .*:7: A_B: in C, 'shop_A_B' is also 'A.B'\n.*rename",
    ),
    "list": (
        (
            "@dataclass\nclass A:\n    x: int\n"
            "@dataclass\nclass A_list:\n    y: float\ndef f(a: A_list, b: list[A]) -> None: ...\n"
        ),
        r"HF517 .*:6: A_list: in C, 'shop_A_list' is the name of a list\n.*rename",
    ),
}


@pytest.mark.parametrize("name", ONE_IN_C)
def test_types_that_would_be_one_are_an_error(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A header that does not compile is not written."""
    module = tmp_path / "shop.py"
    text, expected = ONE_IN_C[name]
    module.write_text(f"from dataclasses import dataclass\n{text}")

    assert main(["bind", "--language", "c", str(module)]) == 1
    assert re.search(expected, capsys.readouterr().err)
    assert not module.with_suffix(".h").exists()


def test_a_text_that_c_would_cut_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the message says so."""
    module = tmp_path / "shop.py"
    module.write_text(
        "from typing import Final\nCUT: Final = 'a\\0b'\nWHOLE: Final = 'ab'\ndef f() -> None: ...\n"
    )

    assert main(["bind", "--language", "c", str(module)]) == 0
    told = capsys.readouterr().err
    assert re.search(r":2: CUT: in C, a text ends with its first NUL; it is left out", told)
    header = module.with_suffix(".h").read_text()
    assert '#define shop_WHOLE "ab"' in header
    assert "shop_CUT" not in header


def test_a_constant_with_the_name_of_something_else_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A macro would replace the type or the function."""
    module = tmp_path / "shop.py"
    module.write_text(
        "from dataclasses import dataclass\nfrom typing import Final\n"
        "module: Final = 3\nItem_find: Final = 4\nother: Final = 6\n"
        "@dataclass\nclass Item:\n    x: int\n"
        "def f(item: Item) -> None: ...\n"
    )

    assert main(["bind", "--language", "c", str(module)]) == 0
    told = capsys.readouterr().err
    for name in ("module", "Item_find"):
        assert f"{name}: in C, 'shop_{name}' is something else; it is left out" in told
    header = module.with_suffix(".h").read_text()
    assert "#define shop_other INT64_C(6)" in header
    assert "#define shop_module" not in header
    assert "#define shop_Item_find" not in header
