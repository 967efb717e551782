"""Compiling hosts: once for each content; an error names the step that failed."""

from __future__ import annotations

import dataclasses
import errno
import os
import subprocess
import time
from pathlib import Path

import pytest

from matrix import default_python
from pyholdfast.errors import ToolchainError, UsageError
from pyholdfast.toolchain.cache import HostStore, cached_probe
from pyholdfast.toolchain.compile import cached_host, compile_host
from pyholdfast.toolchain.compiler import Compiler, find_compiler

BUILD = default_python().build
HOST = """\
#include <Python.h>
#include <cstdio>
#include "number.hpp"
int main() { std::printf("%d %s %s", NUMBER, PY_VERSION, HOLDFAST_DEFAULT_PYTHON); }
"""


class Counted:
    """A compiler that counts how often it is started, and writes to stdout."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "starts"
        self.log.touch()
        script = folder / "counted-c++"
        real = find_compiler().command[0]
        script.write_text(f"#!/bin/sh\necho x >> '{self.log}'\necho noise\nexec '{real}' \"$@\"\n")
        script.chmod(0o755)
        self.compiler = Compiler((str(script),), "test")

    def starts(self) -> int:
        """How often it was started so far."""
        return len(self.log.read_text().splitlines())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A host with its own header."""
    write(tmp_path / "number.hpp", "#define NUMBER 1\n")
    write(tmp_path / "host.cpp", HOST)
    return tmp_path / "host.cpp"


def write(path: Path, text: str) -> None:
    """Write a source that is older than any later compilation, whatever the clock's resolution."""
    path.write_text(text)
    old = time.time_ns() - 10_000_000_000
    os.utime(path, ns=(old, old))


def output(program: Path) -> str:
    """The output of the program."""
    return subprocess.run([program], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Variables that give the test its own cache."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def test_a_host_knows_the_python_it_was_built_for(source: Path, tmp_path: Path) -> None:
    """Headers of the right version, and the interpreter whose packages it uses."""
    compile_host(source, tmp_path / "out", BUILD, find_compiler())

    number, version, python = output(tmp_path / "out").split(" ")
    assert number == "1"
    assert version.startswith(f"{BUILD.version[0]}.{BUILD.version[1]}.{BUILD.version[2]}")
    assert python == str(BUILD.executable)


def test_a_host_finds_its_source_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``__FILE__`` is absolute, even if the source was named relative to the current folder."""
    write(tmp_path / "host.cpp", "#include <cstdio>\nint main() { std::puts(__FILE__); }\n")
    monkeypatch.chdir(tmp_path)
    compile_host(Path("host.cpp"), tmp_path / "host", BUILD, find_compiler())

    assert output(tmp_path / "host").strip() == str(tmp_path / "host.cpp")


def test_an_unchanged_host_is_not_compiled_again(
    source: Path, tmp_path: Path, environ: dict[str, str]
) -> None:
    """The second time, no compiler is started."""
    counted = Counted(tmp_path)
    first = cached_host(source, BUILD, counted.compiler, environ=environ)
    starts = counted.starts()
    second = cached_host(source, BUILD, counted.compiler, environ=environ)

    assert starts == 2
    assert second == first
    assert counted.starts() == starts


def test_another_python_is_another_program(source: Path, environ: dict[str, str]) -> None:
    """Also one that was upgraded in place."""
    first = cached_host(source, BUILD, find_compiler(), environ=environ)
    upgraded = dataclasses.replace(BUILD, hexversion=BUILD.hexversion + 0x100)

    assert cached_host(source, upgraded, find_compiler(), environ=environ) != first


def test_what_the_compiler_says_is_not_what_the_host_says(
    source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Stdout belongs to the host."""
    compile_host(source, tmp_path / "out", BUILD, Counted(tmp_path).compiler)
    printed = capfd.readouterr()

    assert printed.out == ""
    assert "noise" in printed.err


def test_an_edited_header_is_noticed_whatever_its_date(
    source: Path, tmp_path: Path, environ: dict[str, str]
) -> None:
    """The contents count, even with the same size and time. Undoing the edit finds the earlier program."""
    counted = Counted(tmp_path)
    header = source.with_name("number.hpp")
    stamp = header.stat().st_mtime_ns
    first = cached_host(source, BUILD, counted.compiler, environ=environ)
    header.write_text("#define NUMBER 2\n")
    os.utime(header, ns=(stamp, stamp))
    second = cached_host(source, BUILD, counted.compiler, environ=environ)
    starts = counted.starts()
    write(header, "#define NUMBER 1\n")
    third = cached_host(source, BUILD, counted.compiler, environ=environ)

    assert output(first).startswith("1 ")
    assert output(second).startswith("2 ")
    assert third == first
    assert counted.starts() == starts


def test_an_edited_system_header_is_noticed(
    source: Path, tmp_path: Path, environ: dict[str, str]
) -> None:
    """Python's own headers are system headers, and an upgrade in place changes them."""
    folder = tmp_path / "python"
    folder.mkdir()
    build = dataclasses.replace(BUILD, include_dirs=(*BUILD.include_dirs, folder))
    write(source, HOST.replace('"number.hpp"', "<system.hpp>"))
    write(folder / "system.hpp", "#define NUMBER 1\n")
    cached_host(source, build, find_compiler(), environ=environ)
    write(folder / "system.hpp", "#define NUMBER 2\n")

    assert output(cached_host(source, build, find_compiler(), environ=environ)).startswith("2 ")


@pytest.mark.parametrize("change", [{"optimise": "-O0"}, {"standard": "c++20"}, {"extra": ["-g"]}])
def test_another_option_is_another_program(
    source: Path, environ: dict[str, str], change: dict[str, str]
) -> None:
    """Options are part of the key."""
    first = cached_host(source, BUILD, find_compiler(), environ=environ)

    assert cached_host(source, BUILD, find_compiler(), environ=environ, **change) != first


def test_a_header_edited_while_the_compiler_runs_is_not_taken_for_compiled(tmp_path: Path) -> None:
    """The program is returned once, but never found for the new text."""
    store = HostStore(tmp_path / "store")
    read, program = tmp_path / "a.hpp", tmp_path / "program"
    begun_ns = time.time_ns() - 1_000_000_000
    read.write_text("newer than the start")
    program.touch()
    added = store.add("recipe", "host", program, [read], begun_ns=begun_ns)

    assert added.exists()
    assert store.find("recipe", "host") is None


def test_the_cache_forgets_what_was_not_used_for_longest(tmp_path: Path) -> None:
    """Finding an entry counts as using it."""
    store = HostStore(tmp_path / "store", kept=2)
    read = tmp_path / "a.hpp"
    write(read, "text")
    now = time.time()
    for age, recipe in ((30, "old"), (20, "used"), (10, "new")):
        program = tmp_path / "program"
        program.touch()
        added = store.add(recipe, "host", program, [read], begun_ns=time.time_ns())
        os.utime(added, (now - age, now - age))
        if recipe == "new":
            break
        assert store.find("used", "host") is None or recipe == "used"
    program = tmp_path / "program"
    program.touch()
    store.find("used", "host")
    store.add("newest", "host", program, [read], begun_ns=time.time_ns())

    assert store.find("old", "host") is None
    assert store.find("newest", "host") is not None


def test_an_answer_that_cannot_be_kept_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a part of it, nor what a killed build left."""
    probes = tmp_path / "holdfast" / "probes"
    probes.mkdir(parents=True)
    (probes / ".new-left").touch()
    os.utime(probes / ".new-left", (0, 0))

    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", fails)
    build = cached_probe(BUILD.executable, environ={"XDG_CACHE_HOME": str(tmp_path)})

    assert build.version == BUILD.version
    assert list(probes.iterdir()) == []


def test_a_broken_cache_entry_is_made_anew(
    source: Path, tmp_path: Path, environ: dict[str, str]
) -> None:
    """Whatever is in the cache, the result is a program that works."""
    first = cached_host(source, BUILD, find_compiler(), environ=environ)
    for listed in (tmp_path / "cache").rglob("*.json"):
        listed.write_text("{")
    first.unlink()
    again = cached_host(source, BUILD, find_compiler(), environ=environ)

    assert output(again).startswith("1 ")


@pytest.mark.parametrize(
    ("text", "code"),
    [("int main( {}", "HF109"), ("int missing(); int main() { return missing(); }", "HF110")],
)
def test_the_step_that_failed_has_its_code(
    tmp_path: Path, text: str, code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The compiler's own message is above it, on stderr, and nothing is left behind."""
    (tmp_path / "host.cpp").write_text(text)

    with pytest.raises(ToolchainError, match=r"host\.cpp does not") as caught:
        compile_host(tmp_path / "host.cpp", tmp_path / "out", BUILD, find_compiler())

    printed = capfd.readouterr()
    assert caught.value.code == code
    assert printed.out == ""
    assert "error" in printed.err
    assert [path.name for path in tmp_path.iterdir()] == ["host.cpp"]


def test_a_source_that_is_not_there_is_said_before_any_work(tmp_path: Path) -> None:
    """HF111, without starting the compiler."""
    counted = Counted(tmp_path)

    with pytest.raises(UsageError, match=r"no\.cpp") as caught:
        compile_host(tmp_path / "no.cpp", tmp_path / "out", BUILD, counted.compiler)

    assert caught.value.code == "HF111"
    assert counted.starts() == 0


def test_a_place_that_is_not_there_is_said_before_any_work(source: Path, tmp_path: Path) -> None:
    """HF112, without starting the compiler."""
    counted = Counted(tmp_path)

    with pytest.raises(UsageError) as caught:
        compile_host(source, tmp_path / "no" / "out", BUILD, counted.compiler)

    assert caught.value.code == "HF112"
    assert counted.starts() == 0


def test_a_cache_that_cannot_be_made_is_an_error(source: Path, tmp_path: Path) -> None:
    """HF112 names the folder."""
    (tmp_path / "file").touch()

    with pytest.raises(ToolchainError, match="HF112"):
        cached_host(
            source, BUILD, find_compiler(), environ={"XDG_CACHE_HOME": str(tmp_path / "file")}
        )


def test_a_python_is_asked_once(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer comes from the cache, until the interpreter's file changes."""
    asked: list[Path] = []

    def ask(python: Path) -> object:
        asked.append(python)
        return BUILD

    monkeypatch.setattr("pyholdfast.toolchain.cache.probe", ask)
    for _ in range(3):
        assert cached_probe(BUILD.executable, environ=environ) == BUILD
    assert len(asked) == 1


def test_an_incomplete_python_is_asked_each_time(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its headers may be installed at any moment."""
    bare = dataclasses.replace(BUILD, include_dirs=())
    answers = iter([bare, BUILD])
    monkeypatch.setattr("pyholdfast.toolchain.cache.probe", lambda _: next(answers))

    assert cached_probe(BUILD.executable, environ=environ) == bare
    assert cached_probe(BUILD.executable, environ=environ) == BUILD
