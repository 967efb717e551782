"""Built hosts whose environment belongs to another Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.support import compile_cpp, doctor, plain, script, the_finding, two_minors, venv
from pyholdfast.doctor.checks.binary import check_binary
from pyholdfast.doctor.model import Finding, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from pyholdfast.toolchain.probe import PythonBuild

PLAIN = "#include <Python.h>\nint main() { Py_Initialize(); return Py_FinalizeEx(); }\n"


@pytest.fixture
def build() -> PythonBuild:
    """The newest Python that runs with the system's C library."""
    builds = plain()
    if not builds:
        pytest.skip("needs a Python with headers and a shared libpython")
    return builds[-1]


@pytest.fixture
def host(tmp_path: Path, build: PythonBuild) -> Path:
    """A correctly built host that was not made with holdfast."""
    return compile_cpp(tmp_path / "host", PLAIN, build=build)


def checked(host: Path, **environ: object) -> list[Finding]:
    """The findings with these variables."""
    return list(check_binary(host, {name: str(value) for name, value in environ.items()}))


def test_an_environment_of_another_version_is_named(tmp_path: Path, host: Path) -> None:
    """Row 16: CPython would accept it, and find no packages in it."""
    older, newer = two_minors()
    inside = venv(tmp_path / "env", older.executable)
    findings = checked(host, VIRTUAL_ENV=tmp_path / "env", PATH=inside.parent)
    finding = the_finding(findings, "HF166")

    assert finding.evidence == (
        f"VIRTUAL_ENV={tmp_path / 'env'} is of Python 3.{older.version[1]}",
        f"the host runs Python 3.{newer.version[1]}",
    )
    assert finding.fix == f"holdfast build HOST.cpp -o host --python {inside}"


def test_a_python_of_another_version_for_a_holdfast_host_is_named(
    tmp_path: Path, build: PythonBuild
) -> None:
    """Row 16: HOLDFAST_PYTHON, or --python, is an installation of another minor version."""
    older, newer = two_minors()
    text = f"holdfast-built-for:{newer.hexversion:08x}:g:r"
    marked = PLAIN + f'extern "C" const char holdfast_built_for_v1[] = "{text}";\n'
    host = compile_cpp(tmp_path / "host", marked, build=build)
    status, findings = doctor(host, "--python", older.executable)
    finding = the_finding(findings, "HF166")

    assert status == 1
    assert finding.evidence[0] == (
        f"HOLDFAST_PYTHON={older.executable} is of Python 3.{older.version[1]}"
    )


def test_an_active_environment_that_is_not_first_on_path_is_named(
    tmp_path: Path, host: Path, build: PythonBuild
) -> None:
    """Row 3: Py_Initialize takes the first python3 on PATH, whatever VIRTUAL_ENV says."""
    inside = venv(tmp_path / "env", build.executable)
    findings = checked(host, VIRTUAL_ENV=tmp_path / "env", PATH=build.executable.parent)
    finding = the_finding(findings, "HF153")

    assert finding.evidence == (
        f"VIRTUAL_ENV={tmp_path / 'env'}",
        f"first python3 on PATH: {build.executable.parent / 'python3'}",
    )
    assert finding.fix == f'set PyConfig.executable to "{inside}"'


def test_an_active_environment_that_is_first_on_path_is_green(
    tmp_path: Path, host: Path, build: PythonBuild
) -> None:
    """As in an activated shell."""
    inside = venv(tmp_path / "env", build.executable)
    findings = checked(host, VIRTUAL_ENV=tmp_path / "env", PATH=inside.parent)

    assert not [f for f in findings if f.verdict is Verdict.BAD], findings


def test_an_empty_sys_executable_is_named(tmp_path: Path, host: Path) -> None:
    """Row 9: without a python3 on PATH, worker processes cannot be started."""
    finding = the_finding(checked(host, PATH=tmp_path / "nothing"), "HF159")

    assert finding.evidence == ("no python3 on PATH, and the host was not made with holdfast",)
    assert "interpreter_config::executable" in finding.fix


def test_a_shim_as_sys_executable_is_named(tmp_path: Path, host: Path, build: PythonBuild) -> None:
    """Row 9: a version manager's script would be started as a worker."""
    shim = script(tmp_path / "shims" / "python3", f'exec "{build.executable}" "$@"')
    finding = the_finding(checked(host, PATH=shim.parent), "HF159")

    assert finding.verdict is Verdict.WARNING
    assert finding.evidence == (f"first python3 on PATH: {shim}",)
    assert str(build.executable.parent) in finding.fix


def test_a_wrong_pythonhome_is_named(tmp_path: Path, host: Path, build: PythonBuild) -> None:
    """Row 4: it has no standard library of the host's version."""
    finding = the_finding(checked(host, PYTHONHOME=tmp_path, PATH="/usr/bin"), "HF154")
    name = f"python{build.version[0]}.{build.version[1]}"

    assert finding.evidence == (
        f"PYTHONHOME={tmp_path}",
        f"not there: {tmp_path / 'lib' / name / 'encodings'}",
    )
    assert finding.fix == "unset PYTHONHOME"


def test_a_pythonhome_with_a_zipped_library_is_right(
    tmp_path: Path, host: Path, build: PythonBuild
) -> None:
    """CPython starts from lib/python3X.zip as well."""
    archive = tmp_path / "lib" / f"python{build.version[0]}{build.version[1]}.zip"
    archive.parent.mkdir()
    archive.touch()
    found = [f for f in checked(host, PYTHONHOME=tmp_path, PATH="/usr/bin") if f.code == "HF154"]

    assert [(f.verdict, f.evidence) for f in found] == [(Verdict.GOOD, (str(archive),))]


def test_a_bundle_without_standard_library_is_named(tmp_path: Path, build: PythonBuild) -> None:
    """Row 17: libpython was copied, but lib/pythonX.Y was not; later it is."""
    assert build.library is not None
    assert build.soname is not None
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / build.soname).symlink_to(build.library)
    (tmp_path / "bin").mkdir()
    headers = [f"-I{folder}" for folder in build.include_dirs]
    host = compile_cpp(
        tmp_path / "bin" / "host", PLAIN, *headers, build.library, "-Wl,-rpath,$ORIGIN/../lib"
    )
    finding = the_finding(checked(host, PATH="/usr/bin:/bin"), "HF167")
    standard = tmp_path / "bin" / ".." / "lib" / f"python{build.version[0]}.{build.version[1]}"
    archive = standard.parent / f"{standard.name.replace('.', '')}.zip"
    archive.touch()
    zipped = [f for f in checked(host, PATH="/usr/bin:/bin") if f.code == "HF167"]
    archive.unlink()
    (standard / "encodings").mkdir(parents=True)
    after = [f for f in checked(host, PATH="/usr/bin:/bin") if f.code == "HF167"]

    assert finding.verdict is Verdict.WARNING
    assert finding.evidence[1] == f"not there: {standard / 'encodings'}"
    assert finding.fix == f"copy lib/{standard.name} beside it, and set interpreter_config::home"
    assert [(f.verdict, f.evidence) for f in zipped] == [(Verdict.GOOD, (str(archive),))]
    assert [f.verdict for f in after] == [Verdict.GOOD]
