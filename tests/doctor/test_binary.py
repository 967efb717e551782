"""Built hosts that load the wrong Python, or none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doctor.support import compile_cpp, doctor, plain, the_finding, two_minors
from pyholdfast import paths
from pyholdfast.doctor.checks.binary import check_binary
from pyholdfast.doctor.model import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from pyholdfast.toolchain.probe import PythonBuild

HOST = "#include <Python.h>\nint main() { Py_Initialize(); return Py_FinalizeEx(); }\n"
MARKED = (
    "#include <holdfast/lifecycle/built_for.hpp>\n"
    "int main() { return Py_GetVersion() == nullptr ? holdfast_built_for_v1.text[0] : 0; }\n"
)


@pytest.fixture
def build() -> PythonBuild:
    """The newest Python that runs with the system's C library."""
    builds = plain()
    if not builds:
        pytest.skip("needs a Python with headers and a shared libpython")
    return builds[-1]


def options(build: PythonBuild) -> list[str]:
    """Headers and library of `build`, without options that would help the host find the library later."""
    headers = [f"-I{folder}" for folder in (*build.include_dirs, paths.include_dir())]
    return ["-std=c++17", *headers, str(build.library)]


def test_a_host_that_was_built_right_is_green(tmp_path: Path, build: PythonBuild) -> None:
    """With all options of holdfast config nothing is wrong, and the exit status is 0."""
    host = compile_cpp(tmp_path / "host", MARKED, build=build)
    status, findings = doctor(host)

    assert status == 0
    assert {f.code for f in findings if f.verdict is Verdict.GOOD} >= {"HF155", "HF160"}, findings


def test_a_host_without_rpath_is_named(tmp_path: Path, build: PythonBuild) -> None:
    """Row 5: libpython is outside the system's folders, and the host does not record where."""
    assert build.library is not None
    lonely = tmp_path / "lib" / build.library.name
    lonely.parent.mkdir()
    shutil.copy(build.library, lonely)
    soname = f"libpython{build.version[0]}.{build.version[1]}.so.9.9"
    compile_cpp(lonely, "void f() {}\n", "-shared", "-fPIC", f"-Wl,-soname,{soname}")
    host = compile_cpp(tmp_path / "host", "void f(); int main() { f(); }\n", lonely)
    status, findings = doctor(host)
    finding = the_finding(findings, "HF155")

    assert status == 1
    assert finding.title == f"{soname} is not found: the program will not start"
    assert finding.evidence == ("rpath: none", "looked in: the system's folders")
    assert finding.fix == "link again with $(holdfast config --ldflags), which sets the rpath"


def test_an_rpath_that_leads_nowhere_is_shown(tmp_path: Path, build: PythonBuild) -> None:
    """Row 5: the evidence has the folder that was searched."""
    assert build.library is not None
    stub = compile_cpp(
        tmp_path / "libpython3.99.so", "void f() {}\n", "-shared", "-fPIC",
        "-Wl,-soname,libpython3.99.so.1.0",
    )  # fmt: skip
    host = compile_cpp(
        tmp_path / "host", "void f(); int main() { f(); }\n", stub, "-Wl,-rpath,$ORIGIN/../lib"
    )
    finding = the_finding(check_binary(host, {"LD_LIBRARY_PATH": "/ld"}), "HF155")

    assert finding.evidence[0] == "rpath: $ORIGIN/../lib"
    assert f"RUNPATH {tmp_path}/../lib" in finding.evidence[1]
    assert "LD_LIBRARY_PATH /ld" in finding.evidence[1]


def test_ld_library_path_helps_a_host_without_rpath(tmp_path: Path, build: PythonBuild) -> None:
    """A library that the loader would find is not a failure."""
    assert build.library is not None
    host = compile_cpp(tmp_path / "host", HOST, *options(build))
    environ = {"LD_LIBRARY_PATH": str(build.library.parent)}
    found = [finding for finding in check_binary(host, environ) if finding.code == "HF155"]

    assert [finding.verdict for finding in found] == [Verdict.GOOD]
    assert str(build.library.parent) in found[0].evidence[0]


def test_headers_of_another_version_are_named(tmp_path: Path) -> None:
    """Row 10: compiled with one minor version, linked with another; such a host runs to its end."""
    older, newer = two_minors()
    headers = [f"-I{folder}" for folder in (*older.include_dirs, paths.include_dir())]
    assert newer.library is not None
    rpath = f"-Wl,-rpath,{newer.library.parent}"
    host = compile_cpp(
        tmp_path / "host", MARKED, "-std=c++17", *headers, newer.library, rpath, "-ldl"
    )
    status, findings = doctor(host)
    finding = the_finding(findings, "HF160")

    assert status == 1
    assert finding.evidence == (
        f"Python.h was of Python 3.{older.version[1]} with a GIL",
        f"{newer.soname} is of Python 3.{newer.version[1]} with a GIL",
    )
    assert finding.fix.endswith("$(holdfast config --cflags --ldflags)")


@pytest.mark.parametrize(
    ("marker", "code", "evidence"),
    [
        ("{:08x}:t:r", "HF161", "free-threaded"),
        ("{:08x}:g:d", "HF178", "with a GIL debug"),
    ],
)
def test_the_other_kind_of_build_is_named(
    tmp_path: Path, build: PythonBuild, marker: str, code: str, evidence: str
) -> None:
    """Row 11: the headers' marker and the library's name disagree."""
    text = f"holdfast-built-for:{marker.format(build.hexversion)}"
    host = compile_cpp(
        tmp_path / "host",
        f'#include <Python.h>\nextern "C" const char marker[] = "{text}";\n'
        "int main() { Py_Initialize(); return marker[0]; }\n",
        *options(build),
    )
    assert build.library is not None
    environ = {"LD_LIBRARY_PATH": str(build.library.parent)}
    finding = the_finding(check_binary(host, environ), code)

    minor = f"{build.version[0]}.{build.version[1]}"
    assert finding.evidence[0] == f"Python.h was of Python {minor} {evidence}"
    assert finding.evidence[1] == f"{build.soname} is of Python {minor} with a GIL"
    assert finding.fix


def test_parts_for_different_pythons_are_named(tmp_path: Path, build: PythonBuild) -> None:
    """Row 10: two object files, two sets of headers, one program."""
    markers = 'const char *both[] = {"holdfast-built-for:030b07f0:g:r",\n'
    markers += '"holdfast-built-for:030c01f0:g:r"};\n'
    host = compile_cpp(
        tmp_path / "host",
        f"#include <Python.h>\n{markers}"
        "int main(int n, char **) { Py_Initialize(); return both[n][0]; }\n",
        *options(build),
    )
    finding = the_finding(check_binary(host, {}), "HF160")

    assert finding.evidence == ("3.11 with a GIL", "3.12 with a GIL")
    assert finding.fix == "rebuild all of it: cmake --build build --clean-first"


def test_a_plug_in_is_warned_about(tmp_path: Path, build: PythonBuild) -> None:
    """Row 8: a shared library that loads libpython, for programs without Python."""
    plug_in = compile_cpp(
        tmp_path / "plugin.so",
        '#include <Python.h>\nextern "C" void start() { Py_Initialize(); }\n',
        "-shared", "-fPIC", *options(build),
    )  # fmt: skip
    finding = the_finding(check_binary(plug_in, {}), "HF158")

    assert finding.verdict is Verdict.WARNING
    assert finding.evidence == (f"a shared library that loads {build.soname}",)
    assert f'dlopen("{build.soname}", RTLD_NOW | RTLD_GLOBAL)' in finding.fix


def test_an_extension_module_is_no_plug_in(tmp_path: Path, build: PythonBuild) -> None:
    """A process that imports it already has a Python."""
    module = compile_cpp(
        tmp_path / "module.so",
        "#include <Python.h>\nPyMODINIT_FUNC PyInit_module() { return nullptr; }\n"
        'extern "C" void use() { Py_Initialize(); }\n',
        "-shared", "-fPIC", *options(build),
    )  # fmt: skip
    found = [finding for finding in check_binary(module, {}) if finding.code == "HF158"]

    assert [finding.verdict for finding in found] == [Verdict.GOOD]


def test_a_static_interpreter_that_hides_itself_is_named(tmp_path: Path) -> None:
    """Row 18: the real archive of a Python, inside a host without -rdynamic."""
    build = next((b for b in reversed(plain()) if b.static_library), None)
    if build is None:
        pytest.skip("needs a Python with a static libpython")
    headers = [f"-I{folder}" for folder in build.include_dirs]
    # Debian compiles the archive for programs at fixed addresses, and with modules that need further
    # libraries. The hosts are looked at, not started.
    needs = ["-no-pie", "-Wl,--unresolved-symbols=ignore-all", "-ldl", "-lm", "-pthread"]
    hidden = compile_cpp(tmp_path / "hidden", HOST, *headers, build.static_library, *needs)
    shown = compile_cpp(
        tmp_path / "shown", HOST, *headers, build.static_library, *needs, "-rdynamic"
    )
    finding = the_finding(check_binary(hidden, {}), "HF168")
    after = [finding for finding in check_binary(shown, {}) if finding.code == "HF168"]

    excluded = compile_cpp(
        tmp_path / "excluded", HOST, *headers, build.static_library, *needs, "-rdynamic",
        "-Wl,--exclude-libs,ALL",
    )  # fmt: skip
    with_main = the_finding(check_binary(excluded, {}), "HF168")

    assert finding.evidence == ("PyObject_SelfIter is not exported",)
    assert finding.fix == "link with -rdynamic, or with $(holdfast config --ldflags)"
    assert [finding.verdict for finding in after] == [Verdict.GOOD]
    assert with_main.evidence == ("PyObject_SelfIter is not exported", "main is exported")
    assert "-Wl,--exclude-libs" in with_main.fix


def test_hidden_records_are_warned_about(tmp_path: Path, build: PythonBuild) -> None:
    """A host that has the marker but exports nothing."""
    host = compile_cpp(tmp_path / "host", MARKED, *options(build), "-ldl")
    finding = the_finding(check_binary(host, {"LD_LIBRARY_PATH": "/"}), "HF180")

    assert finding.verdict is Verdict.WARNING
    assert finding.evidence == ("holdfast_process_v1 is not exported",)
    assert finding.fix == "link again with $(holdfast config --ldflags), which exports it"


def test_an_old_cpp_library_is_named(tmp_path: Path, build: PythonBuild) -> None:
    """Row 20: the rpath leads to a very old libstdc++, as in some conda environments."""
    old = compile_cpp(
        tmp_path / "libstdc++.so.6",
        'const char *version = "GLIBCXX_3.4.11";\n',
        "-shared", "-fPIC", "-nostdlib", "-Wl,-soname,libstdc++.so.6",
    )  # fmt: skip
    host = compile_cpp(
        tmp_path / "host",
        "#include <Python.h>\n#include <iostream>\n"
        'int main() { Py_Initialize(); std::cout << 1.5 << "GLIBCXX_3.4.99"; }\n',
        *options(build),
        f"-Wl,-rpath,{tmp_path}",
    )
    finding = the_finding(check_binary(host, {}), "HF170")

    assert finding.title.endswith("GLIBCXX_3.4.99 is missing")
    assert finding.evidence == (f"{old} ends with GLIBCXX_3.4.11, found by RUNPATH",)
    assert finding.fix


def test_a_text_file_is_wrong_use(tmp_path: Path) -> None:
    """Exit status 2 and the toolchain's code; this is not a finding."""
    text = tmp_path / "host.sh"
    text.write_text("#!/bin/sh\n")
    done = subprocess.run(
        [sys.executable, "-m", "pyholdfast", "doctor", text],
        cwd=paths.PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith(f"HF113 cannot read '{text}'")


def test_a_program_without_python_is_left_alone() -> None:
    """There is nothing to examine, and nothing is wrong."""
    status, findings = doctor("/bin/cat")

    assert status == 0
    assert [finding.verdict for finding in findings] == [Verdict.SKIPPED]
