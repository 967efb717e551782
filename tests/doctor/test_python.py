"""A Python whose parts are missing or do not belong together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from doctor.support import MINOR, REAL, doctor, imitation, script, subject_of, the_finding
from pyholdfast.doctor.checks.python import check_python
from pyholdfast.doctor.model import Verdict


def test_a_complete_python_is_green() -> None:
    """No check of this room finds a fault in the Python that all other tests use."""
    findings = list(check_python(subject_of(REAL)))

    assert {finding.verdict for finding in findings} == {Verdict.GOOD}, findings


def test_missing_headers_are_named(tmp_path: Path) -> None:
    """Row 1: Python.h is not installed."""
    python = imitation(tmp_path, headers=False)
    status, findings = doctor("--quick", "--python", python)
    finding = the_finding(findings, "HF151")

    assert status == 1
    assert finding.evidence == (f"not in {tmp_path / 'include' / REAL.include_dirs[0].name}",)
    assert "--python" in finding.fix


def test_missing_headers_of_the_system_are_a_package() -> None:
    """For a Python under /usr, the fix is the package of the same minor version."""
    build = replace(REAL, include_dirs=(), base_prefix=Path("/usr"))
    finding = the_finding(check_python(subject_of(build)), "HF151")

    assert f"apt install libpython{MINOR}-dev" in finding.fix


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    """Row 13: an interpreter without any libpython, as in slim images."""
    python = imitation(tmp_path, shared=False)
    status, findings = doctor("--quick", "--python", python)
    finding = the_finding(findings, "HF163")

    assert status == 1
    assert str(tmp_path / "lib") in finding.evidence[0]
    assert finding.fix


def test_a_static_library_only_is_named(tmp_path: Path) -> None:
    """Row 6: only the archive exists, as with pyenv's default."""
    python = imitation(tmp_path, shared=False, static=True)
    _, findings = doctor("--quick", "--python", python)
    finding = the_finding(findings, "HF156")

    assert finding.evidence[0] == str(tmp_path / "lib" / f"libpython{MINOR}.a")
    assert finding.fix.startswith("PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install ")


def test_a_library_of_another_version_does_not_count(tmp_path: Path) -> None:
    """Row 10: the file with the right name is another Python's library."""
    python = imitation(tmp_path, hexversion=0x030A00F0, version=[3, 10, 0])
    _, findings = doctor("--quick", "--python", python)

    assert the_finding(findings, "HF163").fix


def test_headers_of_another_version_are_named(tmp_path: Path) -> None:
    """Row 10: headers and interpreter of two installations under one prefix."""
    python = imitation(tmp_path)
    header = tmp_path / "include" / REAL.include_dirs[0].name / "patchlevel.h"
    header.unlink()
    header.write_text("#define PY_MAJOR_VERSION 3\n#define PY_MINOR_VERSION 9\n")
    status, findings = doctor("--quick", "--python", python)
    finding = the_finding(findings, "HF160")

    assert status == 1
    assert finding.evidence == (f"{header} is of Python 3.9", f"{python} is Python {MINOR}")
    assert finding.fix


def test_headers_of_the_other_threading_are_named(tmp_path: Path) -> None:
    """Row 11: pyconfig.h of a free-threaded build beside a Python with a GIL."""
    python = imitation(tmp_path)
    header = tmp_path / "include" / REAL.include_dirs[0].name / "pyconfig.h"
    header.unlink()
    header.write_text("#define Py_GIL_DISABLED 1\n")
    status, findings = doctor("--quick", "--python", python)
    finding = the_finding(findings, "HF161")

    assert status == 1
    assert finding.evidence == (
        f"{header} is for a Python free-threaded",
        f"{python} is a Python with a GIL",
    )
    assert finding.fix


def test_a_host_as_sys_executable_is_named(tmp_path: Path) -> None:
    """Row 9: an interpreter reports another program as sys.executable."""
    python = imitation(tmp_path, executable="/bin/cat")
    status, findings = doctor("--quick", "--python", python)
    finding = the_finding(findings, "HF159")

    assert status == 1
    assert finding.evidence == (f"'{python}' says that sys.executable is '/bin/cat'",)
    assert finding.fix == f"--python {tmp_path / 'bin' / 'python3'}"


def test_a_program_that_is_no_python_is_not_started() -> None:
    """Starting it could start the user's application; here it is /bin/false."""
    status, findings = doctor("--quick", "--python", "/bin/false")

    assert status == 1
    assert [finding.code for finding in findings] == ["HF159"]
    assert findings[0].evidence == ("/bin/false, from --python",)
    assert findings[0].fix == "--python /usr/bin/python3"


def test_a_python_that_does_not_run_is_named(tmp_path: Path) -> None:
    """The report has the code and the remedy of the toolchain's error."""
    python = script(tmp_path / "python3", "echo broken >&2; exit 3")
    status, findings = doctor("--quick", "--python", python)
    finding = the_finding(findings, "HF150")

    assert status == 1
    assert "HF101" in finding.title
    assert "broken" in finding.title
    assert finding.evidence == ("chosen by --python",)


def test_windows_debug_library(tmp_path: Path) -> None:
    """Row 14: pythonXY_d.lib is missing at first, and later exists."""
    major, minor, _ = REAL.version
    subject = subject_of(replace(REAL, base_prefix=tmp_path), system="win32")
    library = tmp_path / "libs" / f"python{major}{minor}_d.lib"
    finding = the_finding(check_python(subject), "HF164")
    library.parent.mkdir()
    library.touch()
    after = [finding for finding in check_python(subject) if finding.code == "HF164"]

    assert finding.evidence == (f"not there: {library}",)
    assert finding.fix.startswith("cmake -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo")
    assert [finding.verdict for finding in after] == [Verdict.GOOD]


def test_windows_store_python() -> None:
    """Row 21: the Store's Python is rejected before the loader would do so."""
    executable = Path("C:/Program Files/WindowsApps/PythonSoftwareFoundation/python.exe")
    subject = subject_of(replace(REAL, base_executable=executable), system="win32")
    finding = the_finding(check_python(subject), "HF171")

    assert finding.evidence == (str(executable),)
    assert finding.fix.startswith("winget install Python.Python.")


def test_xcode_framework() -> None:
    """Row 19: the framework of Xcode's Python needs an rpath."""
    prefix = "/Applications/Xcode.app/Contents/Developer/Library/Frameworks"
    variables = {**REAL.variables, "PYTHONFRAMEWORKPREFIX": prefix}
    subject = subject_of(replace(REAL, variables=variables), system="darwin")
    finding = the_finding(check_python(subject), "HF169")

    assert finding.evidence == (prefix,)
    assert finding.fix == f"link with -Wl,-rpath,{prefix}"
