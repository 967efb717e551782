"""The libraries of a bundle: which are copied, and how its binaries find them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from pyholdfast.bundle.binaries import needed_glibc
from pyholdfast.bundle.libraries import Libraries
from pyholdfast.bundle.licences import collect_licences
from pyholdfast.bundle.manifest import compare, hash_files
from pyholdfast.bundle.program import demand_fit
from pyholdfast.bundle.target import ask_target
from pyholdfast.bundle.tools import find_patchelf
from pyholdfast.doctor.bundled_libraries import libraries_outside
from pyholdfast.errors import UsageError
from pyholdfast.toolchain.compiler import find_c_compiler
from pyholdfast.toolchain.elf import read_elf
from ship.support import demand_patchelf, one_python

if TYPE_CHECKING:
    from pyholdfast.toolchain.probe import PythonBuild


def linked(folder: Path, name: str, text: str, *words: object) -> Path:
    """A library or program, made by the C compiler in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"{name}.c"
    source.write_text(text)
    command = [*find_c_compiler().command, str(source), *map(str, words), "-o", name]
    subprocess.run(command, check=True, cwd=folder)
    source.unlink()
    return folder / name


@pytest.mark.parametrize("relative", [False, True])
def test_a_library_that_was_linked_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, relative: bool
) -> None:
    """Without a soname, its path is what the program needs; in the bundle it is the name."""
    demand_patchelf()
    library = linked(tmp_path / "made", "libg.so", "int g(void) { return 42; }", "-shared", "-fPIC")
    monkeypatch.chdir(library.parent)
    stage = tmp_path / "stage"
    by = "../made/libg.so" if relative else library
    program = linked(stage, "host", "int g(void); int main(void) { return g(); }", by)
    monkeypatch.chdir(stage)
    assert "/" in read_elf(program).needed[0]

    libraries = Libraries(stage, find_patchelf(os.environ), [], {})
    libraries.complete({})
    library.unlink()

    assert (stage / "lib" / "libg.so").is_file()
    assert libraries.missing == {}
    assert subprocess.run([program], check=False, cwd="/").returncode == 42


def programs(folder: Path, text: str, library_name: str, soname: str) -> Path:
    """A program in ``bin`` that needs a library of its own in ``lib``, which needs one more there."""
    rpath = "-Wl,--disable-new-dtags,-rpath,$ORIGIN/../lib"
    options = ("-shared", "-fPIC", "-Wl,--no-as-needed")
    last = linked(folder / "lib", library_name, text, *options, f"-Wl,-soname,{soname}")
    middle = linked(
        folder / "lib", "libown.so", "int own(void) { return 42; }", *options,
        "-Wl,-soname,libown.so", last,
    )  # fmt: skip
    main = "int own(void); int main(void) { return own(); }"
    return linked(folder / "bin", "host", main, middle, rpath, f"-Wl,-rpath-link,{folder / 'lib'}")


def build_of(soname: str, version: tuple[int, int, int]) -> PythonBuild:
    """What matters of a Python to a program."""
    return cast(
        "PythonBuild",
        SimpleNamespace(
            soname=soname, version=version, free_threaded=False, debug=False, executable="python",
            version_text=".".join(map(str, version)), library=soname,
        ),
    )  # fmt: skip


def test_a_program_that_reaches_its_python_through_libraries(tmp_path: Path) -> None:
    """It is for the Python that the last library names, and for no other."""
    name = "libpython3.12.so.1.0"
    host = programs(tmp_path, "int Py_IsInitialized(void) { return 0; }", name, name)

    assert not demand_fit(host, build_of(name, (3, 12, 1)), {})
    with pytest.raises(UsageError, match="another Python") as caught:
        demand_fit(host, build_of("libpython3.13.so.1.0", (3, 13, 1)), {})
    assert caught.value.code == "HF125"


def test_a_program_that_finds_its_python_by_a_library(tmp_path: Path) -> None:
    """libholdfast.so, which ``holdfast config --c --libs`` names, is enough; without it, it is HF125."""
    marked = 'const char *marker(void) { return "holdfast_backend_v1"; }'
    host = programs(tmp_path / "a", marked, "libholdfast.so", "libholdfast.so")
    other = programs(tmp_path / "b", "int f(void) { return 1; }", "libother.so", "libother.so")
    build = build_of("libpython3.12.so.1.0", (3, 12, 1))

    assert demand_fit(host, build, {})
    with pytest.raises(UsageError, match="does not contain Python"):
        demand_fit(other, build, {})


def test_libraries_of_libraries_near_the_program_are_copied(tmp_path: Path) -> None:
    """The program's RPATH leads to them from where it was built, not from the bundle."""
    demand_patchelf()
    host = programs(tmp_path / "built", "int f(void) { return 1; }", "libf.so", "libf.so")
    stage = tmp_path / "stage"
    stage.mkdir()
    copy = Path(shutil.copy(host, stage))

    libraries = Libraries(stage, find_patchelf(os.environ), [], {})
    libraries.complete({copy: host})
    shutil.rmtree(tmp_path / "built")

    assert sorted(libraries.copied) == ["libf.so", "libown.so"]
    assert subprocess.run([copy], check=False).returncode == 42


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        (["GLIBC_2.17", "GLIBC_2.34"], "2.34"),
        (["GLIBC_2.2.5"], "2.2"),
        (["GLIBC_2.34", "GLIBC_ABI_DT_RELR"], "2.36"),
        (["GLIBC_2.38", "GLIBC_ABI_DT_RELR"], "2.38"),
        (["GLIBC_ABI_DT_RELR", "GLIBC_ABI_GNU2_TLS"], "2.42"),
        ([], None),
    ],
)
def test_the_c_library_that_files_need(
    tmp_path: Path, names: list[str], needed: str | None
) -> None:
    """The newest of the versions, and of those that have the loader's abilities."""
    file = tmp_path / "file"
    file.write_bytes(b"\0".join([b"", b"libc.so.6", *map(str.encode, names), b""]))

    assert needed_glibc([file]) == needed


def test_an_ability_that_is_not_known_needs_this_machines_c_library(tmp_path: Path) -> None:
    """The files load here, so that it is new enough."""
    name, version = platform.libc_ver()
    if name != "glibc":
        pytest.skip("the C library is not glibc")
    (tmp_path / "file").write_bytes(b"\0GLIBC_2.17\0GLIBC_ABI_NOT_YET_KNOWN\0")

    assert needed_glibc([tmp_path / "file"]) == version


def test_the_doctor_looks_where_the_loader_looks(tmp_path: Path) -> None:
    """A library of that name in another folder is not found, unless a package loads it itself."""
    folder = tmp_path / "dist"
    host = programs(folder, "int f(void) { return 1; }", "libf.so", "libf.so")
    program = str(host.relative_to(folder))
    assert list(libraries_outside(folder, program)) == []

    (folder / "other").mkdir()
    (folder / "lib" / "libf.so").rename(folder / "other" / "libf.so")
    (outside,) = libraries_outside(folder, program)
    assert outside[:2] == (Path("lib/libown.so"), "libf.so")
    assert "elsewhere in the bundle" in outside[2]

    package = folder / "lib/python3.12/site-packages/a"
    package.mkdir(parents=True)
    shutil.copy(folder / "lib/libown.so", package / "own.so")
    (folder / "lib" / "libown.so").rename(package / "libown.so")
    found = {where[0]: where[1] for where in libraries_outside(folder, program)}
    assert found == {Path(program): "libown.so"}


def test_what_is_elsewhere_in_the_bundle_is_missing(tmp_path: Path) -> None:
    """The program would not find it, and the report of ``holdfast bundle`` says so."""
    demand_patchelf()
    host = programs(tmp_path / "built", "int f(void) { return 1; }", "libf.so", "libf.so")
    stage = tmp_path / "stage"
    (stage / "lib/data").mkdir(parents=True)
    shutil.copy(host, stage)
    (tmp_path / "built/lib/libown.so").rename(stage / "lib/data/libown.so")

    libraries = Libraries(stage, find_patchelf(os.environ), [], {})
    libraries.complete({})

    assert libraries.missing["libown.so"] == "host"


def test_the_doctor_finds_programs_that_are_not_executable(tmp_path: Path) -> None:
    """The host, and lib/bin/python3: both would fail to start. On Windows, files have no such mode."""
    for name in ("host", "data"):
        (tmp_path / name).write_text("")
    (tmp_path / "host").chmod(0o755)
    manifest = {"files": hash_files(tmp_path)}
    assert compare(tmp_path, manifest).changed == ()
    (tmp_path / "host").chmod(0o644)

    assert compare(tmp_path, manifest).changed == ("host",)
    assert compare(tmp_path, {**manifest, "system": "Windows"}).changed == ()


def test_the_library_of_the_c_interface_has_the_licence_of_holdfast(tmp_path: Path) -> None:
    """Not one of another project that has its name."""
    text = 'const char *marker(void) { return "%s"; }'
    ours = linked(
        tmp_path / "a", "libholdfast.so", text % "holdfast_backend_v1", "-shared", "-fPIC"
    )
    other = linked(tmp_path / "b", "libholdfast.so", text % "another", "-shared", "-fPIC")
    target = ask_target(one_python().build)

    rows, unknown = collect_licences(target, tmp_path / "1", {"libholdfast.so": ours})
    _, unknown_of_other = collect_licences(target, tmp_path / "2", {"libholdfast.so": other})

    texts = {row["part"]: row["text"] for row in rows}
    assert texts["lib/libholdfast.so"] == "lib/licences/holdfast.txt"
    assert "lib/libholdfast.so" not in unknown
    assert "lib/libholdfast.so" in unknown_of_other
