"""The options that a host is compiled and linked with."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from matrix import default_python
from pyholdfast import paths
from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.flags import finding_library, flags_for, include_flags

if TYPE_CHECKING:
    from pyholdfast.toolchain.probe import PythonBuild

# As most are: under the system's loader.
BUILD = dataclasses.replace(default_python().build, loader=None, library_dirs=())


def test_the_library_is_named_by_its_full_path() -> None:
    """With -lpython3.X, the linker could choose another library of the same name."""
    flags = flags_for(BUILD)

    assert flags.libs[0] == str(BUILD.library)
    assert BUILD.library is not None
    assert f"-Wl,-rpath,{BUILD.library.parent}" in flags.ldflags
    assert flags.rpath == (BUILD.library.parent,)


def _of_windows(**changes: Any) -> PythonBuild:
    folder = Path("C:/Python312")
    facts: dict[str, Any] = {"library": folder / "python312.dll", "static_library": None, **changes}
    return dataclasses.replace(BUILD, executable=folder / "python.exe", **facts)


def test_a_host_for_windows_gets_no_option_of_elf() -> None:
    """Its linker refuses them; the DLLs of the compiler go into the program."""
    flags = flags_for(_of_windows())

    assert flags.libs == ("C:/Python312/python312.dll",)
    assert flags.ldflags == ("-pthread", "-static", "-Wl,--stack,8388608")
    assert flags.rpath == ()
    assert "-DPy_GIL_DISABLED=1" not in flags.cflags
    assert "-DPy_GIL_DISABLED=1" in flags_for(_of_windows(free_threaded=True)).cflags


def test_a_python_for_windows_without_its_dll_is_refused() -> None:
    """The remedy is one for Windows."""
    with pytest.raises(ToolchainError, match="HF106") as refused:
        flags_for(_of_windows(library=None))
    assert "installation" in refused.value.remedy


def test_a_host_for_windows_finds_its_library_by_path() -> None:
    """Whatever the case of the variable; elsewhere nothing is changed."""
    found = finding_library({"Path": "C:/bin", "A": "b"}, _of_windows())
    assert found == {"Path": "C:/Python312;C:/bin", "A": "b"}
    assert finding_library({}, _of_windows()) == {"PATH": "C:/Python312"}
    assert finding_library({"PATH": "/bin"}, BUILD) == {"PATH": "/bin"}


def test_standard_and_optimisation_are_the_callers() -> None:
    """Both reach the compiler unchanged."""
    assert flags_for(BUILD, standard="c++20", optimise="-O0").cflags[:2] == ("-std=c++20", "-O0")


def test_the_runtimes_symbol_is_exported() -> None:
    """Shared libraries find the host's records by it; the list names only that symbol."""
    listed = [flag for flag in flags_for(BUILD).ldflags if "--dynamic-list" in flag]

    assert listed == [f"-Wl,--dynamic-list={paths.exported_symbols()}"]
    text = paths.exported_symbols().read_text(encoding="utf-8")
    assert [word.strip("; ") for word in text.split("\n")] == [
        "{", "holdfast_process_v1", "}", "",
    ]  # fmt: skip


def test_pythons_headers_and_ours_are_system_headers() -> None:
    """So a host's own warnings do not apply to them; ours are found first."""
    options = include_flags(BUILD)

    assert options[:2] == ("-isystem", str(paths.include_dir()))
    assert options[options.index(str(BUILD.include_dirs[0])) - 1] == "-isystem"


def test_headers_that_are_links_keep_their_own_pyconfig(tmp_path: Path) -> None:
    """Debian's debug build shares all headers except pyconfig.h with the release build."""
    release, debug = tmp_path / "python3.11", tmp_path / "python3.11d"
    for folder, word in ((release, "release"), (debug, "debug")):
        folder.mkdir()
        guarded = f'#ifndef Py_PYCONFIG_H\n#define Py_PYCONFIG_H\n#define KIND "{word}"\n#endif\n'
        (folder / "pyconfig.h").write_text(guarded)
    (release / "Python.h").write_text('#include "pyconfig.h"\n')
    (debug / "Python.h").symlink_to("../python3.11/Python.h")
    source = tmp_path / "unit.cpp"
    source.write_text("#include <Python.h>\nconst char *kind = KIND;\n")

    for folder, word in ((release, "release"), (debug, "debug")):
        options = include_flags(dataclasses.replace(BUILD, include_dirs=(folder,), multiarch=""))
        done = subprocess.run(
            [*find_compiler().command, "-E", *options, str(source)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip

        assert f'"{word}"' in done.stdout.partition("const char *kind =")[2]


def test_a_foreign_loader_is_linked_in(tmp_path: Path) -> None:
    """A Python with its own C library needs that library's loader, and DT_RPATH."""
    build = dataclasses.replace(
        BUILD,
        loader=Path("/tree/ld.so"),
        library=Path("/tree/libpython3.12.so"),
        library_dirs=(tmp_path,),
    )
    flags = flags_for(build)

    assert "-Wl,--dynamic-linker=/tree/ld.so" in flags.ldflags
    assert "-Wl,--disable-new-dtags" in flags.ldflags
    assert "-Wl,--unresolved-symbols=ignore-in-shared-libs" in flags.ldflags
    assert f"-Wl,-rpath,{tmp_path}" in flags.ldflags
    assert "-static-libstdc++" in flags.ldflags

    (tmp_path / "libstdc++.so.6").touch()
    assert "-static-libstdc++" not in flags_for(build).ldflags


def test_a_static_library_is_the_last_resort() -> None:
    """It needs the libraries that it depends on, and must export what extensions use."""
    build = dataclasses.replace(
        BUILD,
        library=None,
        static_library=Path("/py/libpython3.12.a"),
        variables={
            "LIBS": "-ldl  -lm",
            "SYSLIBS": "-lm",
            "LINKFORSHARED": "-Xlinker -export-dynamic",
        },
    )
    flags = flags_for(build)

    assert flags.libs == ("/py/libpython3.12.a", "-ldl", "-lm")
    assert flags.ldflags[-2:] == ("-Xlinker", "-export-dynamic")


def test_what_is_missing_has_a_code_of_its_own() -> None:
    """HF105 for headers, HF106 for any library."""
    with pytest.raises(ToolchainError) as headers:
        flags_for(dataclasses.replace(BUILD, include_dirs=()))
    with pytest.raises(ToolchainError) as library:
        flags_for(dataclasses.replace(BUILD, library=None, static_library=None))

    assert (headers.value.code, library.value.code) == ("HF105", "HF106")


@pytest.mark.parametrize(
    ("prefix", "advice"),
    [("/usr", "apt install libpython"), ("/opt/py", "--python"), ("/usr/local", "--python")],
)
def test_the_advice_fits_the_installation(prefix: str, advice: str) -> None:
    """A distribution's Python gets its package's name; others have headers from the start or never."""
    build = dataclasses.replace(BUILD, include_dirs=(), base_prefix=Path(prefix))

    with pytest.raises(ToolchainError, match=advice):
        include_flags(build)


def test_debians_header_wrapper_works_in_a_moved_tree(tmp_path: Path) -> None:
    """Its pyconfig.h includes <MULTIARCH/...>; that folder is searched last."""
    include = tmp_path / "include" / "python3.15"
    wrapped = tmp_path / "include" / "x86_64-linux-gnu" / "python3.15"
    for folder in (include, wrapped):
        folder.mkdir(parents=True)
        (folder / "pyconfig.h").touch()
    build = dataclasses.replace(BUILD, include_dirs=(include,), multiarch="x86_64-linux-gnu")

    assert include_flags(build)[-2:] == ("-idirafter", str(tmp_path / "include"))
