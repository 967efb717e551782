"""A CPython that stands elsewhere than it was built for, as unpacked archives do.

Its interpreter finds its library by its own place. What it says about its build is wrong in the ways of
python-build-standalone (folders of the machine that built it) and of conda (an archive in place of the
shared library, because the interpreter contains its library).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compiled_files import CHECKOUT
from elsewhere.targets import python_here
from harness import run_command, run_holdfast
from pyholdfast.bundle.tools import find_patchelf, set_run_path
from pyholdfast.errors import ToolchainError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyholdfast.toolchain.probe import PythonBuild

FIRST_HOST = CHECKOUT / "examples" / "first_host"
DEADLINE_S = 300
HOST = """\
#include <cstdio>
#include <string>
#include <thread>

#include <holdfast/holdfast.hpp>

int main() {
    holdfast::interpreter python;
    std::thread([&python] {
        const holdfast::attach_guard attached(python.view());
        holdfast::exec(R"(
import json, sys
with open('/proc/self/maps') as maps:
    mapped = {line.split(None, 5)[5].strip() for line in maps if '/libpython' in line}
said = json.dumps([sys.prefix, sys.executable, json.__file__, *mapped])
)");
        std::puts(holdfast::eval<std::string>("said").c_str());
    }).join();
}
"""
# What hosts and interpreters do not need, and all of pip's.
LEFT_OUT = (
    "test",
    "idlelib",
    "site-packages",
    "ensurepip",
    "config-*",
    "__pycache__",
    "pydoc_data",
)


def _build() -> PythonBuild:
    """This machine's Python, if its folder has nothing else in it."""
    build = python_here().python.build
    if build.base_prefix in (Path("/usr"), Path("/usr/local")):
        pytest.skip("the Python here shares its folder with other programs")
    return build


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it, whose interpreter looks for its library in the copy."""
    build = _build()
    try:
        patchelf = find_patchelf(os.environ)
    except ToolchainError:
        pytest.skip("patchelf is not installed")
    copy = tmp_path_factory.mktemp("tree")
    for part in ("bin", "include", "lib"):
        shutil.copytree(
            build.base_prefix / part, copy / part, symlinks=True,
            ignore=shutil.ignore_patterns(*LEFT_OUT),
        )  # fmt: skip
    set_run_path(patchelf, _python(copy).resolve(), "$ORIGIN/../lib")
    return copy


def _python(folder: Path) -> Path:
    return folder / "bin" / "python3"


def _standard_library(folder: Path) -> Path:
    major, minor = _build().version[:2]
    return folder / "lib" / f"python{major}.{minor}"


def _edit(folder: Path, change: Callable[[str], str]) -> None:
    """Change what the Python says about how it was built."""
    for file in _standard_library(folder).glob("_sysconfigdata*.py"):
        text = change(file.read_text(encoding="utf-8"))
        file.unlink()  # the copies share their files
        file.write_text(text, encoding="utf-8")


def _as_moved(folder: Path) -> None:
    """Nothing else: it names its old folder, which is still there."""


def _as_standalone(folder: Path) -> None:
    """All folders are those of the container that built it."""
    _edit(folder, lambda text: text.replace(str(_build().base_prefix), "/install"))


def _as_conda(folder: Path) -> None:
    """Its variables are those of the static build, and the archive is not installed."""
    major, minor = _build().version[:2]
    archive = f"'libpython{major}.{minor}.a'"

    def change(text: str) -> str:
        text = text.replace(str(_build().base_prefix), "/feedstock/_h_env_placehold")
        text = re.sub(r"'(LDLIBRARY|INSTSONAME|LIBRARY)': '[^']*'", rf"'\1': {archive}", text)
        return re.sub(r"'Py_ENABLE_SHARED': \d", "'Py_ENABLE_SHARED': 0", text)

    _edit(folder, change)


def _as_zipped(folder: Path) -> None:
    """Its library is in a zip; of its folder is left what cannot be, and by what it is found."""
    library = _standard_library(folder)
    major, minor = _build().version[:2]
    with zipfile.ZipFile(folder / "lib" / f"python{major}{minor}.zip", "w") as archive:
        for file in library.rglob("*.py"):
            archive.write(file, file.relative_to(library))
    for entry in library.iterdir():
        if entry.name == "lib-dynload":
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != "os.py":
            entry.unlink()


LAYOUTS = {
    "moved": _as_moved, "standalone": _as_standalone, "conda": _as_conda, "zip": _as_zipped,
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_host_of_a_moved_python_uses_nothing_of_its_old_folder(
    layout: str, tree: Path, tmp_path: Path
) -> None:
    """`build` and `doctor` find headers and library in the new folder, and the host starts there."""
    folder = tmp_path / "unpacked here"
    shutil.copytree(tree, folder, symlinks=True, copy_function=os.link)
    LAYOUTS[layout](folder)
    source, host = tmp_path / "host.cpp", tmp_path / "host"
    source.write_text(HOST, encoding="utf-8")
    python = _python(folder)
    built = run_holdfast(
        "build", source, "-o", host, "--python", python, deadline_s=DEADLINE_S, cwd=tmp_path
    )
    assert built.code == 0, built.explain()
    ran = run_command([str(host)], environ={"PATH": "/usr/bin:/bin"}, deadline_s=60)
    assert ran.code == 0, ran.explain()
    examined = run_holdfast("doctor", "--quick", "--python", python, deadline_s=DEADLINE_S)

    prefix, executable, module, *mapped = json.loads(ran.out)
    assert prefix == str(folder), ran.explain()
    assert executable == str(python)
    home = folder / "lib" / f"python{''.join(map(str, _build().version[:2]))}.zip"
    inside = home if layout == "zip" else _standard_library(folder)
    assert module == str(inside / "json" / "__init__.py")
    assert mapped == [str((folder / "lib" / str(_build().soname)).resolve())], ran.explain()
    assert f"HF163 libpython: {folder}" in examined.out, examined.explain()


def test_the_first_host_runs_on_a_moved_python(tree: Path) -> None:
    """That of the README, by `holdfast run`."""
    ran = run_holdfast(
        "run", FIRST_HOST / "main.cpp", "--python", _python(tree), deadline_s=DEADLINE_S
    )

    assert ran.code == 0, ran.explain()
    assert ran.out == (FIRST_HOST / "expected.txt").read_text(encoding="utf-8")
