"""The facts about a Python: the files on disk count, and not only its own answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from matrix import default_python
from pyholdfast.errors import FindingError
from pyholdfast.toolchain.probe import QUESTIONS, PythonBuild, probe

REAL = default_python().build


def answers() -> dict[str, Any]:
    """The default Python's answers about itself."""
    done = subprocess.run(
        [REAL.executable, "-I", "-S", "-c", QUESTIONS], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


def pretend(folder: Path, said: object, status: int = 0) -> Path:
    """An interpreter that prints a prepared answer."""
    text = folder / "answer"
    text.write_text(said if isinstance(said, str) else json.dumps(said))
    python = folder / "python"
    python.write_text(f"#!/bin/sh\ncat '{text}'\nexit {status}\n")
    python.chmod(0o755)
    return python


def test_a_real_python_is_described_by_what_is_on_disk() -> None:
    """Headers and library exist, and the library has the same version."""
    build = probe(REAL.executable)

    assert build.library is not None
    assert build.library.is_file()
    assert (build.include_dirs[0] / "Python.h").is_file()
    assert build.soname is not None
    assert build.soname.startswith(f"libpython{build.version[0]}.{build.version[1]}")
    assert build.hexversion >> 16 == build.version[0] << 8 | build.version[1]


def test_a_virtual_environment_keeps_its_own_interpreter(tmp_path: Path) -> None:
    """`executable` is the environment's; everything that a compiler needs is the base's."""
    subprocess.run([REAL.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    build = probe(tmp_path / "v" / "bin" / "python")

    assert build.executable == tmp_path / "v" / "bin" / "python"
    assert build.base_prefix == REAL.base_prefix
    assert build.library == REAL.library


def test_the_description_survives_json() -> None:
    """The cache and `config --json` depend on it."""
    assert PythonBuild.from_dict(json.loads(json.dumps(REAL.to_dict()))) == REAL


def test_a_moved_tree_is_searched_where_it_is_now(tmp_path: Path) -> None:
    """The library inside the installation counts, and not the one at the place for which it was built."""
    assert REAL.library is not None
    said = answers()
    folder = tmp_path / "lib" / "x86_64-linux-gnu"
    folder.mkdir(parents=True)
    moved = folder / REAL.library.name
    shutil.copy(REAL.library, moved)
    said |= {"base_prefix": str(tmp_path)}
    said["variables"] |= {"MULTIARCH": "x86_64-linux-gnu"}
    build = probe(pretend(tmp_path, said))

    assert build.library == moved


def test_the_shared_library_beside_a_static_interpreter_is_taken(tmp_path: Path) -> None:
    """As conda installs it: the build's variables name only the archive, which need not be there."""
    assert REAL.library is not None
    said = answers()
    major, minor = REAL.version[:2]
    shared = tmp_path / "lib" / f"libpython{major}.{minor}{REAL.abiflags}.so"
    shared.parent.mkdir()
    shutil.copy(REAL.library, shared)
    archive = f"{shared.stem}.a"
    said |= {"base_prefix": str(tmp_path)}
    said["variables"] |= {
        "LDLIBRARY": archive, "INSTSONAME": archive, "LIBRARY": archive, "Py_ENABLE_SHARED": "0",
        "LIBDIR": str(shared.parent), "LIBPL": "",
    }  # fmt: skip
    build = probe(pretend(tmp_path, said))

    assert (build.library, build.static_library) == (shared, None)
    assert build.soname == REAL.soname
    said["hexversion"] += 0x100
    if REAL.version >= (3, 11):  # which say it
        assert probe(pretend(tmp_path, said)).library is None


def test_a_library_of_another_version_is_not_taken(tmp_path: Path) -> None:
    """With the same name but of another Python; linking it would fail silently."""
    said = answers()
    if REAL.version < (3, 11):
        pytest.skip("libpython says its version from 3.11 on")
    said["hexversion"] += 0x100

    assert probe(pretend(tmp_path, said)).library is None


@pytest.mark.parametrize(
    ("variables", "dll", "flags"),
    [
        ({"Py_GIL_DISABLED": "", "Py_DEBUG": ""}, "python312.dll", ""),
        ({"Py_GIL_DISABLED": "1", "Py_DEBUG": "0"}, "python312t.dll", "t"),
        ({"Py_GIL_DISABLED": "0", "Py_DEBUG": "1"}, "python312_d.dll", "d"),
    ],
)
def test_the_library_of_windows_is_the_dll_beside_the_interpreter(
    variables: dict[str, str], dll: str, flags: str, tmp_path: Path
) -> None:
    """Python 3.12 for Windows has no variable with its name, and its abiflags are not reported."""
    base = tmp_path / "Python312"
    (base / "Include").mkdir(parents=True)
    for file in (dll, "python3.dll", "Include/Python.h", "Include/pyconfig.h"):
        (base / file).touch()
    said = answers()
    said["variables"] = dict.fromkeys(said["variables"], "") | {"VERSION": "312"} | variables
    said |= {
        "windows": True, "version": [3, 12, 9], "abiflags": "", "mapped": [],
        "executable": str(tmp_path / "venv" / "Scripts" / "python.exe"),
        "base_executable": str(base / "python.exe"), "base_prefix": str(base),
        "include": [str(base / "Include")] * 2,
    }  # fmt: skip
    build = probe(pretend(tmp_path, said))

    assert build.library == base / dll
    assert build.version_text == f"3.12.9{flags}"
    assert build.for_windows


def test_without_headers_there_are_no_include_dirs(tmp_path: Path) -> None:
    """A Python without its development package is described as such, and not refused."""
    said = answers()
    said |= {"include": ["/nowhere", "/nowhere"], "base_prefix": str(tmp_path)}

    assert probe(pretend(tmp_path, said)).include_dirs == ()


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        ("", 0, "not a Python"),
        ("hello", 0, "'hello'"),
        ("[1]", 0, "not a Python"),
        ("", 3, "exit status 3"),
    ],
)
def test_what_does_not_answer_is_refused(
    tmp_path: Path, said: str, status: int, reason: str
) -> None:
    """HF101 with the reason."""
    with pytest.raises(FindingError, match=reason) as caught:
        probe(pretend(tmp_path, said, status))

    assert caught.value.code == "HF101"


def test_a_program_that_quotes_our_questions_is_told_shortly(tmp_path: Path) -> None:
    """`ls` takes them for a file name; another program prints a long line."""
    for line, shown in (
        ("ls: cannot access ''$'\\n''$4", "ls: cannot access ..."),
        ("error " * 100, "error error"),
    ):
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nprintf "%s" "{line}" | tr -d "\\n" >&2\nexit 2\n')
        python.chmod(0o755)
        with pytest.raises(FindingError) as caught:
            probe(python)

        assert caught.value.problem.startswith(f"cannot run '{python}': exit status 2: {shown}")
        assert len(caught.value.problem) < len(str(python)) + 220
        assert "sysconfig" not in caught.value.problem


def test_what_never_answers_is_given_up(tmp_path: Path) -> None:
    """HF101 after the limit, and the process has ended."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 600\n")
    python.chmod(0o755)

    with pytest.raises(FindingError, match=r"no answer within 0\.2 s"):
        probe(python, limit_s=0.2)


def test_what_cannot_be_started_is_refused(tmp_path: Path) -> None:
    """HF101: no execute permission."""
    python = tmp_path / "python"
    python.write_text("")

    with pytest.raises(FindingError) as caught:
        probe(python)

    assert caught.value.code == "HF101"


@pytest.mark.parametrize(
    "change", [{"version": [3, 9, 18]}, {"implementation": "pypy"}, {"version": [2, 7, 18]}]
)
def test_what_cannot_be_embedded_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """HF104: too old, or not CPython."""
    with pytest.raises(FindingError) as caught:
        probe(pretend(tmp_path, answers() | change))

    assert caught.value.code == "HF104"


def test_the_running_python_can_be_asked() -> None:
    """The interpreter that runs the tests, with or without headers."""
    assert probe(Path(sys.executable)).version == sys.version_info[:3]
