"""Messages of compilers, linkers, loaders, CMake and Python, and their causes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doctor.support import compiler, doctor, the_finding
from pyholdfast import paths
from pyholdfast.codes import CODES
from pyholdfast.doctor.model import Room
from pyholdfast.doctor.symptoms import SYMPTOMS, recognise

if TYPE_CHECKING:
    from pathlib import Path

# What the tools print, shortened at the sides. One or more for each row of the table.
MESSAGES = [
    ("HF151", "host.cpp:1:10: fatal error: Python.h: No such file or directory"),
    ("HF151", "host.cpp:1:10: fatal error: 'Python.h' file not found"),
    ("HF151", "error C1083: Cannot open include file: 'Python.h': No such file or directory"),
    ("HF152", "host.cpp:(.text+0x1f): undefined reference to `Py_Initialize'"),
    ("HF152", "ld.lld: error: undefined symbol: PyConfig_InitPythonConfig"),
    ("HF152", '  "_Py_Initialize", referenced from:\n      _main in host.o'),
    ("HF152", "host.obj : error LNK2019: unresolved external symbol __imp_Py_Initialize"),
    ("HF153", "ModuleNotFoundError: No module named 'numpy'"),
    ("HF154", "ModuleNotFoundError: No module named 'encodings'"),
    ("HF154", "Fatal Python error: init_fs_encoding: failed to get the Python codec"),
    (
        "HF155",
        "./host: error while loading shared libraries: libpython3.12.so.1.0: cannot open shared object file",
    ),
    ("HF155", "dyld[1]: Library not loaded: /install/lib/libpython3.12.dylib"),
    (
        "HF156",
        (
            "ld: libpython3.11.a(object.o): relocation R_X86_64_32 against symbol `_PyRuntime'"
            " can not be used when making a shared object; recompile with -fPIC"
        ),
    ),
    ("HF158", "ImportError: _umath.cpython-312.so: undefined symbol: PyObject_SelfIter"),
    ("HF159", "concurrent.futures.process.BrokenProcessPool: A process was terminated abruptly"),
    (
        "HF163",
        "Could NOT find Python (missing: Python_LIBRARIES Development Development.Embed)",
    ),
    ("HF164", "LINK : fatal error LNK1104: cannot open file 'python312_d.lib'"),
    ("HF164", "LINK : fatal error LNK1104: cannot open file 'C:\\py\\libs\\python313t_d.lib'"),
    (
        "HF165",
        'Could not find a package configuration file provided by\n  "holdfast" with any of',
    ),
    ("HF169", "Library not loaded: @rpath/Python3.framework/Versions/3.9/Python3"),
    ("HF170", "/opt/conda/lib/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by"),
    ("HF171", "C:\\Program Files\\WindowsApps\\Python\\python312.dll: Access is denied"),
    ("HF171", "the process could not be started: 0x80670016"),
    ("HF172", "ImportError: No module named 'numpy._core._multiarray_umath'"),
    ("HF173", "thread 12 panic: signed integer overflow"),
]


@pytest.mark.parametrize(("code", "message"), MESSAGES)
def test_a_message_names_its_failure(code: str, message: str) -> None:
    """The code, the line that shows it, and a fix; among other lines, and nothing else."""
    found = recognise(f"[1/2] Building\n{message}\nmake: *** Error 1\n", Room.LOG)

    assert [finding.code for finding in found] == [code]
    first = message.splitlines()[0].strip()
    assert found[0].evidence[0].startswith(first[:40])
    assert found[0].fix


def test_every_symptom_has_a_message_and_an_explanation() -> None:
    """A row of the table that no message matches would be dead."""
    codes = {symptom.code for symptom in SYMPTOMS}

    assert codes == {code for code, _ in MESSAGES}
    assert codes <= set(CODES)


@pytest.mark.parametrize(
    ("line", "evidence"),
    [
        (
            "g++ -lpython3.12 host.o -o host",
            "-lpython3.12 comes before host.o, which needs it",
        ),
        (
            "/usr/bin/c++ host.cpp -L/opt/lib -o host",
            "no -lpython3.X: python3-config --ldflags leaves it out without --embed",
        ),
        (
            "+ clang++-17 /opt/lib/libpython3.12.so host.cc -o host",
            "/opt/lib/libpython3.12.so comes before host.cc, which needs it",
        ),
    ],
)
def test_the_link_line_shows_which_mistake_it_is(line: str, evidence: str) -> None:
    """Row 2 has two causes; a log with the command shows which one applies."""
    text = f"{line}\nhost.cpp: undefined reference to `Py_Initialize'\n"
    (finding,) = recognise(text, Room.LOG)

    assert finding.evidence[1:] == (evidence, line)


def test_a_link_line_in_the_right_order_is_not_blamed() -> None:
    """Then something else is wrong, e.g. the library."""
    text = "g++ host.o -lpython3.12 -o host\nundefined reference to `Py_Initialize'\n"
    (finding,) = recognise(text, Room.LOG)

    assert len(finding.evidence) == 1


def test_a_real_link_without_embed_is_named(tmp_path: Path) -> None:
    """Row 2, for real: this machine's linker and an undefined function."""
    source = tmp_path / "host.cpp"
    source.write_text('extern "C" void Py_Initialize(); int main() { Py_Initialize(); }\n')
    done = subprocess.run(
        [compiler(), source, "-o", tmp_path / "host"],
        capture_output=True,
        text=True,
        check=False,
    )
    log = tmp_path / "build.log"
    log.write_text(f"{compiler()} {source} -o host\n{done.stderr}")
    status, findings = doctor("--log", log)
    finding = the_finding(findings, "HF152")

    assert done.returncode != 0
    assert status == 1
    assert "Py_Initialize" in finding.evidence[0]
    assert "without --embed" in finding.evidence[1]
    assert finding.fix.startswith("c++ host.cpp $(holdfast config --cflags)")


def test_a_log_without_known_failures_is_green(tmp_path: Path) -> None:
    """The doctor reports no failure that the log does not show."""
    log = tmp_path / "build.log"
    log.write_bytes(b"error: \xff\nexpected ';'\n")
    status, findings = doctor("--log", log)

    assert status == 0
    assert [finding.code for finding in findings] == ["HF182"]


def test_a_log_can_be_piped() -> None:
    """--log - reads standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "pyholdfast", "doctor", "--log", "-"],
        input="fatal error: Python.h: No such file or directory\n",
        cwd=paths.PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "HF151" in done.stdout


def test_a_log_that_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    """Exit status 2."""
    done = subprocess.run(
        [sys.executable, "-m", "pyholdfast", "doctor", "--log", tmp_path / "none"],
        cwd=paths.PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith(f"HF183 cannot read '{tmp_path / 'none'}'")
